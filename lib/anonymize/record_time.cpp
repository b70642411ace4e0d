#include "anonymize/record_time.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "anonymize/characters.hpp"
#include "anonymize/digits.hpp"

namespace trackier::anonymize {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 12> month_names{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 18> names_of_times{
    "@timestamp",    "asctime",   "created_at",         "date",        "datetime",     "event_time",
    "eventtime",     "logged_at", "request_time_local", "time",        "time_iso8601", "time_local",
    "timegenerated", "timestamp", "timestamp_ms",       "timestampms", "ts",           "_time"};
constexpr std::size_t longest_name = 18;

/// Reads from left to right.
class Reader {
 public:
  Reader(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  [[nodiscard]] char next() const { return character::at(text_, at_); }
  [[nodiscard]] std::size_t at() const { return at_; }

  bool take(char c) {
    if (next() != c || at_ == text_.size()) {
      return false;
    }
    ++at_;
    return true;
  }

  bool take_one_of(std::string_view letters) {
    return at_ < text_.size() && letters.find(next()) != std::string_view::npos && take(next());
  }

  /// Exactly so many digits, behind which there is none.
  std::optional<int> number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = character::at(text_, at_ + i);
      if (!character::is_digit(c)) {
        return std::nullopt;
      }
      value = value * 10 + (c - '0');
    }
    if (character::is_digit(character::at(text_, at_ + digits))) {
      return std::nullopt;
    }
    at_ += digits;
    return value;
  }

  /// 1 to 12, of a name of three letters in any case.
  std::optional<int> month() {
    const std::string_view name = text_.substr(std::min(at_, text_.size()), 3);
    for (std::size_t i = 0; i < month_names.size() && name.size() == 3; ++i) {
      if (std::ranges::equal(name, month_names[i], [](char a, char b) {
            return (static_cast<unsigned char>(a) | 0x20U) == static_cast<unsigned char>(b);
          })) {
        at_ += 3;
        return static_cast<int>(i) + 1;
      }
    }
    return std::nullopt;
  }

