#include "core/period.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace trackier {
namespace {

std::string named(PeriodUnit unit, std::string_view time) {
  return to_text(period_of(unit, *parse_rfc3339(time)));
}

}  // namespace

TEST_CASE("a moment is in one day, one week of ISO 8601 and one month") {
  CHECK(named(PeriodUnit::day, "2026-11-27T23:59:59Z") == "2026-11-27");
  CHECK(named(PeriodUnit::day, "2024-02-29T00:00:00Z") == "2024-02-29");
  CHECK(named(PeriodUnit::day, "1969-12-31T23:59:59Z") == "1969-12-31");
  CHECK(named(PeriodUnit::month, "2024-02-29T12:00:00Z") == "2024-02");
  CHECK(named(PeriodUnit::month, "1969-12-31T23:59:59Z") == "1969-12");
  CHECK(named(PeriodUnit::week, "2026-11-27T12:00:00Z") == "2026-W48");
  // The new year begins within a week, which is of the year that most of it is in.
  CHECK(named(PeriodUnit::week, "2021-01-03T23:59:59Z") == "2020-W53");
  CHECK(named(PeriodUnit::week, "2021-01-04T00:00:00Z") == "2021-W01");
  CHECK(named(PeriodUnit::week, "2024-12-30T00:00:00Z") == "2025-W01");
  CHECK(named(PeriodUnit::week, "1970-01-01T00:00:00Z") == "1970-W01");
}

TEST_CASE("periods follow one another without a gap, and are found by their names") {
  rc::check([] {
    const auto unit = *rc::gen::element(PeriodUnit::day, PeriodUnit::week, PeriodUnit::month);
    const Time time{
        std::chrono::seconds{*rc::gen::inRange<std::int64_t>(-1'000'000'000, 9'000'000'000)}};
    const Period period = period_of(unit, time);
    const Period after{.unit = unit, .number = period.number + 1};
    RC_ASSERT(begin_of(period) <= time);
    RC_ASSERT(time < begin_of(after));
    RC_ASSERT(period_of(unit, begin_of(period)) == period);
    RC_ASSERT(period_of(unit, begin_of(after)) == after);
    RC_ASSERT(parse_period(to_text(period)) == std::optional{period});
  });
}

TEST_CASE("what is no name of a period is refused") {
  for (const std::string_view text :
       {"",         "2026",     "2026-",    "2026-1",   "2026-00", "2026-13",  "2026-11-31",
        "2026-W00", "2026-W54", "2025-W53", "2026-w48", "2026-W4", "2026-W-1", "2026-W481",
        "26-11",    "2026-11 ", " 2026-11", "2026-+1",  "-026-11", "2026/11"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_period(text));
  }
  CHECK(parse_period("2020-W53"));
}

}  // namespace trackier
