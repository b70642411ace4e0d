#include "backup/slots.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "support/errors.hpp"

namespace trackier::backup {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using test::contains;
using test::error_of;
using Outcome = Attempt::Outcome;

Time at(std::string_view text) {
  return parse_rfc3339(text).value();
}

/// The hour the tests are about, and one long after it.
const Time ten = at("2026-11-25T10:00:00Z");
const Time evening = at("2026-11-25T20:30:00Z");

TakenBackup taken(minutes after_ten, std::string id = "b1") {
  return {
      .slot = slot_of(ten + after_ten, hours{1}), .id = std::move(id), .taken = ten + after_ten};
}

TakenBackup damaged(minutes after_ten, std::string id = "bad") {
  TakenBackup backup = taken(after_ten, std::move(id));
  backup.damaged = true;
  return backup;
}

Attempt attempt(minutes after_ten, Outcome outcome, std::string message = {}) {
  const bool ended = outcome != Outcome::unfinished;
  return {.started = ten + after_ten,
          .ended = ended ? std::optional{ten + after_ten + minutes{1}} : std::nullopt,
          .outcome = outcome,
          .message = std::move(message)};
}

/// What is said of the slot of ten o'clock.
SlotAccount of_ten(const std::vector<TakenBackup>& backups,
                   const std::vector<Attempt>& attempts = {}, Time now = evening) {
  const Account result = account(
      backups, attempts,
      {.period = hours{1}, .from = ten, .to = ten + hours{1}, .since = ten - days{1}, .now = now});
  REQUIRE(result.slots.size() == 1);
  CHECK(result.slots[0].slot == ten);
  return result.slots[0];
}

TEST_CASE("a period is a whole part of a day or a number of days") {
  for (const minutes period :
       {minutes{15}, minutes{30}, minutes{36}, minutes{45}, minutes{60}, minutes{90}, minutes{720},
        minutes{1440}, minutes{2880}, minutes{10080}}) {
    CAPTURE(period.count());
    CHECK(is_period(period));
    CHECK(parse_period(period_text(period)) == period);
  }
  for (const minutes period :
       {minutes{0}, minutes{-60}, minutes{1}, minutes{14}, minutes{17}, minutes{59}, minutes{300},
        minutes{1441}, minutes{2160}, minutes{11520}, minutes::max(), minutes::min()}) {
    CAPTURE(period.count());
    CHECK_FALSE(is_period(period));
  }
}

TEST_CASE("periods are words") {
  CHECK(parse_period("15m") == minutes{15});
  CHECK(parse_period("1h") == hours{1});
  CHECK(parse_period("60m") == hours{1});
  CHECK(parse_period("24h") == days{1});
  CHECK(parse_period("7d") == days{7});
  CHECK(period_text(minutes{90}) == "90m");
  CHECK(period_text(hours{12}) == "12h");
  CHECK(period_text(hours{24}) == "1d");
  for (const char* const text : {"",
                                 "h",
                                 "1",
                                 "15",
                                 "1 h",
                                 " 1h",
                                 "1h ",
                                 "01h",
                                 "+1h",
                                 "-1h",
                                 "0h",
                                 "0m",
                                 "1H",
                                 "1w",
                                 "1s",
                                 "5h",
                                 "7h",
                                 "14m",
                                 "8d",
                                 "1h30m",
                                 "1.5h",
                                 "4294967297h",
                                 "99999999999999999999m",
                                 "10081m"}) {
    INFO(text);
    CHECK_FALSE(parse_period(text));
  }
  CHECK_FALSE(parse_period(std::string_view{"1h\0", 3}));
}

TEST_CASE("slots begin in UTC, weekly ones on Mondays") {
  const Time time = at("2026-11-25T10:59:59Z");  // a Wednesday
  CHECK(slot_of(time, minutes{15}) == at("2026-11-25T10:45:00Z"));
  CHECK(slot_of(time, hours{1}) == at("2026-11-25T10:00:00Z"));
  CHECK(slot_of(time, hours{6}) == at("2026-11-25T06:00:00Z"));
  CHECK(slot_of(time, days{1}) == at("2026-11-25T00:00:00Z"));
  CHECK(slot_of(time, days{7}) == at("2026-11-23T00:00:00Z"));
  CHECK(slot_of(at("2026-11-23T00:00:00Z"), days{7}) == at("2026-11-23T00:00:00Z"));
  CHECK(slot_of(at("2026-11-22T23:59:59Z"), days{7}) == at("2026-11-16T00:00:00Z"));
  CHECK(slot_of(at("1970-01-01T00:00:00Z"), days{7}) == at("1969-12-29T00:00:00Z"));
  CHECK(slot_of(at("1969-12-31T23:59:59Z"), hours{1}) == at("1969-12-31T23:00:00Z"));
  CHECK(slot_of(at("0000-01-01T00:00:01Z"), days{1}) == at("0000-01-01T00:00:00Z"));
  CHECK(error_of([&] { slot_of(time, minutes{0}); }).code() == Code::bug);
  CHECK(error_of([&] { slot_of(time, minutes{7}); }).code() == Code::bug);
}

TEST_CASE("every moment lies in one slot, and the next begins where it ends") {
  CHECK(rc::check("slots", [] {
    const Time time{seconds{*rc::gen::inRange<std::int64_t>(-62167219200, 253402300799)}};
    const minutes period = *rc::gen::element(minutes{15}, minutes{36}, minutes{60}, minutes{360},
                                             minutes{1440}, minutes{4320}, minutes{10080});
    const Time slot = slot_of(time, period);
    RC_ASSERT(slot <= time);
    RC_ASSERT(time < slot + period);
    RC_ASSERT(slot_of(slot, period) == slot);
    RC_ASSERT(slot_of(slot - seconds{1}, period) == slot - period);
    RC_ASSERT(slot_of(slot + period, period) == slot + period);
  }));
}

TEST_CASE("a backup is on time in the first half of its slot") {
  for (const int minute : {0, 7, 29}) {
    CAPTURE(minute);
    const SlotAccount slot = of_ten({taken(minutes{minute})});
    CHECK(slot.state == SlotState::taken);
    CHECK(slot.backup == "b1");
    CHECK(slot.reason.empty());
  }
  const SlotAccount half = of_ten({taken(minutes{30})});
  CHECK(half.state == SlotState::late);
  CHECK(half.backup == "b1");
  CHECK(half.reason == "taken at 10:30");
  CHECK(of_ten({taken(minutes{59})}).state == SlotState::late);
}

TEST_CASE("a run may say itself that it was late") {
  TakenBackup backup = taken(minutes{5});
  backup.late = true;
  CHECK(of_ten({backup}).state == SlotState::late);
}

TEST_CASE("a late slot tells what went before") {
  const SlotAccount slot =
      of_ten({taken(minutes{42})}, {attempt(minutes{41}, Outcome::done),
                                    attempt(minutes{7}, Outcome::failed, "disk full"),
                                    attempt(minutes{50}, Outcome::failed, "later")});
  CHECK(slot.reason == "taken at 10:42; before that, failed at 10:08: disk full");
  CHECK(of_ten({taken(minutes{42})},
               {attempt(minutes{7}, Outcome::unfinished), attempt(minutes{41}, Outcome::done)})
            .reason == "taken at 10:42; before that, interrupted: began at 10:07 and never ended");
  // The run that took it, killed between publishing and recording its end.
  CHECK(of_ten({taken(minutes{42})}, {attempt(minutes{41}, Outcome::unfinished)}).reason ==
        "taken at 10:42");
}

TEST_CASE("the best backup of a slot speaks for it, whatever the order") {
  TakenBackup removed = taken(minutes{2}, "removed");
  removed.removed = true;
  std::vector<TakenBackup> backups{damaged(minutes{1}), removed, taken(minutes{45}, "late"),
                                   taken(minutes{20}, "second"), taken(minutes{10}, "first")};
  std::mt19937 random{7};  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same on every run
  for (int round = 0; round < 20; ++round) {
    std::shuffle(backups.begin(), backups.end(), random);
    const SlotAccount slot = of_ten(backups);
    CHECK(slot.state == SlotState::taken);
    CHECK(slot.backup == "first");
  }
}

TEST_CASE("what retention removed was taken all the same") {
  TakenBackup backup = taken(minutes{5});
  backup.removed = true;
  const SlotAccount slot = of_ten({backup});
  CHECK(slot.state == SlotState::taken);
  CHECK(slot.reason == "removed since");
  backup = taken(minutes{35});
  backup.removed = true;
  CHECK(of_ten({backup}).reason == "taken at 10:35; removed since");
}

TEST_CASE("damaged backups alone make a slot damaged") {
  const SlotAccount slot = of_ten({damaged(minutes{5}), damaged(minutes{9}, "worse")});
  CHECK(slot.state == SlotState::damaged);
  CHECK(slot.backup == "worse");
  CHECK(slot.reason == "taken at 10:09, and damaged");
  CHECK(of_ten({damaged(minutes{5}), taken(minutes{40})}).state == SlotState::late);
}

TEST_CASE("a backup that was taken at another time does not count for the slot it claims") {
  TakenBackup backup = taken(minutes{0}, "b9");
  backup.taken = ten + minutes{61};  // the run waited
  const SlotAccount waited = of_ten({backup});
  CHECK(waited.state == SlotState::late);
  CHECK(waited.reason == "taken at 11:01");
  for (const minutes after : {minutes{-1}, minutes{120}, minutes{3 * 24 * 60}}) {
    backup.taken = ten + after;
    const SlotAccount slot = of_ten({backup});
    CHECK(slot.state == SlotState::missing);
    CHECK_FALSE(slot.backup);
    CHECK(contains(slot.reason, "b9 claims this slot and was taken at"));
  }
  CHECK(contains(of_ten({backup}).reason, "2026-11-28 10:00"));
}

TEST_CASE("a missing slot has a reason") {
  CHECK(of_ten({}).state == SlotState::missing);
  CHECK(of_ten({}).reason == "no run was recorded");

  const Attempt first = attempt(minutes{7}, Outcome::failed, "connection refused");
  const Attempt second = attempt(minutes{37}, Outcome::failed, "disk full");
  CHECK(of_ten({}, {first}).reason == "failed at 10:08: connection refused");
  CHECK(of_ten({}, {second, first}).reason == "failed at 10:38: disk full");
  CHECK(of_ten({}, {first, attempt(minutes{37}, Outcome::busy)}).reason ==
        "failed at 10:08: connection refused");

  CHECK(of_ten({}, {attempt(minutes{7}, Outcome::busy)}).reason ==
        "another run held the lock at 10:07");
  CHECK(of_ten({}, {attempt(minutes{7}, Outcome::done)}).reason ==
        "the run of 10:07 ended well, and no backup of it is known");
}

TEST_CASE("a run without an end was interrupted once another one got the lock") {
  const Attempt broken = attempt(minutes{7}, Outcome::unfinished);
  CHECK(of_ten({}, {broken}).reason ==
        "began at 10:07 and has not ended: running yet, or interrupted");
  CHECK(of_ten({}, {broken, attempt(minutes{67}, Outcome::busy)}).reason ==
        "began at 10:07 and has not ended: running yet, or interrupted");
  CHECK(of_ten({}, {attempt(minutes{67}, Outcome::done), broken}).reason ==
        "interrupted: began at 10:07 and never ended");
  CHECK(of_ten({}, {broken, attempt(minutes{67}, Outcome::unfinished)}).reason ==
        "interrupted: began at 10:07 and never ended");
}

TEST_CASE("attempts of other slots explain nothing here") {
  CHECK(of_ten({}, {attempt(minutes{-1}, Outcome::failed, "before"),
                    attempt(minutes{60}, Outcome::failed, "after")})
            .reason == "no run was recorded");
}

TEST_CASE("the slot we are in is pending until half of it is over") {
  CHECK(of_ten({}, {}, ten).state == SlotState::pending);
  CHECK(of_ten({}, {}, ten + minutes{29}).state == SlotState::pending);
  CHECK(of_ten({}, {}, ten + minutes{29}).reason == "no run was recorded yet");
  CHECK(of_ten({}, {attempt(minutes{7}, Outcome::failed, "no")}, ten + minutes{20}).reason ==
        "failed at 10:08: no");
  CHECK(of_ten({}, {}, ten + minutes{30}).state == SlotState::missing);
  CHECK(of_ten({}, {}, ten + minutes{30}).reason == "no run was recorded yet");
  CHECK(of_ten({taken(minutes{5})}, {}, ten + minutes{6}).state == SlotState::taken);
}

TEST_CASE("thirty days of hours are 720, at any moment of the hour") {
  for (const minutes past : {minutes{0}, minutes{1}, minutes{30}, minutes{59}}) {
    const Time now = evening + past;
    const Account month = account(
        {}, {},
        {.period = hours{1}, .from = now - days{30}, .to = now, .since = Time{}, .now = now});
    CHECK(month.slots.size() == 720);
    CHECK(month.missing + month.pending == 720);
    CHECK_FALSE(month.is_whole());
  }
}

TEST_CASE("what was before the source began is not accounted for") {
  const AccountOptions options{.period = hours{1},
                               .from = ten - days{30},
                               .to = evening,
                               .since = ten + minutes{40},
                               .now = evening};
  const std::vector<TakenBackup> first{taken(minutes{45})};
  const Account result = account(first, {}, options);
  REQUIRE(result.slots.size() == 11);
  CHECK(result.slots[0].slot == ten);
  CHECK(result.slots[0].state == SlotState::taken);  // it could not be sooner
  AccountOptions none = options;
  none.since.reset();
  CHECK(account(first, {}, none).slots.empty());
  CHECK(account(first, {}, none).is_whole());
  none.since = evening + days{1};
  CHECK(account(first, {}, none).slots.empty());
}

TEST_CASE("the future is not accounted for, and an empty stretch is empty") {
  AccountOptions options{
      .period = hours{1}, .from = ten, .to = Time::max(), .since = Time{}, .now = ten + hours{2}};
  CHECK(account({}, {}, options).slots.size() == 3);
  options.to = ten;
  CHECK(account({}, {}, options).slots.empty());
  options.to = ten - days{1};
  CHECK(account({}, {}, options).slots.empty());
  options.from = Time::min();
  options.since = ten - hours{3};
  options.to = Time::max();
  CHECK(account({}, {}, options).slots.size() == 6);
}

TEST_CASE("ten thousand slots are told of, and no more") {
  AccountOptions options{.period = minutes{15},
                         .from = ten - 9'999 * minutes{15},
                         .to = Time::max(),
                         .since = Time{},
                         .now = ten};
  CHECK(account({}, {}, options).slots.size() == most_slots);
  options.from -= minutes{15};
  const Error error = error_of([&] { account({}, {}, options); });
  CHECK(error.code() == Code::usage);
  CHECK(contains(error.what(), "10,001 slots of 15m"));
  options.period = minutes{7};
  CHECK(error_of([&] { account({}, {}, options); }).code() == Code::bug);
}

TEST_CASE("weeks are told of with dates") {
  const std::vector<Attempt> attempts{attempt(minutes{7}, Outcome::failed, "no route")};
  const Account result = account(
      {}, attempts,
      {.period = days{7}, .from = ten - days{21}, .to = evening, .since = Time{}, .now = evening});
  REQUIRE(result.slots.size() == 3);
  CHECK(result.slots[2].slot == at("2026-11-23T00:00:00Z"));
  CHECK(result.slots[2].state == SlotState::pending);
  CHECK(result.slots[2].reason == "failed at 2026-11-25 10:08: no route");
}

TEST_CASE("an hour that local clocks have twice or not at all is one slot") {
  for (const char* const text : {"2026-03-29T00:00:00Z", "2026-10-25T00:00:00Z"}) {
    const Time night = at(text);
    const Account result = account({}, {},
                                   {.period = hours{1},
                                    .from = night,
                                    .to = night + days{1},
                                    .since = Time{},
                                    .now = evening});
    CHECK(result.slots.size() == 24);
  }
}

/// Hours around ten, with backups and attempts anywhere in and beside them.
TakenBackup any_backup() {
  const minutes slot{60 * *rc::gen::inRange(-3, 30)};
  const minutes moment = slot + minutes{*rc::gen::inRange(-70, 200)};
  return {.slot = ten + slot,
          .id = std::to_string(*rc::gen::inRange(0, 1000)),
          .taken = ten + moment,
          .damaged = *rc::gen::inRange(0, 3) == 0,
          .late = *rc::gen::inRange(0, 5) == 0,
          .removed = *rc::gen::inRange(0, 3) == 0};
}

Attempt any_attempt() {
  return attempt(
      minutes{*rc::gen::inRange(-200, 2000)},
      *rc::gen::element(Outcome::done, Outcome::failed, Outcome::busy, Outcome::unfinished),
      std::to_string(*rc::gen::inRange(0, 1000)));
}

template <typename Make>
auto several(const Make& make) {
  std::vector<decltype(make())> all(*rc::gen::inRange<std::size_t>(0, 40));
  std::ranges::generate(all, make);
  return all;
}

TEST_CASE("every slot is told of once, with a reason unless it is well") {
  CHECK(rc::check("account", [] {
    std::vector<TakenBackup> backups = several(any_backup);
    std::vector<Attempt> attempts = several(any_attempt);
    const AccountOptions options{.period = hours{1},
                                 .from = ten,
                                 .to = ten + hours{24},
                                 .since = ten + minutes{*rc::gen::inRange(-100, 300)},
                                 .now = ten + minutes{*rc::gen::inRange(0, 2000)}};
    const Account result = account(backups, attempts, options);
    RC_ASSERT(result.taken + result.late + result.damaged + result.missing + result.pending ==
              result.slots.size());
    for (std::size_t i = 0; i < result.slots.size(); ++i) {
      const SlotAccount& slot = result.slots[i];
      RC_ASSERT((i == 0 || slot.slot == result.slots[i - 1].slot + hours{1}));
      RC_ASSERT(slot.slot <= options.now);
      RC_ASSERT((slot.state == SlotState::taken || !slot.reason.empty()));
      const bool has_backup = slot.state == SlotState::taken || slot.state == SlotState::late ||
                              slot.state == SlotState::damaged;
      RC_ASSERT(slot.backup.has_value() == has_backup);
      RC_ASSERT((slot.state != SlotState::pending || i + 1 == result.slots.size()));
    }
    // The order they come in says nothing.
    std::mt19937 random{*rc::gen::arbitrary<std::uint32_t>()};
    std::shuffle(backups.begin(), backups.end(), random);
    std::shuffle(attempts.begin(), attempts.end(), random);
    RC_ASSERT(account(backups, attempts, options).slots == result.slots);
  }));
}

TEST_CASE("states have names") {
  CHECK(to_text(SlotState::taken) == "taken");
  CHECK(to_text(SlotState::late) == "late");
  CHECK(to_text(SlotState::damaged) == "damaged");
  CHECK(to_text(SlotState::missing) == "missing");
  CHECK(to_text(SlotState::pending) == "pending");
}

}  // namespace
}  // namespace trackier::backup