 private:
  std::string_view text_;
  std::size_t at_;
};

struct Clock {
  std::chrono::seconds since_midnight{};
  std::chrono::minutes ahead{};  ///< of UTC
};

/// "22:47:31" or "22:47:31.123456"
std::optional<std::chrono::seconds> wall_clock(Reader& reader) {
  const auto hours = reader.number(2);
  if (!hours || !reader.take(':')) {
    return std::nullopt;
  }
  const auto minutes = reader.number(2);
  if (!minutes || !reader.take(':')) {
    return std::nullopt;
  }
  const auto seconds = reader.number(2);
  if (!seconds || *hours > 23 || *minutes > 59 || *seconds > 60) {
    return std::nullopt;
  }
  Reader behind = reader;
  if (behind.take_one_of(".,") && character::is_digit(behind.next())) {
    while (character::is_digit(behind.next())) {
      behind.take(behind.next());
    }
    reader = behind;
  }
  return std::chrono::hours{*hours} + std::chrono::minutes{*minutes} +
         std::chrono::seconds{*seconds};
}

/// "Z", "+05:30" or "-0500", behind a blank or not; UTC where there is none.
std::chrono::minutes zone(Reader reader) {
  reader.take(' ');
  const bool west = reader.next() == '-';
  if (!reader.take_one_of("+-")) {
    return {};
  }
  int hours = 0;
  int minutes = 0;
  if (const auto both = reader.number(4)) {
    hours = *both / 100;
    minutes = *both % 100;
  } else if (const auto first = reader.number(2)) {
    hours = *first;
    minutes = reader.take(':') ? reader.number(2).value_or(0) : 0;
  }
  const std::chrono::minutes ahead{hours * 60 + minutes};
  return hours > 15 || minutes > 59 ? std::chrono::minutes{} : west ? -ahead : ahead;
}

std::optional<sys_days> day_of(int year, int month, int day) {
  const year_month_day date{std::chrono::year{year},
                            std::chrono::month{static_cast<unsigned>(month)},
                            std::chrono::day{static_cast<unsigned>(day)}};
  return date.ok() && year >= 1970 ? std::optional{sys_days{date}} : std::nullopt;
}

/// The clock behind a day, if there is one.
Time with_clock(sys_days day, Reader reader, std::string_view dividers) {
  Reader behind = reader;
  if (behind.take_one_of(dividers)) {
    if (const auto clock = wall_clock(behind)) {
      return day + *clock - zone(behind);
    }
  }
  return day;
}

/// "2026-11-27T22:47:31.5+05:30", "2026/11/27 22:47:31", "2026-11-27"
std::optional<Time> year_first(std::string_view text, std::size_t at) {
  Reader reader{text, at};
  const auto year = reader.number(4);
  const char divider = reader.next();
  if (!year || !reader.take_one_of("-/")) {
    return std::nullopt;
  }
  const auto month = reader.number(2);
  if (!month || !reader.take(divider)) {
    return std::nullopt;
  }
  const auto date = reader.number(2);
  const auto day = date ? day_of(*year, *month, *date) : std::nullopt;
  if (!day || reader.next() == divider) {
    return std::nullopt;
  }
  return with_clock(*day, reader, "Tt \t_");
}

/// "20261127T224731Z"
std::optional<Time> compact(std::string_view text, std::size_t at) {
  Reader reader{text, at};
  const auto date = reader.number(8);
  if (!date || !reader.take('T')) {
    return std::nullopt;
  }
  const auto clock = reader.number(6);
  const auto day = day_of(*date / 10'000, *date / 100 % 100, *date % 100);
  if (!clock || !day || *clock / 10'000 > 23 || *clock / 100 % 100 > 59 || *clock % 100 > 60) {
    return std::nullopt;
  }
  return *day + std::chrono::hours{*clock / 10'000} + std::chrono::minutes{*clock / 100 % 100} +
         std::chrono::seconds{*clock % 100} - zone(reader);
}

/// "27/Nov/2026:22:47:31 +0530", "27-Nov-2026 22:47:31", "27 Nov 2026 22:47:31 +0000"
std::optional<Time> day_first(std::string_view text, std::size_t at, std::size_t digits) {
  Reader reader{text, at};
  const auto date = reader.number(digits);
  const char divider = reader.next();
  if (!date || !reader.take_one_of("/- ")) {
    return std::nullopt;
  }
  const auto month = reader.month();
  if (!month || !reader.take(divider)) {
    return std::nullopt;
  }
  const auto year = reader.number(4);
  const auto day = year ? day_of(*year, *month, *date) : std::nullopt;
  if (!day) {
    return std::nullopt;
  }
  return with_clock(*day, reader, ": ");
}

/// "Nov 27 22:47:31" and "Nov 27 22:47:31 2026", of which the number of the day is at `at`.
std::optional<Time> month_first(std::string_view text, std::size_t at, std::size_t digits,
                                const TimeReference& reference) {
  std::size_t name_end = at;
  while (name_end > 0 && text[name_end - 1] == ' ' && at - name_end < 2) {
    --name_end;
  }
  if (name_end == at || name_end < 3) {
    return std::nullopt;
  }
  const auto month = Reader{text, name_end - 3}.month();
  Reader reader{text, at};
  const auto date = reader.number(digits);
  if (!month || !date || !reader.take(' ')) {
    return std::nullopt;
  }
  const auto clock = wall_clock(reader);
  if (!clock) {
    return std::nullopt;
  }
  if (reader.take(' ')) {
    if (const auto year = reader.number(4)) {
      const auto day = day_of(*year, *month, *date);
      return day ? std::optional<Time>{*day + *clock} : std::nullopt;
    }
  }
  const int year =
      int{year_month_day{std::chrono::floor<std::chrono::days>(reference.nearest)}.year()};
  std::optional<Time> nearest;
  for (const int each : {year - 1, year, year + 1}) {
    if (const auto day = day_of(each, *month, *date)) {
      const Time time = *day + *clock;
      if (time <= reference.latest &&
          (!nearest || std::chrono::abs(time - reference.nearest) <
                           std::chrono::abs(*nearest - reference.nearest))) {
        nearest = time;
      }
    }
  }
  return nearest;
}

bool is_name_of_time(std::string_view name) {
  return name.size() <= longest_name &&
         std::ranges::any_of(names_of_times, [name](std::string_view each) {
           return std::ranges::equal(name, each, [](char a, char b) {
             return a == b || (a >= 'A' && a <= 'Z' && a + ('a' - 'A') == b);
           });
         });
}

/// Whether the number begins the record and has a fraction, as squid and Zeek write times, or
/// stands behind the name of a time: ts=, "ts":
bool is_announced(std::string_view text, std::size_t at, std::size_t digits) {
  const auto before = [&](char c) { return at > 0 && text[at - 1] == c; };
  if (at == 0) {
    return character::at(text, digits) == '.' &&
           character::is_digit(character::at(text, digits + 1));
  }
  at -= before('"') ? 1U : 0U;
  while (before(' ')) {
    --at;
  }
  if (!before('=') && !before(':')) {
    return false;
  }
  --at;
  while (before(' ')) {
    --at;
  }
  at -= before('"') ? 1U : 0U;
  std::size_t begin = at;
  while (
      begin > 0 && at - begin <= longest_name &&
      (character::is_alnum(text[begin - 1]) || text[begin - 1] == '_' || text[begin - 1] == '@')) {
    --begin;
  }
  return is_name_of_time(text.substr(begin, at - begin));
}

/// The time that begins with the number at `at`.
std::optional<Time> time_at(std::string_view text, std::size_t at, std::size_t digits,
                            const TimeReference& reference) {
  std::optional<Time> time;
  if (digits == 4) {
    time = year_first(text, at);
  } else if (digits == 8) {
    time = compact(text, at);
  } else if (digits <= 2) {
    const char behind = character::at(text, at + digits);
    if (behind == '/' || behind == '-' || behind == ' ') {
      time = day_first(text, at, digits);
    }
    if (!time && behind == ' ' && at > 0 && text[at - 1] == ' ') {
      time = month_first(text, at, digits, reference);
    }
  } else if (digits >= 10 && is_announced(text, at, digits)) {
    if (const auto seconds = unix_seconds(text.substr(at, digits))) {
      time = Time{std::chrono::seconds{*seconds}};
    }
  }
  return time && *time <= reference.latest ? time : std::nullopt;
}

/// The first time that begins in [from, to).
std::optional<Time> first_time(std::string_view text, std::size_t from, std::size_t to,
                               const TimeReference& reference) {
  for (std::size_t at = from; at < to; ++at) {
    if (!character::is_digit(text[at])) {
      continue;
    }
    std::size_t end = at + 1;
    while (end < text.size() && character::is_digit(text[end])) {
      ++end;
    }
    const bool in_word = at > 0 && character::is_alnum(text[at - 1]);
    if (!in_word) {
      if (const auto time = time_at(text, at, end - at, reference)) {
        return time;
      }
    }
    at = end - 1;
  }
  return std::nullopt;
}

/// The value of the first member whose name is one of a time.
std::optional<Time> named_time(std::string_view record, const TimeReference& reference) {
  constexpr std::size_t longest_time = 40;
  for (std::size_t colon = record.find(':'); colon != std::string_view::npos;
       colon = record.find(':', colon + 1)) {
    std::size_t name_end = colon;
    while (name_end > 0 && record[name_end - 1] == ' ') {
      --name_end;
    }
    if (name_end < 2 || record[name_end - 1] != '"' || record[name_end - 2] == '\\') {
      continue;
    }
    --name_end;
    const std::size_t least = name_end - std::min(name_end, longest_name + 1);
    const std::string_view before = record.substr(least, name_end - least);
    const std::size_t quote = before.rfind('"');
    if (quote == std::string_view::npos || !is_name_of_time(before.substr(quote + 1))) {
      continue;
    }
    std::size_t value = colon + 1;
    while (value < record.size() && (record[value] == ' ' || record[value] == '"')) {
      ++value;
    }
    const std::size_t end = std::min(record.size(), value + longest_time);
    const std::size_t value_end = std::min(record.find_first_of("\",}\n", value), end);
    if (const auto time = first_time(record, value, value_end, reference)) {
      return time;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Time> time_of_record(std::string_view record, bool json,
                                   const TimeReference& reference) {
  if (json) {
    if (const auto time = named_time(record, reference)) {
      return time;
    }
  }
  return first_time(record, 0, record.size(), reference);
}

}  // namespace trackier::anonymize
