#include "core/time.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/error.hpp"

namespace trackier {
namespace {

constexpr std::string_view shape = "0000-00-00T00:00:00Z";  // 0: a digit

bool has_shape(std::string_view text) {
  return std::ranges::equal(text, shape, [](char letter, char wanted) {
    return wanted == '0' ? letter >= '0' && letter <= '9' : letter == wanted;
  });
}

/// Two or four digits that are known to be digits.
int number(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  std::from_chars(text.data() + at, text.data() + at + count, value);
  return value;
}

}  // namespace

std::string to_rfc3339(Time time) {
  const auto day = date::floor<date::days>(time);
  const date::year_month_day date{day};
  const date::hh_mm_ss clock{time - day};
  const int year = static_cast<int>(date.year());
  if (!date.ok() || year < 0 || year > 9999) {
    throw Error{Code::bug, "a time that RFC 3339 cannot write"};
  }
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", year,
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<Time> parse_rfc3339(std::string_view text) {
  if (!has_shape(text)) {
    return std::nullopt;
  }
  const auto part = [text](std::size_t at) { return static_cast<unsigned>(number(text, at, 2)); };
  const date::year_month_day date{date::year{number(text, 0, 4)}, date::month{part(5)},
                                  date::day{part(8)}};
  const std::chrono::hours hours{part(11)};
  const std::chrono::minutes minutes{part(14)};
  const std::chrono::seconds seconds{part(17)};
  if (!date.ok() || hours.count() > 23 || minutes.count() > 59 || seconds.count() > 59) {
    return std::nullopt;
  }
  return date::sys_days{date} + hours + minutes + seconds;
}

}  // namespace trackier
