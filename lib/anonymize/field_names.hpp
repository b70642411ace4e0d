#pragma once
/// Names that announce a personal value, whatever the format: JSON keys, CSV headers, logfmt keys,
/// query parameters, header lines. trackier-ctl-anonymize(1), FIELD NAMES, lists them.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "anonymize/kind.hpp"

namespace trackier::anonymize {

/// The kind of value behind this name; none for other names. Letter case, `_`, `-`, `.` and
/// spaces do not count: "User-Agent" is no name, "X-Api-Key", "x_api_key" and "xApiKey" are one.
std::optional<Kind> kind_of_field(std::string_view name);

/// kind_of_field() of a key, or else of what stands behind its last dot ("headers.authorization").
/// Remembers what it said of some keys: those of a log are few. One per thread.
class KindsOfKeys {
 public:
  std::optional<Kind> operator()(std::string_view key);

 private:
  static constexpr std::size_t places = 64;
  struct Remembered {
    std::string key;
    std::optional<Kind> kind;
  };
  std::array<Remembered, places> remembered_;
};

/// Whether a member of that name is a part of its object's name: {"name": {"first": ..., "last":
/// ...}}.
bool is_part_of_name(std::string_view name);

/// Kinds that a colon in running text announces ("password: x"); names and ids would be too many
/// there.
bool announced_in_text(Kind kind);

}  // namespace trackier::anonymize
