#pragma once
/// The text of JSON strings (RFC 8259, section 7), without the quotes around it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trackier::anonymize {

/// What the string says: escapes undone. An escape that is none, or half a surrogate pair, stays as
/// written.
std::string json_unescaped(std::string_view text);

/// The same; places: where each byte of it began in `text`, and behind the last one text.size().
std::string json_unescaped(std::string_view text, std::vector<std::uint32_t>& places);

/// `text` as it must stand in a JSON string: quotes, backslashes and control characters escaped;
/// bytes outside ASCII as they are.
void append_json_escaped(std::string_view text, std::string& out);

}  // namespace trackier::anonymize
