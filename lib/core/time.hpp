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

/// What a calendar and a clock on the wall show, wherever that is.
using LocalTime = std::chrono::local_seconds;

/// A moment, and how far the clock of who wrote it down was ahead of UTC.
struct Moment {
  Time time;
  std::chrono::seconds offset{};

  friend bool operator==(const Moment&, const Moment&) = default;
};

/// "2026-11-28T04:17:31+05:30", "Z" for an offset of nothing.
std::string to_rfc3339(const Moment& moment);

/// RFC 3339 with any offset; fractions of a second are cut off. None for text without offset, a day
/// that is not in the calendar, a leap second, and what is no such text at all.
std::optional<Moment> parse_moment(std::string_view text);

/// "2026-11-28 04:17" or "2026-11-28T04:17:31": without offset.
std::optional<LocalTime> parse_local_time(std::string_view text);

/// "2026-11-28".
std::optional<std::chrono::year_month_day> parse_day(std::string_view text);
std::string to_text(std::chrono::year_month_day day);

/// For people: "28 Nov 2026 04:17:31".
std::string to_text(LocalTime time);

}  // namespace trackier
