#pragma once
/// What a worker does with a stretch of a log, before the counts come together.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "crypto/mac.hpp"
#include "scope/access_line.hpp"
#include "scope/count.hpp"
#include "scope/json_scanner.hpp"

namespace trackier::scope {

/// A request, made ready. Thread-safe.
class Plan {
 public:
  /// Throws Error{Code::usage}.
  Plan(Request request, const crypto::Secret& key);

  static constexpr std::size_t unwanted = SIZE_MAX;

  Request request;
  std::vector<std::string> fields;  ///< those of the expression come first
  std::vector<std::size_t> person_fields;
  std::size_t tenant_field;   ///< or unwanted
  std::size_t country_field;  ///< or unwanted
  std::size_t time_field;
  crypto::MacKey key;
  JsonScanner json;
  AccessLineReader access;

 private:
  std::size_t number_of(const std::string& field, std::string_view option);
};

/// What was found in some lines.
struct Findings {
  struct Group {
    std::string tenant;
    std::string country;
  };
  struct Match {
    std::uint32_t group;
    std::uint32_t tokens;  ///< so many, behind those of the matches before
  };

  void clear();

  std::uint64_t lines = 0;
  std::uint64_t blank = 0;
  std::uint64_t unparsed = 0;
  std::uint64_t untimed = 0;
  std::uint64_t untimed_exposed = 0;
  std::uint64_t outside_window = 0;
  std::vector<Group> groups;
  std::vector<Match> matches;
  std::vector<Token> tokens;
};

/// Not thread-safe: one a worker.
class LineReader {
 public:
  /// plan must outlive it.
  explicit LineReader(const Plan& plan) : plan_(plan), record_(plan.fields.size()) {}

  /// text: whole lines; the last may lack its end. `into` is overwritten.
  void read(std::string_view text, Findings& into);

 private:
  void read_line(std::string_view line, Findings& into);
  void match(Findings& into);
  void add_token(std::string_view identifier, Findings& into);
  std::uint32_t group(Findings& into);

  const Plan& plan_;
  Record record_;
  std::string room_;  ///< a key of groups_, or an address in small letters
  std::unordered_map<std::string, std::uint32_t> groups_;
};

}  // namespace trackier::scope
