#pragma once
/// UTF-16 and UTF-32, in which the detectors would see nothing: ASCII characters with zeros
/// between.

#include <cstddef>
#include <optional>
#include <string_view>

namespace trackier::anonymize {

/// Where six or more characters of ASCII in UTF-16 or UTF-32 begin, of either byte order, or the
/// byte behind that; also behind other text. None where zeros stand alone, or in a row.
std::optional<std::size_t> wide_characters_in(std::string_view text);

/// The line of `text` that `place` is in, from 1.
std::size_t line_of(std::string_view text, std::size_t place);

/// Throws Error{Code::data} for UTF-16 and UTF-32 text in `beginning`, that of the input, with a
/// byte order mark or without.
void refuse_wide_characters(std::string_view beginning);

/// What is thrown of text in the middle of the input. line: where it begins, from 1.
[[noreturn]] void refuse_wide_line(std::size_t line);

}  // namespace trackier::anonymize
