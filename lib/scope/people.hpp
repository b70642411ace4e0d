#pragma once
/// How many people stand behind identifiers, of which nothing is kept but keyed hashes.

#include <array>
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

/// Gives tokens the numbers 0, 1, 2 ... in the order in which they come. 25 to 31 bytes a token.
class TokenNumbers {
 public:
  /// Its number, and whether it is new.
  std::pair<std::uint32_t, bool> add(const Token& token);
  [[nodiscard]] std::size_t size() const { return tokens_.size(); }
  /// Those given a number, in its order; nothing stays.
  std::vector<Token> release();

  /// The token will be added soon: brings nearer where it begins to look for it ...
  void prefetch_slot(const Token& token) const;
  /// ... and, some time later, the token that it finds there.
  void prefetch_token(const Token& token) const;

 private:
  void grow();

  std::vector<Token> tokens_;
  std::vector<std::uint32_t> slots_;  ///< open addressing: number + 1, or 0
};

/// Numbers by pairs of numbers.
class PairNumbers {
 public:
  /// What (left, right) was given before, and false; or else `number`, which it is given now.
  std::pair<std::uint32_t, bool> add(std::uint32_t left, std::uint32_t right, std::uint32_t number);

 private:
  struct Slot {
    std::uint32_t left = 0;
    std::uint32_t right = 0;
    std::uint32_t number = none;
  };
  static constexpr std::uint32_t none = UINT32_MAX;

  Slot& slot(std::uint32_t left, std::uint32_t right);
  void grow();

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

/// What is linked, directly or by others: a forest (Tarjan). Nodes are 0, 1, 2 ...
class Links {
 public:
  void add();
  /// Whether they were not linked yet.
  bool link(std::uint32_t left, std::uint32_t right);
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(parents_.size()); }

 private:
  std::uint32_t root(std::uint32_t node);

  std::vector<std::uint32_t> parents_;
};

/// What has been counted of some records; see Cell in count.hpp for what it means.
struct People {
  std::uint64_t records = 0;
  std::uint64_t nameless = 0;  ///< records without an identifier
  std::uint64_t groups = 0;    ///< of linked identifiers
  std::uint64_t sets = 0;      ///< of identifiers, distinct, not empty

  [[nodiscard]] std::uint64_t exposures() const { return records - nameless; }
  [[nodiscard]] std::uint64_t lower() const { return groups == 0 && nameless > 0 ? 1 : groups; }
  [[nodiscard]] std::uint64_t upper() const { return sets + nameless; }
};

/// The identifiers of a record, by numbers.
struct Identified {
  std::vector<std::uint32_t> identifiers;  ///< each once; none: nobody is named
  std::uint32_t set = 0;                   ///< of two or more identifiers
};

/// The people of a tenant.
class TenantPeople {
 public:
  /// tokens: of one record, in any order; one may be there twice. `found` is overwritten.
  void add(std::span<const Token> tokens, Identified& found);
  [[nodiscard]] const People& people() const { return people_; }
  [[nodiscard]] const TokenNumbers& numbers() const { return numbers_; }
  std::vector<Token> release() { return numbers_.release(); }

 private:
  People people_;
  TokenNumbers numbers_;
  Links links_;
  std::vector<bool> alone_;  ///< whether the identifier has been seen without others
  TokenNumbers larger_sets_;
};

/// The people of a tenant, country by country: an identifier is a node in each country it appears
/// in, and nodes of different countries are never linked. Nearly all identifiers appear in one
/// country only, so the first is written down beside each, and only others are looked up.
class CountryPeople {
 public:
  /// found: by TenantPeople, whose numbers come in ascending order. country: 0, 1, 2 ...; the
  /// first time in ascending order too.
  void add(const Identified& found, std::uint32_t country);
  [[nodiscard]] const People& people(std::uint32_t country) const { return people_[country]; }

 private:
  struct Home {
    std::uint32_t country;
    std::uint32_t node;
  };

  std::uint32_t node_of(std::uint32_t identifier, std::uint32_t country);
  bool is_new_set(std::uint32_t set, std::uint32_t country);

  std::vector<People> people_;
  std::vector<Home> homes_;  ///< of identifiers
  PairNumbers abroad_;       ///< nodes of identifiers in other countries
  Links links_;
  std::vector<bool> alone_;              ///< by node
  std::vector<std::uint32_t> set_home_;  ///< the first country of sets
  PairNumbers sets_abroad_;
};

}  // namespace trackier::scope
