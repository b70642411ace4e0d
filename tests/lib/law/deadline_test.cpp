#include "law/deadline.hpp"

#include <doctest/doctest.h>

#include "core/error.hpp"

namespace trackier::law {
namespace {

Time at(std::string_view text) {
  return parse_moment(text).value().time;
}

Duty duty(int n, Unit unit, const char* zone, bool ends_with_day = true) {
  return {.id = "x",
          .law = {},
          .text_date = {},
          .role = {},
          .recipient = {},
          .trigger = {},
          .anchor = "aware",
          .period = Period{n, unit},
          .cap = {},
          .zone = zone,
          .ends_with_day = ends_with_day};
}

std::string due(const Duty& duty, std::string_view anchor) {
  static const Law law = shipped_law();
  const Deadline made = deadline_of(
      duty, [&](const std::string&) { return std::optional{at(anchor)}; }, law.holidays);
  CAPTURE(made.why);
  REQUIRE(made.due_at);
  CHECK(made.why.ends_with("= " + to_rfc3339(*made.due_at)));
  return to_rfc3339(*made.due_at);
}

TEST_CASE("hours pass on the line of UTC, over weekends, holidays and summer time") {
  const Duty hours = duty(72, Unit::hours, "UTC", false);
  // 25 March 2027 20:40 CET + 72 h = 28 March 21:40 CEST, the night clocks go forward.
  CHECK(due(hours, "2027-03-25T20:40:00+01:00") == to_rfc3339(at("2027-03-28T21:40:00+02:00")));
  CHECK(due(hours, "2028-02-27T12:00:00Z") == "2028-03-01T12:00:00Z");
  CHECK(due(duty(48, Unit::hours, "UTC", false), "2026-11-27T22:47:31Z") == "2026-11-29T22:47:31Z");
}

TEST_CASE("the outer limit of Regulation 1182/71 begins with the next full hour") {
  Duty hours = duty(72, Unit::hours, "UTC", false);
  hours.has_outer_limit = true;
  const auto outer = [&](std::string_view anchor) {
    return to_rfc3339(
        *deadline_of(hours, [&](const std::string&) { return std::optional{at(anchor)}; }, {})
             .outer_at);
  };
  // The published example: 22 December 2020 12:17 gives 25 December 13:00.
  CHECK(outer("2020-12-22T12:17:00+01:00") == to_rfc3339(at("2020-12-25T13:00:00+01:00")));
  CHECK(outer("2020-12-22T12:00:00Z") == "2020-12-25T13:00:00Z");
}

TEST_CASE("days are those of the zone, and end with it") {
  const Duty days = duty(3, Unit::calendar_days, "Asia/Singapore");
  // 14 December 16:30 UTC is the 15th in Singapore: the end of the 18th.
  CHECK(due(days, "2026-12-14T16:30:00Z") == to_rfc3339(at("2026-12-18T23:59:59+08:00")));
  CHECK(due(days, "2026-12-14T15:59:59Z") == to_rfc3339(at("2026-12-17T23:59:59+08:00")));
  const Duty california = duty(30, Unit::calendar_days, "America/Los_Angeles");
  CHECK(due(california, "2026-10-05T12:00:00-07:00") ==
        to_rfc3339(at("2026-11-04T23:59:59-08:00")));
}

TEST_CASE("days of work pass over weekends and holidays, which the reason names") {
  const Duty brazil = duty(3, Unit::business_days, "America/Sao_Paulo");
  // 29 October 2026 is a Thursday; Monday 2 November is Finados.
  CHECK(due(brazil, "2026-10-29T10:00:00-03:00") == to_rfc3339(at("2026-11-04T23:59:59-03:00")));
  const Duty sec = duty(4, Unit::business_days, "America/New_York");
  // Thanksgiving, 26 November 2026.
  CHECK(due(sec, "2026-11-24T18:00:00-05:00") == to_rfc3339(at("2026-12-01T23:59:59-05:00")));
}

TEST_CASE("a year without a table of holidays is not guessed") {
  const Law law = shipped_law();
  const Deadline made = deadline_of(
      duty(3, Unit::business_days, "America/Sao_Paulo"),
      [](const std::string&) { return std::optional{at("2049-12-30T12:00:00Z")}; }, law.holidays);
  CHECK(made.kind == Deadline::Kind::unknown);
  CHECK_FALSE(made.due_at);
  CHECK(made.why.find("the holidays of America/Sao_Paulo in 2049 are not known") !=
        std::string::npos);
}

TEST_CASE("months have the same day, or the last there is") {
  CHECK(due(duty(1, Unit::months, "UTC"), "2027-01-31T12:00:00Z") == "2027-02-28T23:59:59Z");
  CHECK(due(duty(1, Unit::months, "UTC"), "2028-01-31T12:00:00Z") == "2028-02-29T23:59:59Z");
  CHECK(due(duty(1, Unit::months, "UTC", false), "2027-12-15T12:34:56Z") == "2028-01-15T12:34:56Z");
}

TEST_CASE("what is not known is not invented") {
  const auto none = [](const std::string&) { return std::optional<Time>{}; };
  const Deadline waits = deadline_of(duty(72, Unit::hours, "UTC"), none, {});
  CHECK(waits.kind == Deadline::Kind::waits);
  CHECK(waits.why == "waits for aware");
  Duty undue = duty(1, Unit::hours, "UTC");
  undue.period.reset();
  const Deadline now = deadline_of(
      undue, [](const std::string&) { return std::optional{at("2026-11-27T22:47:31Z")}; }, {});
  CHECK(now.kind == Deadline::Kind::now);
  CHECK_FALSE(now.due_at);
}

TEST_CASE("of two ends the earlier counts") {
  const Law law = shipped_law();
  const Duty* const dora = law.find("eu.dora.initial", parse_day("2026-11-26").value());
  REQUIRE(dora != nullptr);
  std::map<std::string, std::optional<Time>> known;
  const auto anchors = [&](const std::string& name) { return known[name]; };
  CHECK(deadline_of(*dora, anchors, law.holidays).kind == Deadline::Kind::waits);
  known["aware"] = at("2026-11-26T00:00:00Z");
  CHECK(*deadline_of(*dora, anchors, law.holidays).due_at == at("2026-11-27T00:00:00Z"));
  known["classified"] = at("2026-11-26T02:00:00Z");
  CHECK(*deadline_of(*dora, anchors, law.holidays).due_at == at("2026-11-26T06:00:00Z"));
  known["classified"] = at("2026-11-26T22:00:00Z");
  CHECK(*deadline_of(*dora, anchors, law.holidays).due_at == at("2026-11-27T00:00:00Z"));
}

}  // namespace
}  // namespace trackier::law
