#include "core/period.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

#include "core/error.hpp"

namespace trackier {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::array<std::pair<PeriodUnit, std::string_view>, 3> names{
    {{PeriodUnit::day, "day"}, {PeriodUnit::week, "week"}, {PeriodUnit::month, "month"}}};

constexpr int months_a_year = 12;
constexpr int days_a_week = 7;

/// 1970-01-01 was a Thursday.
constexpr days monday_before_1970{-3};

std::int64_t months_since_1970(sys_days day) {
  const year_month_day date{day};
  return std::int64_t{int{date.year()} - 1970} * months_a_year +
         static_cast<unsigned>(date.month()) - 1;
}

sys_days first_of_month(std::int64_t number) {
  const std::chrono::year_month first{std::chrono::year{1970}, std::chrono::January};
  return sys_days{(first + std::chrono::months{number}) / 1};
}

sys_days first_day_of(const Period& period) {
  switch (period.unit) {
    case PeriodUnit::day:
      return sys_days{days{period.number}};
    case PeriodUnit::week:
      return sys_days{monday_before_1970 + days{period.number * days_a_week}};
    default:
      return first_of_month(period.number);
  }
}

/// A week is of the year that its Thursday is in (ISO 8601).
std::pair<int, std::int64_t> year_and_week(sys_days monday) {
  const sys_days thursday = monday + days{3};
  const auto year = year_month_day{thursday}.year();
  const days since = thursday - sys_days{year / 1 / 1};
  return {int{year}, since.count() / days_a_week + 1};
}

/// Digits alone, exactly so many.
std::optional<int> number_in(std::string_view text, std::size_t digits) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && text.size() == digits && text[0] != '-' ? std::optional{number} : std::nullopt;
}

std::optional<Period> week_in(int year, std::string_view text) {
  const auto week = number_in(text, 2);
  if (!week || *week < 1) {
    return std::nullopt;
  }
  const sys_days in_first_week{std::chrono::year{year} / 1 / 4};  // ISO 8601
  Period period = period_of(PeriodUnit::week, in_first_week);
  period.number += *week - 1;
  return year_and_week(first_day_of(period)).first == year ? std::optional{period} : std::nullopt;
}

}  // namespace

std::string_view name_of(PeriodUnit unit) {
  for (const auto& [each, name] : names) {
    if (each == unit) {
      return name;
    }
  }
  return {};
}

std::optional<PeriodUnit> period_unit_named(std::string_view name) {
  for (const auto& [unit, each] : names) {
    if (each == name) {
      return unit;
    }
  }
  return std::nullopt;
}

Period period_of(PeriodUnit unit, Time time) {
  const auto day = std::chrono::floor<days>(time);
  switch (unit) {
    case PeriodUnit::day:
      return {.unit = unit, .number = day.time_since_epoch().count()};
    case PeriodUnit::week: {
      const days since = day.time_since_epoch() - monday_before_1970;
      const auto weeks =
          std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<604'800>>>(since);
      return {.unit = unit, .number = weeks.count()};
    }
    default:
      return {.unit = unit, .number = months_since_1970(day)};
  }
}

Time begin_of(const Period& period) {
  return first_day_of(period);
}

std::string to_text(const Period& period) {
  const sys_days first = first_day_of(period);
  const int year = period.unit == PeriodUnit::week ? year_and_week(first).first
                                                   : int{year_month_day{first}.year()};
  if (year < 0 || year > 9999) {
    throw Error{Code::bug, "a period outside of the years 0000 to 9999 has no name"};
  }
  if (period.unit == PeriodUnit::week) {
    return fmt::format("{:04}-W{:02}", year, year_and_week(first).second);
  }
  std::string day = to_text(year_month_day{first});
  if (period.unit == PeriodUnit::month) {
    day.resize(std::string_view{"2026-11"}.size());
  }
  return day;
}

std::optional<Period> parse_period(std::string_view text) {
  if (const auto day = parse_day(text)) {
    return period_of(PeriodUnit::day, sys_days{*day});
  }
  const std::size_t dash = text.find('-');
  const auto year = number_in(text.substr(0, dash), 4);
  if (!year || dash == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view rest = text.substr(dash + 1);
  if (rest.starts_with('W')) {
    return week_in(*year, rest.substr(1));
  }
  const auto month = number_in(rest, 2);
  if (!month || *month < 1 || *month > months_a_year) {
    return std::nullopt;
  }
  return Period{.unit = PeriodUnit::month,
                .number = std::int64_t{*year - 1970} * months_a_year + *month - 1};
}

}  // namespace trackier
