#pragma once
/// How many people stand behind identifiers, of which nothing is kept but keyed hashes.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/mac.hpp"

namespace trackier::scope {

/// The first 16 bytes of the HMAC-SHA-256 of an identifier under the key of the incident. Random to
/// everybody who does not have the key.
using Token = std::array<std::byte, 16>;

/// None for an identifier that is empty, and so identifies nobody. What contains an @ is taken
/// without white space around it and with small ASCII letters. room: for working in, kept from call
/// to call.
std::optional<Token> token_of(const crypto::MacKey& key, std::string_view identifier,
                              std::string& room);

/// Gives tokens the numbers 0, 1, 2 ... in the order in which they come. About 28 bytes a token.
class TokenNumbers {
 public:
  /// Its number, and whether it is new.
  std::pair<std::uint32_t, bool> add(const Token& token);
  [[nodiscard]] std::size_t size() const { return tokens_.size(); }
  /// Those given a number, in its order; nothing stays.
  std::vector<Token> release();

 private:
  void grow();

  std::vector<Token> tokens_;
  std::vector<std::uint32_t> slots_;  ///< open addressing: number + 1, or 0
};

/// The same for numbers.
class Renumbering {
 public:
  std::pair<std::uint32_t, bool> add(std::uint32_t key);
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Slot {
    std::uint32_t key = 0;
    std::uint32_t number = none;
  };
  static constexpr std::uint32_t none = UINT32_MAX;

  Slot& slot(std::uint32_t key);
  void grow();

  std::vector<Slot> slots_;
  std::uint32_t size_ = 0;
};

/// Which identifiers are linked, directly or by others: a forest (Tarjan), with the number of its
/// trees. Identifiers are 0, 1, 2 ...
class Links {
 public:
  void add();
  void link(std::uint32_t left, std::uint32_t right);
  [[nodiscard]] std::uint64_t groups() const { return groups_; }

 private:
  std::uint32_t root(std::uint32_t identifier);

  std::vector<std::uint32_t> parents_;
  std::uint64_t groups_ = 0;
};

/// The bounds of a set of records; see Cell in count.hpp for what they mean.
class Bounds {
 public:
  [[nodiscard]] std::uint64_t lower() const;
  [[nodiscard]] std::uint64_t upper() const { return sets_ + nameless_; }
  [[nodiscard]] std::uint64_t records() const { return records_; }
  [[nodiscard]] std::uint64_t exposures() const { return records_ - nameless_; }

 protected:
  std::uint64_t records_ = 0;
  std::uint64_t groups_ = 0;
  std::uint64_t sets_ = 0;
  std::uint64_t nameless_ = 0;  ///< records without an identifier
};

/// What TenantPeople found in a record, by numbers.
struct Identified {
  std::vector<std::uint32_t> identifiers;  ///< each once; none: nobody is named
  std::uint32_t set = 0;                   ///< of two or more identifiers
};

/// The people of a tenant.
class TenantPeople : public Bounds {
 public:
  /// tokens: of one record, in any order; one may be there twice. `found` is overwritten.
  void add(std::span<const Token> tokens, Identified& found);
  std::vector<Token> release() { return numbers_.release(); }

 private:
  TokenNumbers numbers_;
  Links links_;
  std::vector<bool> alone_;  ///< whether the identifier has been seen without others
  TokenNumbers larger_sets_;
};

/// The people of a tenant in a country, in terms of the tenant's numbers.
class CountryPeople : public Bounds {
 public:
  void add(const Identified& found);

 private:
  Renumbering numbers_;
  Links links_;
  std::vector<bool> alone_;
  Renumbering larger_sets_;
};

}  // namespace trackier::scope
