#pragma once
/// Base64 of either alphabet (RFC 4648, sections 4 and 5), with padding and without.

#include <optional>
#include <string>
#include <string_view>

namespace trackier::anonymize {

struct Base64 {
  std::string bytes;
  bool url = false;     ///< with - and _ in the place of + and /
  bool padded = false;  ///< with = at the end where there is room for it
};

/// None for what is none: other characters, both alphabets at once, a length that none has, bits
/// behind the last byte that are not zero.
std::optional<Base64> decode_base64(std::string_view text);

/// Appends `bytes` written as `like` was.
void append_base64(std::string_view bytes, const Base64& like, std::string& out);

/// Whether it is UTF-8 without control characters other than tabulators and line ends.
bool is_plain_text(std::string_view bytes);

}  // namespace trackier::anonymize
