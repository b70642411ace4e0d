#pragma once
/// Text in HTML and SVG. Of interest inside this area only.

#include <string>
#include <string_view>

namespace trackier::report {

/// For content and for attributes in quotes.
std::string escaped(std::string_view text);

/// For content alone, so that JSON stays half as large; and back.
std::string escaped_data(std::string_view text);
std::string unescaped_data(std::string_view text);

/// "2026-11-26 10:00 UTC" of an RFC 3339 time; as it is when it is none.
std::string time_for_people(std::string_view rfc3339);

/// "not applicable" of "not_applicable".
std::string word_for_people(std::string_view word);

}  // namespace trackier::report
