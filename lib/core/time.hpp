#pragma once
/// Moments, to the second, and how files and messages write them: RFC 3339 in UTC.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace trackier {

using Time = std::chrono::sys_seconds;

/// "2026-11-25T09:30:00Z". Throws Error{Code::bug} for a year before 0000 or after 9999.
std::string to_rfc3339(Time time);

/// None for anything that to_rfc3339() would not write: another offset than "Z", small letters,
/// fractions, a day that is not in the calendar, a leap second.
std::optional<Time> parse_rfc3339(std::string_view text);

}  // namespace trackier
