#include "report/judge.hpp"

#include <doctest/doctest.h>

#include "example.hpp"

namespace trackier::report {
namespace {

using test::at;

Report period() {
  return {.from = at("2026-11-01T00:00:00Z"), .to = at("2026-12-01T00:00:00Z")};
}

Item judged(Item item, const Report& report = period()) {
  judge(item, report);
  return item;
}

Item of(Kind kind, std::vector<Line> lines) {
  return {.id = "x", .kind = kind, .about = "things", .lines = std::move(lines)};
}

TEST_CASE("nothing passes with nothing looked at") {
  for (const Kind kind : {Kind::slots, Kind::checks, Kind::drills, Kind::ages, Kind::settings,
                          Kind::runs, Kind::incidents, Kind::exercises, Kind::log}) {
    CHECK(judged(of(kind, {})).status == Status::not_checked);
    Item none = of(kind, {});
    none.is_owed = false;
    CHECK(judged(none).status == Status::not_applicable);
    none.problem = "the store cannot be read";
    CHECK(judged(none).status == Status::not_checked);
    CHECK(judged(none).statement == "the store cannot be read");
  }
  CHECK(judged(of(Kind::manual, {})).status == Status::manual);
}

TEST_CASE("every slot counts: late is a backup, missing, damaged and unrecorded are not") {
  const auto slots = [](const char* state) {
    Item item =
        of(Kind::slots, {{.subject = "a", .state = "taken"}, {.subject = "b", .state = state}});
    item.every = std::chrono::hours{1};
    return judged(item);
  };
  CHECK(slots("late").status == Status::pass);
  CHECK(slots("late").statement ==
        "2 of 2 slots of 60 min have a sound backup on record; 1 late, 0 damaged, 0 without a "
        "record, 0 missing");
  CHECK(slots("missing").status == Status::fail);
  CHECK(slots("damaged").status == Status::fail);
  CHECK(slots("unrecorded").status == Status::fail);
  CHECK(slots("whatever").status == Status::fail);
}

TEST_CASE("the last run of a check counts, for a day and some hours") {
  const auto at_hour = [](const char* last, const char* state) {
    return judged(
        of(Kind::checks,
           {{.subject = "1", .state = "fail", .at = at("2026-11-02T00:00:00Z"), .record = 1},
            {.subject = "2", .state = state, .at = at(last), .record = 2}}));
  };
  CHECK(at_hour("2026-11-30T00:00:00Z", "pass").status == Status::pass);
  CHECK(at_hour("2026-11-30T00:00:00Z", "not_applicable").status == Status::not_applicable);
  CHECK(at_hour("2026-11-30T00:00:00Z", "error").status == Status::error);
  CHECK(at_hour("2026-11-30T00:00:00Z", "pas").status == Status::error);
  const Item old = at_hour("2026-11-29T21:59:59Z", "pass");
  CHECK(old.status == Status::fail);
  CHECK(old.expires == at("2026-11-30T23:59:59Z"));
  CHECK(old.statement.ends_with("; expired at 2026-11-30T23:59:59Z"));
}

TEST_CASE("what could not be evaluated is no restore, and one without a record no evidence") {
  Item item =
      of(Kind::drills,
         {{.subject = "1", .state = "passed", .at = at("2026-11-20T00:00:00Z"), .record = 4},
          {.subject = "2",
           .state = "could not be evaluated",
           .at = at("2026-11-21T00:00:00Z"),
           .record = 5}});
  item.most = 31;
  CHECK(judged(item).status == Status::pass);
  item.most = 10;
  CHECK(judged(item).status == Status::fail);
  item.most = 31;
  item.lines[0].record.reset();
  CHECK(judged(item).status == Status::fail);
  item.lines.push_back(
      {.subject = "3", .state = "failed", .at = at("2026-11-22T00:00:00Z"), .record = 6});
  CHECK(judged(item).status == Status::fail);
  item.lines.erase(item.lines.begin());
  item.lines.pop_back();
  CHECK(judged(item).status == Status::error);
}

TEST_CASE("incidents: in time, late, not sent, and those whose time is not over") {
  const Time to = period().to;
  const Time due = at("2026-11-20T00:00:00Z");
  const auto status = [&](std::optional<Time> sent, Time by) {
    return judged(of(Kind::incidents, {incident_line("TI-1", by, sent, to)})).status;
  };
  CHECK(status(due, due) == Status::pass);
  CHECK(status(due + std::chrono::seconds{1}, due) == Status::fail);
  CHECK(status(std::nullopt, due) == Status::fail);
  CHECK(status(std::nullopt, to) == Status::not_checked);
}

TEST_CASE(
    "a run that did not end fails, one that found no file does not; a verdict is one against "
    "anonymize alone") {
  const auto status = [](const char* state, const char* id = "anon.runs") {
    Item item = of(Kind::runs, {{.subject = "x", .state = state, .record = 1}});
    item.id = id;
    return judged(item).status;
  };
  CHECK(status("ok") == Status::pass);
  CHECK(status("no_input") == Status::pass);
  CHECK(status("verdict") == Status::fail);
  CHECK(status("verdict", "report.made") == Status::pass);
  CHECK(status("data") == Status::fail);
  CHECK(status("not ended", "key.operations") == Status::fail);
}

TEST_CASE("the score leaves out what is manual or not applicable, and nothing else") {
  Counts counts;
  CHECK(score_text(counts) == "nothing was looked at");
  CHECK(!counts.is_well());
  for (const Status each : {Status::pass, Status::fail, Status::error, Status::not_checked,
                            Status::manual, Status::not_applicable}) {
    counts.add(each);
  }
  CHECK(counts.scored() == 4);
  CHECK(score_text(counts) == "1 of 4 (25%)");
  CHECK(to_text(counts) == "1 fail, 1 error, 1 not_checked, 1 manual, 1 not_applicable, 1 pass");
  CHECK(!counts.is_well());
}

TEST_CASE("every control and clause that an item names is there, and both of its editions") {
  for (const ItemSpec& spec : item_specs()) {
    CAPTURE(spec.id);
    CHECK(about_of(spec_of(spec.id)) == about_of(spec));
    CHECK(!about_of(spec).empty());
    CHECK(!measure_of(spec.id).promise.empty());
    CHECK(!spec.controls.front().empty());
    for (const std::string_view each : spec.controls) {
      CHECK((each.empty() || !control_of(each).iso2022.empty()));
    }
    for (const std::string_view each : spec.clauses) {
      CHECK((each.empty() || !clause_of(each).words.empty()));
    }
  }
}

TEST_CASE("every check of the host is an item") {
  for (const check::Check& each : check::all_checks()) {
    CHECK(spec_of("check." + std::string{each.id}).kind == Kind::checks);
  }
}

}  // namespace
}  // namespace trackier::report
