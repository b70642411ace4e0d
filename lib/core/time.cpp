#include "core/time.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "core/error.hpp"

namespace trackier {
namespace {

constexpr std::string_view shape_of_day = "0000-00-00";  // 0: a digit
constexpr std::string_view shape_of_minutes = "00:00";
constexpr std::string_view shape_of_seconds = "00:00:00";
constexpr std::string_view digits = "0123456789";

bool has_shape(std::string_view text, std::string_view shape) {
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
  const auto moment = parse_moment(text);
  const bool is_utc =
      moment && moment->offset.count() == 0;  // others may be of the year before 0000
  return is_utc && text == to_rfc3339(moment->time) ? std::optional{moment->time} : std::nullopt;
}

std::string to_rfc3339(const Moment& moment) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(moment.offset);
  std::string text = to_rfc3339(moment.time + minutes);
  if (minutes.count() != 0) {
    text.pop_back();
    text += fmt::format("{}{:02}:{:02}", minutes.count() < 0 ? '-' : '+',
                        std::abs(minutes.count()) / 60, std::abs(minutes.count()) % 60);
  }
  return text;
}

std::optional<Moment> parse_moment(std::string_view text) {
  constexpr std::size_t before_offset = std::string_view{"0000-00-00T00:00:00"}.size();
  constexpr std::string_view shape_of_offset = shape_of_minutes;
  if (text.size() <= before_offset || (text[10] != 'T' && text[10] != 't' && text[10] != ' ')) {
    return std::nullopt;
  }
  const auto local = parse_local_time(text.substr(0, before_offset));
  std::string_view rest = text.substr(before_offset);
  if (rest.front() == '.') {
    const std::size_t end = std::min(rest.find_first_not_of(digits, 1), rest.size());
    if (end == 1) {
      return std::nullopt;
    }
    rest.remove_prefix(end);
  }
  if (!local) {
    return std::nullopt;
  }
  const Time unshifted{local->time_since_epoch()};
  if (rest == "Z" || rest == "z") {
    return Moment{unshifted, {}};
  }
  if (rest.empty() || (rest.front() != '+' && rest.front() != '-') ||
      !has_shape(rest.substr(1), shape_of_offset) || number(rest, 1, 2) > 23 ||
      number(rest, 4, 2) > 59) {
    return std::nullopt;
  }
  const std::chrono::seconds ahead =
      std::chrono::hours{number(rest, 1, 2)} + std::chrono::minutes{number(rest, 4, 2)};
  const auto offset = rest.front() == '-' ? -ahead : ahead;
  return Moment{unshifted - offset, offset};
}

std::optional<LocalTime> parse_local_time(std::string_view text) {
  constexpr std::size_t clock_at = shape_of_day.size() + 1;
  const auto day = parse_day(text.substr(0, shape_of_day.size()));
  if (!day || text.size() <= clock_at ||
      (text[clock_at - 1] != 'T' && text[clock_at - 1] != 't' && text[clock_at - 1] != ' ')) {
    return std::nullopt;
  }
  const std::string_view clock = text.substr(clock_at);
  const bool has_seconds = has_shape(clock, shape_of_seconds);
  if (!has_seconds && !has_shape(clock, shape_of_minutes)) {
    return std::nullopt;
  }
  const std::chrono::hours hours{number(clock, 0, 2)};
  const std::chrono::minutes minutes{number(clock, 3, 2)};
  const std::chrono::seconds seconds{has_seconds ? number(clock, 6, 2) : 0};
  if (hours.count() > 23 || minutes.count() > 59 || seconds.count() > 59) {
    return std::nullopt;
  }
  return std::chrono::local_days{*day} + hours + minutes + seconds;
}

std::optional<std::chrono::year_month_day> parse_day(std::string_view text) {
  if (!has_shape(text, shape_of_day)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day day{
      std::chrono::year{number(text, 0, 4)},
      std::chrono::month{static_cast<unsigned>(number(text, 5, 2))},
      std::chrono::day{static_cast<unsigned>(number(text, 8, 2))}};
  return day.ok() ? std::optional{day} : std::nullopt;
}

std::string to_text(std::chrono::year_month_day day) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

std::string to_text(LocalTime time) {
  constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  return fmt::format("{} {} {} {:02}:{:02}:{:02}", static_cast<unsigned>(date.day()),
                     months.at(static_cast<unsigned>(date.month()) - 1),
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

}  // namespace trackier
