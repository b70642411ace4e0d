#pragma once
/// Tokens, passwords and everything else that a key before it gives away.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "anonymize/field_names.hpp"
#include "anonymize/match.hpp"

namespace trackier::anonymize {

/// A JSON Web Token (RFC 7519, compact form; also cut short) whose "eyJ" ends at `at`.
std::optional<Match> jwt_at(std::string_view text, std::size_t at);

/// The token behind "Bearer " (RFC 6750) whose 'B' is at `at`.
std::optional<Match> bearer_at(std::string_view text, std::size_t at);

/// What a search for values behind keys has to know.
struct KeyedSearch {
  const PerKind<bool>& detect;  ///< values of other kinds are not looked for
  KindsOfKeys& kind_of;
  /// The text is JSON: a quote without a backslash before it begins or ends a string of the record,
  /// and no value reaches over it.
  bool json_structure = false;
  /// Of decoded text: DecodedRegion::depths(). What was encoded more often than the '=' or the
  /// quote before a value does not end it.
  std::span<const std::uint8_t> depths;

  [[nodiscard]] unsigned depth(std::size_t at) const {
    return at < depths.size() ? depths[at] : 0U;
  }
};

/// The value behind `key=`, the '=' at `at`, where the key is a well-known field name: to the end
/// of a quoted string, or to white space or a delimiter. In the query of a URL ("?key=") fewer
/// characters are delimiters.
std::optional<Match> assigned_at(std::string_view text, std::size_t at, const KeyedSearch& search);

/// The value behind `key: ` or `"key":"`, the byte behind the colon at `at`. In running text only
/// secrets are announced so; a quoted key announces every kind.
std::optional<Match> announced_at(std::string_view text, std::size_t at, const KeyedSearch& search);

/// Whether `text` is what a redaction leaves behind: "[email]", "[unparsed record]".
bool is_redaction(std::string_view text);

}  // namespace trackier::anonymize
