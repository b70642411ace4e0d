#include "backup/retention.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "support/errors.hpp"

namespace trackier::backup {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using test::contains;

Time at(std::string_view text) {
  return parse_rfc3339(text).value();
}

const Time now = at("2026-11-25T10:30:00Z");  // the Wednesday of 2026-W48

/// Nothing but what is never removed.
constexpr Retention nothing{.keep_hourly = 0,
                            .keep_daily = 0,
                            .keep_weekly = 0,
                            .keep_monthly = 0,
                            .keep_within = minutes{0},
                            .keep_min = 0};

Candidate backup(std::uint64_t sequence, std::string_view slot) {
  return {.id = "b" + std::to_string(sequence),
          .sequence = sequence,
          .slot = at(slot),
          .received = at(slot) + minutes{5}};
}

Candidate verified(Candidate candidate) {
  candidate.verified = true;
  return candidate;
}

Candidate damaged(Candidate candidate) {
  candidate.damaged = true;
  return candidate;
}

Candidate received(std::string_view when, Candidate candidate) {
  candidate.received = at(when);
  return candidate;
}

std::map<std::string, Decision> decided(const std::vector<Candidate>& candidates,
                                        const Retention& retention, Time time = now) {
  std::map<std::string, Decision> found;
  for (const Decision& decision : decide(candidates, retention, time)) {
    found.emplace(decision.id, decision);
  }
  REQUIRE(found.size() == candidates.size());
  return found;
}

std::set<std::string> kept(const std::vector<Candidate>& candidates, const Retention& retention,
                           Time time = now) {
  std::set<std::string> ids;
  for (const Decision& decision : decide(candidates, retention, time)) {
    if (decision.keep) {
      ids.insert(decision.id);
    }
  }
  return ids;
}

using Ids = std::set<std::string>;

TEST_CASE("without rules the newest good and the newest verified backup stay") {
  const std::vector<Candidate> candidates{
      backup(1, "2026-11-20T10:00:00Z"), verified(backup(2, "2026-11-20T11:00:00Z")),
      verified(damaged(backup(3, "2026-11-20T12:00:00Z"))), backup(4, "2026-11-20T13:00:00Z"),
      damaged(backup(5, "2026-11-20T14:00:00Z"))};
  const auto decisions = decided(candidates, nothing);
  CHECK(decisions.at("b4").rule == "newest");
  CHECK(decisions.at("b4").reason == "the newest good backup");
  CHECK(decisions.at("b2").rule == "newest verified");
  CHECK(decisions.at("b5").rule == "none");
  CHECK_FALSE(decisions.at("b5").keep);
  CHECK(decisions.at("b5").reason == "damaged, and there are good backups");
  CHECK(decisions.at("b1").reason ==
        "older than all that is kept hourly, daily, weekly and monthly");
  CHECK((kept(candidates, nothing) == Ids{"b2", "b4"}));
  CHECK(decide({}, nothing, now).empty());
}

TEST_CASE("decisions come newest first") {
  const std::vector<Candidate> candidates{backup(2, "2026-11-20T11:00:00Z"),
                                          backup(10, "2026-11-20T12:00:00Z"),
                                          backup(1, "2026-11-20T10:00:00Z")};
  const auto decisions = decide(candidates, nothing, now);
  REQUIRE(decisions.size() == 3);
  CHECK(decisions[0].sequence == 10);
  CHECK(decisions[1].sequence == 2);
  CHECK(decisions[2].sequence == 1);
}

TEST_CASE("the keeper of an hour is its newest verified backup, else its newest") {
  Retention retention = nothing;
  retention.keep_hourly = 2;
  const std::vector<Candidate> candidates{backup(1, "2026-11-20T08:00:00Z"),
                                          backup(2, "2026-11-20T09:00:00Z"),
                                          backup(3, "2026-11-20T09:30:00Z"),
                                          verified(backup(4, "2026-11-20T10:00:00Z")),
                                          verified(backup(5, "2026-11-20T10:15:00Z")),
                                          backup(6, "2026-11-20T10:30:00Z"),
                                          backup(7, "2026-11-20T10:45:00Z")};
  const auto decisions = decided(candidates, retention);
  CHECK(decisions.at("b7").rule == "newest");
  CHECK(decisions.at("b6").reason == "superseded in its hour by b5, which is verified");
  CHECK(decisions.at("b5").rule == "newest verified");
  CHECK(decisions.at("b4").reason == "superseded in its hour by b5");
  CHECK(decisions.at("b3").rule == "hourly");
  CHECK(decisions.at("b3").reason ==
        "2026-11-20T09Z: the newest backup of that hour, none being verified");
  CHECK(decisions.at("b2").reason == "superseded in its hour by b3");
  CHECK_FALSE(decisions.at("b1").keep);
}

TEST_CASE("days, ISO weeks and months are those of the slot, in UTC") {
  Retention retention = nothing;
  retention.keep_weekly = 2;
  const std::vector<Candidate> weeks{
      verified(backup(1, "2026-12-27T23:00:00Z")),  // Sunday, week 52
      verified(backup(2, "2026-12-28T00:00:00Z")),  // Monday, week 53
      verified(backup(3, "2027-01-03T23:00:00Z")),  // Sunday, still 2026-W53
      verified(backup(4, "2027-01-04T00:00:00Z"))};
  const Time later = at("2027-02-01T00:00:00Z");
  auto decisions = decided(weeks, retention, later);
  CHECK(decisions.at("b3").reason == "2026-W53: the newest verified backup of that week");
  CHECK(decisions.at("b3").rule == "weekly");
  CHECK(decisions.at("b2").reason == "superseded in its week by b3");
  CHECK_FALSE(decisions.at("b1").keep);

  retention = nothing;
  retention.keep_daily = 2;
  const std::vector<Candidate> day_ends{
      backup(1, "2026-11-20T00:00:00Z"), backup(2, "2026-11-20T23:00:00Z"),
      backup(3, "2026-11-21T00:00:00Z"), backup(4, "2026-11-21T01:00:00Z")};
  decisions = decided(day_ends, retention);
  CHECK(decisions.at("b2").rule == "daily");
  CHECK(decisions.at("b2").reason ==
        "2026-11-20: the newest backup of that day, none being verified");
  CHECK(decisions.at("b3").reason == "superseded in its day by b4");

  retention = nothing;
  retention.keep_monthly = 13;
  std::vector<Candidate> months;
  for (unsigned month = 0; month < 24; ++month) {
    const std::string text = "202" + std::to_string(4 + month / 12) +
                             (month % 12 < 9 ? "-0" : "-") + std::to_string(month % 12 + 1);
    months.push_back(backup(2 * month + 1, text + "-01T00:00:00Z"));
    months.push_back(backup(2 * month + 2, text + "-28T23:00:00Z"));
  }
  decisions = decided(months, retention);
  CHECK(decisions.at("b46").reason ==
        "2025-11: the newest backup of that month, none being verified");
  CHECK(decisions.at("b45").reason == "superseded in its month by b46");
  CHECK(std::ranges::count(decide(months, retention, now), true, &Decision::keep) == 13);
}

TEST_CASE("weeks have the names that ISO 8601 gives them") {
  Retention retention = nothing;
  retention.keep_weekly = 2;
  const auto name = [&](std::string_view day) {
    Candidate first = backup(1, std::string{day} + "T00:00:00Z");
    Candidate next = verified(backup(2, std::string{day} + "T00:00:00Z"));
    next.slot += days{7};
    next.received += days{7};
    const std::string reason =
        decided({first, next}, retention, at("2040-01-01T00:00:00Z")).at("b1").reason;
    return reason.substr(0, reason.find(':'));
  };
  CHECK(name("2026-11-25") == "2026-W48");
  CHECK(name("2027-01-03") == "2026-W53");
  CHECK(name("2027-01-04") == "2027-W01");
  CHECK(name("2024-12-29") == "2024-W52");
  CHECK(name("2024-12-30") == "2025-W01");
  CHECK(name("2023-01-01") == "2022-W52");
  CHECK(name("2020-12-31") == "2020-W53");
  CHECK(name("2016-01-03") == "2015-W53");
}

TEST_CASE("hours without a backup do not count") {
  Retention retention = nothing;
  retention.keep_hourly = 3;
  CHECK((kept({backup(1, "2024-01-01T00:00:00Z"), backup(2, "2025-01-01T00:00:00Z"),
               backup(3, "2025-01-01T01:00:00Z"), backup(4, "2026-11-25T10:00:00Z")},
              retention) == Ids{"b2", "b3", "b4"}));
}

TEST_CASE("a damaged backup displaces nobody and keeps no hour") {
  Retention retention = nothing;
  retention.keep_hourly = 2;
  const std::vector<Candidate> candidates{
      backup(1, "2026-11-20T08:00:00Z"), backup(2, "2026-11-20T09:00:00Z"),
      damaged(backup(3, "2026-11-20T09:30:00Z")), damaged(backup(4, "2026-11-20T10:00:00Z"))};
  CHECK((kept(candidates, retention) == Ids{"b1", "b2"}));
  retention.keep_within = days{30};
  CHECK(decided(candidates, retention).at("b3").rule == "within");
}

TEST_CASE("while nothing is good, what is damaged stays") {
  const std::vector<Candidate> candidates{damaged(backup(1, "2026-11-20T08:00:00Z")),
                                          damaged(verified(backup(2, "2026-11-20T09:00:00Z")))};
  const auto decisions = decided(candidates, nothing);
  CHECK(decisions.at("b1").rule == "minimum");
  CHECK(decisions.at("b2").reason == "damaged, and there is no good backup");
}

TEST_CASE("within counts from now against the moment of receipt") {
  Retention retention = nothing;
  retention.keep_within = hours{48};
  const std::vector<Candidate> candidates{
      received("2026-11-23T10:29:59Z", backup(1, "2026-11-23T10:00:00Z")),
      received("2026-11-23T10:30:00Z", backup(2, "2026-11-23T10:00:00Z")),
      received("2026-11-25T10:20:00Z", damaged(backup(3, "2020-01-01T00:00:00Z"))),
      backup(4, "2026-11-25T10:00:00Z")};
  const auto decisions = decided(candidates, retention);
  CHECK_FALSE(decisions.at("b1").keep);
  CHECK(decisions.at("b2").rule == "within");
  CHECK(decisions.at("b2").reason == "received at 2026-11-23T10:30:00Z, within the last 2d");
  CHECK(decisions.at("b3").rule == "within");
}

TEST_CASE("a hold wins over everything, and tells when it is too old") {
  Retention retention = nothing;
  retention.max_age = days{400};
  std::vector<Candidate> candidates{damaged(backup(1, "2020-01-01T00:00:00Z")),
                                    backup(2, "2026-01-01T00:00:00Z"),
                                    backup(3, "2026-11-25T10:00:00Z")};
  candidates[0].hold = "case-7";
  candidates[1].hold = "case-8";
  candidates[2].hold = "case-9";
  const auto decisions = decided(candidates, retention);
  CHECK(decisions.at("b1").keep);
  CHECK(decisions.at("b1").rule == "hold case-7");
  CHECK(decisions.at("b1").past_max_age);
  CHECK(decisions.at("b1").reason ==
        "held by case-7; received at 2020-01-01T00:05:00Z, more than 400 days ago: erasure may be "
        "due");
  CHECK(decisions.at("b2").rule == "hold case-8");
  CHECK_FALSE(decisions.at("b2").past_max_age);
  CHECK(decisions.at("b3").rule == "hold case-9");
}

TEST_CASE("the age of what is removed is nobody's concern") {
  Retention retention = nothing;
  retention.max_age = days{30};
  const auto decisions =
      decided({backup(1, "2020-01-01T00:00:00Z"), backup(2, "2020-01-02T00:00:00Z")}, retention);
  CHECK_FALSE(decisions.at("b1").past_max_age);
  CHECK(decisions.at("b2").past_max_age);
}

TEST_CASE("a minimum of good backups stays, however old") {
  Retention retention = nothing;
  retention.keep_min = 2;
  const std::vector<Candidate> candidates{
      backup(1, "2020-01-01T00:00:00Z"), backup(2, "2020-01-02T00:00:00Z"),
      damaged(backup(3, "2020-01-03T00:00:00Z")), backup(4, "2020-01-04T00:00:00Z")};
  const auto decisions = decided(candidates, retention);
  CHECK((kept(candidates, retention) == Ids{"b2", "b4"}));
  CHECK(decisions.at("b2").rule == "minimum");
  CHECK(decisions.at("b2").reason == "one of the 2 newest good backups");
}

TEST_CASE("sequence decides what is newest, not the time a backup claims") {
  const std::vector<Candidate> candidates{
      received("2026-11-20T10:05:00Z", backup(1, "2026-11-20T10:00:00Z")),
      received("2026-11-20T11:05:00Z", backup(2, "2026-11-20T09:00:00Z"))};
  const auto decisions = decided(candidates, nothing);
  CHECK(decisions.at("b2").order == Order::back_dated);
  CHECK(decisions.at("b2").reason == "the newest good backup");
  CHECK(decisions.at("b1").order == Order::in_order);
  CHECK(decisions.at("b1").reason == "the newest good backup in order");
}

TEST_CASE("the newest verified backup in order stays beside one that is out of order") {
  const std::vector<Candidate> candidates{
      verified(backup(1, "2026-11-20T10:00:00Z")), backup(2, "2026-11-20T11:00:00Z"),
      verified(received("2026-11-20T12:05:00Z", backup(3, "2026-11-20T09:00:00Z")))};
  const auto decisions = decided(candidates, nothing);
  CHECK(decisions.at("b3").rule == "newest");
  CHECK(decisions.at("b2").reason == "the newest good backup in order");
  CHECK(decisions.at("b1").reason == "the newest verified backup in order");
}

TEST_CASE("back-dated backups keep no hour and take none away") {
  Retention retention = nothing;
  retention.keep_hourly = 3;
  const std::vector<Candidate> candidates{
      backup(1, "2026-11-20T07:00:00Z"),
      backup(2, "2026-11-20T09:00:00Z"),
      backup(3, "2026-11-20T11:00:00Z"),
      received("2026-11-20T11:10:00Z", backup(4, "2026-11-20T10:00:00Z")),
      received("2026-11-20T11:11:00Z", backup(5, "2026-11-20T09:00:00Z")),
      received("2026-11-20T11:12:00Z", backup(6, "2026-11-20T08:00:00Z")),
      backup(7, "2026-11-20T11:00:00Z")};
  const auto decisions = decided(candidates, retention);
  CHECK((kept(candidates, retention) == Ids{"b1", "b2", "b7"}));
  CHECK(decisions.at("b5").order == Order::back_dated);
  CHECK(decisions.at("b5").reason ==
        "back-dated: claims 2026-11-20T09:00:00Z, and b3 before it 2026-11-20T11:00:00Z");
}

TEST_CASE("future-dated backups keep no hour, and what follows is not back-dated by them") {
  Retention retention = nothing;
  retention.keep_hourly = 2;
  const std::vector<Candidate> candidates{
      backup(1, "2026-11-20T07:00:00Z"), backup(2, "2026-11-20T09:00:00Z"),
      received("2026-11-20T09:10:00Z", backup(3, "2027-06-01T00:00:00Z")),
      // Its time has come since; at the store it came too early all the same.
      received("2026-11-20T09:11:00Z", backup(4, "2026-11-21T00:00:00Z")),
      backup(5, "2026-11-20T10:00:00Z")};
  const auto decisions = decided(candidates, retention);
  CHECK((kept(candidates, retention) == Ids{"b2", "b5"}));
  CHECK(decisions.at("b3").order == Order::future_dated);
  CHECK(decisions.at("b4").order == Order::future_dated);
  CHECK(decisions.at("b5").order == Order::in_order);
  CHECK(decisions.at("b3").reason ==
        "future-dated: claims 2027-06-01T00:00:00Z and was received at 2026-11-20T09:10:00Z");
}

TEST_CASE("an hour's difference between clocks is no forgery") {
  Retention retention = nothing;
  retention.keep_hourly = 1;
  const auto order = [&](std::string_view slot) {
    return decided({received("2026-11-20T10:00:00Z", backup(1, slot))}, retention).at("b1").order;
  };
  CHECK(order("2026-11-20T11:00:00Z") == Order::in_order);
  CHECK(order("2026-11-20T11:00:01Z") == Order::future_dated);
  // Received in what our clock calls the future: then the slot is held against our clock.
  CHECK(decided({received("2026-11-25T10:30:50Z", backup(1, "2026-11-25T11:30:01Z"))}, retention)
            .at("b1")
            .order == Order::future_dated);
}

TEST_CASE("a verified backup is not put out of order by an unverified one") {
  Retention retention = nothing;
  retention.keep_daily = 2;
  const std::vector<Candidate> candidates{
      received("2026-11-20T10:00:00Z", backup(1, "2026-11-20T11:00:00Z")),
      verified(received("2026-11-20T10:07:00Z", backup(2, "2026-11-20T10:00:00Z"))),
      received("2026-11-20T10:08:00Z", backup(3, "2026-11-20T10:00:00Z")),
      verified(backup(4, "2026-11-21T10:00:00Z"))};
  const auto decisions = decided(candidates, retention);
  CHECK(decisions.at("b2").order == Order::in_order);
  CHECK(decisions.at("b2").rule == "daily");
  CHECK(decisions.at("b3").order == Order::back_dated);
  CHECK((kept(candidates, retention) == Ids{"b2", "b4"}));
}

TEST_CASE("backups out of order do not use up the minimum") {
  Retention retention = nothing;
  retention.keep_min = 2;
  const Candidate future = received("2026-11-20T12:00:00Z", backup(4, "2030-01-01T00:00:00Z"));
  const Candidate past = received("2026-11-20T12:01:00Z", backup(5, "2010-01-01T00:00:00Z"));
  CHECK((kept({backup(1, "2026-11-20T09:00:00Z"), backup(2, "2026-11-20T10:00:00Z"),
               backup(3, "2026-11-20T11:00:00Z"), future, past},
              retention) == Ids{"b2", "b3", "b5"}));
  // With too few in order, every good one is worth keeping.
  const auto decisions = decided({backup(3, "2026-11-20T11:00:00Z"), future, past}, retention);
  CHECK(decisions.at("b4").rule == "minimum");
  CHECK(decisions.at("b4").reason == "there are fewer than 2 good backups in order");
}

TEST_CASE("what shows a kept backup to be back-dated is kept with it") {
  Retention retention = nothing;
  retention.keep_daily = 2;
  std::vector<Candidate> candidates{
      backup(1, "2026-11-18T10:00:00Z"), backup(2, "2026-11-20T10:00:00Z"),
      received("2026-11-20T10:30:00Z", backup(3, "2026-11-19T10:00:00Z")),
      backup(4, "2026-11-20T11:00:00Z")};
  candidates[2].hold = "case-7";
  const auto decisions = decided(candidates, retention);
  CHECK(decisions.at("b2").rule == "order");
  CHECK(decisions.at("b2").reason == "shows that b3, which is kept, is back-dated");
  // Without b2, b3 would be in order the next time, and its day would push out that of b1.
  CHECK((kept(candidates, retention) == Ids{"b1", "b2", "b3", "b4"}));
  CHECK_FALSE(kept({candidates[0], candidates[2], candidates[3]}, retention).contains("b1"));
  candidates[2].hold.reset();
  CHECK((kept(candidates, retention) == Ids{"b1", "b4"}));
}

TEST_CASE("a clock that went back is noticed") {
  const std::vector<Candidate> candidates{backup(1, "2026-11-25T10:24:00Z"),
                                          backup(2, "2026-11-20T10:00:00Z")};  // received 10:29
  CHECK_FALSE(clock_problem({}, Time{}));
  CHECK_FALSE(clock_problem(candidates, now));
  CHECK_FALSE(clock_problem(candidates, at("2026-11-25T10:28:00Z")));
  const auto problem = clock_problem(candidates, at("2026-11-25T10:27:59Z"));
  REQUIRE(problem);
  CHECK(problem->code() == Code::verdict);
  CHECK(test::message_of(*problem) ==
        "the clock says 2026-11-25T10:27:59Z, and the store received b1 at 2026-11-25T10:29:00Z");
  CHECK(contains(problem->hint(), "set the clock"));
}

std::vector<Decision> decisions_of(std::size_t keep, std::size_t remove) {
  std::vector<Decision> decisions(keep + remove);
  for (std::size_t i = 0; i < keep; ++i) {
    decisions[i].keep = true;
  }
  return decisions;
}

TEST_CASE("removing much at once takes somebody's word") {
  CHECK_FALSE(mass_deletion({}, {}));
  CHECK_FALSE(mass_deletion(decisions_of(0, 10), {}));
  CHECK(mass_deletion(decisions_of(0, 11), {}));
  CHECK_FALSE(mass_deletion(decisions_of(20, 20), {}));
  const auto refused = mass_deletion(decisions_of(20, 21), {});
  REQUIRE(refused);
  CHECK(refused->code() == Code::verdict);
  CHECK(test::message_of(*refused) == "21 of 41 backups would be removed at once");
  CHECK(contains(refused->hint(), "--allow-mass-deletion"));
  CHECK_FALSE(mass_deletion(decisions_of(20, 21), {.allowed = true}));
  CHECK_FALSE(mass_deletion(decisions_of(20, 21), {.most_share = 0.6}));
  CHECK(mass_deletion(decisions_of(90, 11), {.most_share = 0.1}));
  CHECK_FALSE(mass_deletion(decisions_of(0, 21), {.most_few = 21}));
}

// Properties

enum class Claim : std::uint8_t { honest, past, future };

Candidate any_candidate(std::uint64_t sequence, Time received_at, Claim claim) {
  Candidate candidate;
  candidate.id = "b" + std::to_string(sequence);
  candidate.sequence = sequence;
  candidate.received = received_at;
  candidate.slot = std::chrono::floor<hours>(received_at);
  if (claim == Claim::past) {
    candidate.slot -= hours{*rc::gen::element(1, 2, 5, 24, 100, 1000, 20000)};
  } else if (claim == Claim::future) {
    candidate.slot += hours{*rc::gen::element(2, 3, 5, 24, 100, 1000, 20000)};
  }
  candidate.damaged = *rc::gen::inRange(0, 5) == 0;
  candidate.verified = *rc::gen::inRange(0, 3) == 0;
  if (*rc::gen::inRange(0, 12) == 0) {
    candidate.hold = "case";
  }
  return candidate;
}

/// Received one after the other until now; every third sequence number is used.
std::vector<Candidate> any_history() {
  const int count = *rc::gen::inRange(0, 60);
  std::vector<Candidate> history;
  Time when = now;
  for (int i = count; i > 0; --i) {
    when -= minutes{*rc::gen::element(0, 10, 30, 60, 60, 60, 180, 1440, 1440, 10080, 43200)};
    const Claim claim = *rc::gen::element(Claim::honest, Claim::honest, Claim::honest,
                                          Claim::honest, Claim::past, Claim::future);
    history.push_back(any_candidate(3 * static_cast<std::uint64_t>(i), when, claim));
  }
  std::ranges::reverse(history);
  return history;
}

Retention any_retention() {
  const auto number = [] { return *rc::gen::element(0U, 0U, 1U, 2U, 3U, 8U); };
  Retention retention{.keep_hourly = number(),
                      .keep_daily = number(),
                      .keep_weekly = number(),
                      .keep_monthly = number(),
                      .keep_within = hours{*rc::gen::element(0, 1, 48, 500)},
                      .keep_min = number()};
  if (*rc::gen::inRange(0, 2) == 0) {
    retention.max_age = days{*rc::gen::inRange(0, 500)};
  }
  return retention;
}

const Candidate* newest(const std::vector<Candidate>& candidates, bool must_be_verified) {
  const Candidate* found = nullptr;
  for (const Candidate& each : candidates) {
    const bool fits = !each.damaged && (each.verified || !must_be_verified);
    if (fits && (found == nullptr || each.sequence > found->sequence)) {
      found = &each;
    }
  }
  return found;
}

TEST_CASE("some backups are never removed") {
  CHECK(rc::check("never removed", [] {
    const std::vector<Candidate> history = any_history();
    const Retention retention = any_retention();
    const auto decisions = decided(history, retention);
    for (const bool must_be_verified : {false, true}) {
      const Candidate* const last = newest(history, must_be_verified);
      RC_ASSERT((last == nullptr || decisions.at(last->id).keep));
    }
    std::size_t good = 0;
    std::size_t good_kept = 0;
    for (const Candidate& each : history) {
      const Decision& decision = decisions.at(each.id);
      good += each.damaged ? 0 : 1;
      good_kept += !each.damaged && decision.keep ? 1 : 0;
      RC_ASSERT((!each.hold || decision.keep));
      RC_ASSERT((each.received < now - retention.keep_within || decision.keep));
      RC_ASSERT(decision.keep == (decision.rule != "none"));
      RC_ASSERT(!decision.reason.empty());
      const bool by_its_hour = decision.rule == "hourly" || decision.rule == "daily" ||
                               decision.rule == "weekly" || decision.rule == "monthly";
      RC_ASSERT((!by_its_hour || (!each.damaged && decision.order == Order::in_order)));
    }
    RC_ASSERT(good_kept >= std::min<std::size_t>(good, retention.keep_min));
    RC_ASSERT((history.empty() ||
               std::ranges::any_of(decisions, [](const auto& each) { return each.second.keep; })));
  }));
}

TEST_CASE("deciding again removes nothing more") {
  CHECK(rc::check("again", [] {
    std::vector<Candidate> history = any_history();
    const Retention retention = any_retention();
    const Ids first = kept(history, retention);
    std::erase_if(history, [&](const Candidate& each) { return !first.contains(each.id); });
    RC_ASSERT(kept(history, retention) == first);
  }));
}

TEST_CASE("the order of the candidates makes no difference") {
  CHECK(rc::check("any order", [] {
    std::vector<Candidate> history = any_history();
    const Retention retention = any_retention();
    const std::vector<Decision> decisions = decide(history, retention, now);
    std::mt19937 random{*rc::gen::arbitrary<std::uint32_t>()};
    std::shuffle(history.begin(), history.end(), random);
    RC_ASSERT(decide(history, retention, now) == decisions);
  }));
}

TEST_CASE("adding backups that are damaged or out of order takes no good one away") {
  CHECK(rc::check("adding", [] {
    std::vector<Candidate> history = any_history();
    const Retention retention = any_retention();
    const auto before = decided(history, retention);

    // Anywhere in the sequence, received at any time.
    std::vector<Candidate> added;
    const int count = *rc::gen::inRange(1, 30);
    for (int i = 0; i < count; ++i) {
      const Time when = now - minutes{*rc::gen::inRange(0, 500'000)};
      Candidate each = any_candidate(3 * *rc::gen::inRange<std::uint64_t>(0, 70) + 1, when,
                                     *rc::gen::element(Claim::honest, Claim::past, Claim::future));
      each.id = "added" + std::to_string(i);
      added.push_back(each);
    }
    // Of these, what is in good order may well supersede another: leave it out, and what it put
    // out of order with it.
    for (std::size_t left = added.size() + 1; left > added.size();) {
      left = added.size();
      std::vector<Candidate> all = history;
      all.insert(all.end(), added.begin(), added.end());
      const auto decisions = decided(all, retention);
      std::erase_if(added, [&](const Candidate& each) {
        return !each.damaged && decisions.at(each.id).order == Order::in_order;
      });
      left = left == added.size() ? 0 : added.size() + 1;
    }
    std::vector<Candidate> all = history;
    all.insert(all.end(), added.begin(), added.end());
    const auto after = decided(all, retention);
    for (const Candidate& each : history) {
      const Decision& was = before.at(each.id);
      const bool good_and_kept =
          was.keep && !each.damaged && was.order == Order::in_order && was.rule != "order";
      RC_ASSERT((!good_and_kept || after.at(each.id).keep));
      RC_ASSERT((each.damaged || after.at(each.id).order == was.order));
    }
  }));
}

/// Backs up every three hours for so many days and prunes each time; `attack` adds what it likes.
template <typename Attack>
Ids kept_after(int so_many_days, const Attack& attack) {
  Retention retention;
  retention.keep_hourly = 12;
  retention.keep_daily = 7;
  retention.keep_weekly = 3;
  retention.keep_within = hours{12};
  std::vector<Candidate> store;
  Time time = at("2026-10-01T00:07:00Z");
  std::uint64_t sequence = 0;
  for (int run = 0; run < so_many_days * 8; ++run, time += hours{3}) {
    attack(store, sequence, time);
    Candidate honest{.id = "honest" + std::to_string(run),
                     .sequence = ++sequence,
                     .slot = std::chrono::floor<hours>(time),
                     .received = time};
    honest.verified = run % 8 == 4;
    store.push_back(honest);
    const Ids stay = kept(store, retention, time);
    std::erase_if(store, [&](const Candidate& each) { return !stay.contains(each.id); });
  }
  Ids ids;
  for (const Candidate& each : store) {
    if (each.id.starts_with("honest")) {
      ids.insert(each.id);
    }
  }
  return ids;
}

TEST_CASE("somebody who can only add backups cannot have the good ones pruned") {
  const Ids undisturbed = kept_after(30, [](auto& /*store*/, auto& /*sequence*/, Time /*time*/) {});
  CHECK(undisturbed.size() > 15);
  for (const hours shift :
       {hours{-2000}, hours{-30}, hours{-4}, hours{2}, hours{40}, hours{3000}}) {
    CAPTURE(shift.count());
    const Ids attacked = kept_after(30, [&](auto& store, auto& sequence, Time time) {
      for (int i = 0; i < 3 && !store.empty(); ++i) {
        ++sequence;
        store.push_back(
            {.id = "forged" + std::to_string(sequence),
             .sequence = sequence,
             .slot = std::chrono::floor<hours>(time) + shift + hours{shift < hours{0} ? -i : i},
             .received = time});
      }
    });
    CHECK(std::ranges::includes(attacked, undisturbed));
  }
}

TEST_CASE("claims within the tolerance do not push out what was verified") {
  const auto is_verified = [](const std::string& id) { return std::stoi(id.substr(6)) % 8 == 4; };
  const Ids undisturbed = kept_after(30, [](auto& /*store*/, auto& /*sequence*/, Time /*time*/) {});
  const Ids attacked = kept_after(30, [](auto& store, auto& sequence, Time time) {
    ++sequence;
    store.push_back({.id = "forged" + std::to_string(sequence),
                     .sequence = sequence,
                     .slot = std::chrono::floor<hours>(time) + hours{1},
                     .received = time});
  });
  std::size_t days_kept = 0;
  for (const std::string& id : undisturbed) {
    if (is_verified(id)) {
      ++days_kept;
      CHECK(attacked.contains(id));
    }
  }
  CHECK(days_kept >= 7);
}

}  // namespace
}  // namespace trackier::backup
