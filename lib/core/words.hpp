#pragma once
/// What a value's text is to a reader: one line, and whether there is anything on it.

#include <cstddef>
#include <string>
#include <string_view>

namespace trackier {

/// The text on one line: white space of any kind (also Unicode's, such as the no-break space),
/// line breaks and control characters become single spaces; none at either end.
std::string one_line(std::string_view text);

/// Bytes of the white space or control character at `at`; 0 when it is neither.
std::size_t space_at(std::string_view text, std::size_t at);

/// Nothing but white space and control characters.
bool is_blank(std::string_view text);

/// Bytes of the well-formed UTF-8 character at `at` (RFC 3629: no surrogates, nothing overlong);
/// 0 when there is none.
std::size_t character_at(std::string_view text, std::size_t at);

bool is_utf8(std::string_view text);

/// Lower and upper case ASCII letters, digits.
bool is_alphanumeric(char character);

}  // namespace trackier
