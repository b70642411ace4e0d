#pragma once
/// What a run counted.

#include <cstdint>
#include <string>
#include <vector>

#include "anonymize/profile.hpp"

namespace trackier::anonymize {

struct Tally {
  std::uint64_t bytes_in = 0;   ///< after decompression
  std::uint64_t bytes_out = 0;  ///< before compression
  std::uint64_t lines = 0;
  std::uint64_t records = 0;      ///< lines, but for CSV with line ends in quotes
  std::uint64_t unparsed = 0;     ///< records that are not of the format
  std::uint64_t dropped = 0;      ///< records left out by a rule
  std::uint64_t without_key = 0;  ///< values of periods whose keys have been destroyed
  /// Values whose transform cannot be checked for having been applied (pseudonym); only counted by
  /// --check.
  std::uint64_t unverifiable = 0;
  /// Replaced values for each rule: the kinds in their order, then the profile's fields, then its
  /// patterns.
  std::vector<std::uint64_t> replaced;

  explicit Tally(const Profile& profile)
      : replaced(kinds + profile.fields.size() + profile.patterns.size()) {}

  Tally& operator+=(const Tally& other) {
    bytes_in += other.bytes_in;
    bytes_out += other.bytes_out;
    lines += other.lines;
    records += other.records;
    unparsed += other.unparsed;
    dropped += other.dropped;
    without_key += other.without_key;
    unverifiable += other.unverifiable;
    for (std::size_t i = 0; i < replaced.size(); ++i) {
      replaced[i] += other.replaced[i];
    }
    return *this;
  }

  void clear() {
    auto room = std::move(replaced);
    room.assign(room.size(), 0);
    *this = Tally{};
    replaced = std::move(room);
  }

 private:
  Tally() = default;
};

/// A personal value that is still there; never the value itself.
struct Finding {
  std::uint64_t line = 0;    ///< from 1
  std::uint64_t column = 0;  ///< from 1, in bytes
  std::uint16_t rule = 0;    ///< as in Tally::replaced
};

/// The name of a rule in Tally::replaced: "ipv4", "field user.email", "pattern order".
std::string rule_name(const Profile& profile, std::size_t rule);

/// What the rule does to a value.
const Transform& transform_of(const Profile& profile, std::size_t rule);

}  // namespace trackier::anonymize
