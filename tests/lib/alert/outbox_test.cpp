#include "alert/outbox.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>

#include "audit/log.hpp"
#include "core/error.hpp"
#include "os/posix_file.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::alert {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using test::contains;
using test::error_of;

const Time noon = *parse_rfc3339("2026-11-27T12:00:00Z");

/// A log, and a channel that takes messages or does not.
class Example {
 public:
  explicit Example(Subscription subscription = {.at_once = critical_events()})
      : subscription_(std::move(subscription)) {}

  void record(const std::string& operation, Time at, std::uint64_t exit = 0) {
    audit::Log log = open(at);
    log.end(log.begin(operation, {}), operation, {.exit = exit, .code = exit == 0 ? "ok" : "io"});
  }

  void begin(const std::string& operation, Time at) {
    audit::Log log = open(at);
    static_cast<void>(log.begin(operation, {}));
  }

  bool flush(Time now, Outbox::What what = Outbox::What::all) {
    return outbox().flush(what, now,
                          [this](const Message& message) {
                            if (refuses_ > 0) {
                              --refuses_;
                              throw Error{Code::unavailable, "not now"};
                            }
                            told_.push_back(message);
                            if (loses_ > 0) {
                              --loses_;
                              throw Error{Code::io, "the power went"};
                            }
                          },
                          {});
  }

  Outbox outbox() {
    return {
        os::posix(),
        {.log = log(), .directory = directory_.path() / "alerts", .channel = "ops", .host = "h"},
        subscription_};
  }

  void refuse(std::size_t times) { refuses_ = times; }
  void lose(std::size_t times) { loses_ = times; }
  [[nodiscard]] std::filesystem::path log() const { return directory_.path() / "audit"; }

  std::vector<Message> told() { return std::exchange(told_, {}); }

  /// The numbers of the records in the messages of a type.
  static std::vector<std::uint64_t> numbers(const std::vector<Message>& messages,
                                            const std::string& type) {
    std::vector<std::uint64_t> made;
    for (const Message& each : messages) {
      const auto json = nlohmann::json::parse(each.json);
      if (json.at("type") == type) {
        const auto activities = json.at("data").value("activities", nlohmann::json::array());
        for (const auto& activity : activities) {
          made.push_back(activity.at("seq").get<std::uint64_t>());
        }
      }
    }
    return made;
  }

 private:
  audit::Log open(Time at) {
    return audit::Log{os::posix(),
                      {.directory = log(), .segment_bytes = 4096},
                      {.actor = {.uid = 17},
                       .process = {.boot = "b", .space = 1, .pid = 2, .start = 3},
                       .host = "h",
                       .now = [at] { return audit::Stamp{.at = at, .boot_us = 0}; },
                       .is_gone = [](const audit::Process&) { return false; }}};
  }

  test::TemporaryDirectory directory_;
  Subscription subscription_;
  std::vector<Message> told_;
  std::size_t refuses_ = 0;
  std::size_t loses_ = 0;
};

using Numbers = std::vector<std::uint64_t>;

TEST_CASE("critical events are told at once, everything once its hour is over") {
  Example ops;
  CHECK_FALSE(ops.flush(noon));
  ops.record("backup", noon);
  ops.record("backup", noon, 74);
  CHECK(ops.flush(noon));
  auto told = ops.told();
  REQUIRE(told.size() == 1);
  CHECK(told[0].subject == "trackier-ctl: a backup failed");
  CHECK(contains(told[0].text, "a backup failed on h: 1 backup-failed\n"));
  CHECK(contains(told[0].text, "2026-11-27T12:00:00.000Z  backup  io (74)  backup-failed  uid 17"));
  CHECK(Example::numbers(told, "trackier.alert") == Numbers{3});
  CHECK_FALSE(ops.flush(noon + minutes{59}));
  CHECK(ops.outbox().pending(noon + minutes{59}, {}).digest == 0);
  CHECK(ops.outbox().pending(noon + hours{1}, {}).digest == 2);
  CHECK(ops.flush(noon + hours{1}));
  told = ops.told();
  REQUIRE(told.size() == 1);
  CHECK(told[0].subject == "trackier-ctl: what commands did");
  CHECK(Example::numbers(told, "trackier.digest") == Numbers{1, 3});
  CHECK_FALSE(ops.flush(noon + hours{2}));
}

TEST_CASE("a run tells of events alone") {
  Example ops;
  ops.record("restore", noon - hours{3});
  ops.record("keys.shred", noon - hours{3});
  CHECK(ops.flush(noon, Outbox::What::at_once));
  CHECK(Example::numbers(ops.told(), "trackier.alert") == Numbers{3});
  CHECK(ops.flush(noon));
  CHECK(Example::numbers(ops.told(), "trackier.digest") == Numbers{1, 3});
}

TEST_CASE("a digest lists what has begun and not ended") {
  Example ops;
  ops.record("check", noon - hours{1});
  ops.begin("backup", noon - hours{1});
  CHECK(ops.flush(noon));
  const auto told = ops.told();
  CHECK(contains(told.at(0).text, "begun, and not ended: backup ["));
}

TEST_CASE("what was not taken waits") {
  Example ops;
  ops.record("backup", noon, 74);
  ops.refuse(2);
  CHECK(error_of([&] { ops.flush(noon); }).code() == Code::unavailable);
  CHECK(error_of([&] { ops.flush(noon); }).code() == Code::unavailable);
  CHECK(ops.outbox().pending(noon, {}).at_once == 1);
  CHECK(ops.flush(noon));
  CHECK(Example::numbers(ops.told(), "trackier.alert") == Numbers{1});
  CHECK(ops.outbox().pending(noon, {}).at_once == 0);
}

TEST_CASE("what was taken before a crash is told again, under the same id") {
  Example ops;
  ops.record("backup", noon, 74);
  ops.lose(1);
  CHECK(error_of([&] { ops.flush(noon); }).code() == Code::io);
  CHECK(ops.flush(noon));
  const auto told = ops.told();
  REQUIRE(told.size() == 2);
  CHECK(told[0].id == told[1].id);
  // With one more in it, it is another message, or who drops what they have seen would lose it.
  ops.record("backup", noon, 74);
  ops.lose(1);
  CHECK(error_of([&] { ops.flush(noon); }).code() == Code::io);
  ops.record("backup", noon, 74);
  CHECK(ops.flush(noon));
  const auto more = ops.told();
  CHECK(more[0].id != more[1].id);
}

TEST_CASE("a new channel begins a day back") {
  Example ops;
  ops.record("backup", noon - hours{30}, 74);
  ops.record("backup", noon - hours{20}, 74);
  CHECK(ops.flush(noon));
  const auto told = ops.told();
  CHECK(Example::numbers(told, "trackier.alert") == Numbers{3});
  CHECK(Example::numbers(told, "trackier.digest") == Numbers{3});
}

TEST_CASE("many events are several messages, and none is left out") {
  Example ops;
  Numbers expected;
  for (std::uint64_t i = 0; i < 120; ++i) {
    ops.record("backup", noon - hours{2}, 74);
    expected.push_back(2 * i + 1);
  }
  CHECK(ops.flush(noon));
  const auto told = ops.told();
  CHECK(told.size() == 4);
  CHECK(Example::numbers(told, "trackier.alert") == expected);
  CHECK(Example::numbers(told, "trackier.digest") == expected);
}

TEST_CASE("a clock that was ahead for a while delays no digest") {
  Example ops;
  ops.record("backup", noon - hours{1});
  ops.record("backup", noon + hours{1000});
  ops.record("backup", noon - hours{1});
  ops.record("backup", noon + minutes{1});
  CHECK(ops.flush(noon + minutes{1}));
  CHECK(Example::numbers(ops.told(), "trackier.digest") == Numbers{1, 3, 5});
}

TEST_CASE("a log that was cut is told of once, and what there is now from the last day on") {
  Example ops;
  ops.record("backup", noon - hours{1});
  ops.record("backup", noon - hours{1});
  ops.flush(noon);
  ops.told();
  std::filesystem::remove_all(ops.log());
  ops.record("keys.destroy", noon);
  CHECK(ops.outbox().pending(noon, {}).is_damaged);
  CHECK(ops.flush(noon));
  const auto told = ops.told();
  REQUIRE(told.size() == 2);
  CHECK(told[0].subject == "trackier-ctl: the audit log is not what it was");
  CHECK(Example::numbers(told, "trackier.alert") == Numbers{1});
  CHECK_FALSE(ops.outbox().pending(noon, {}).is_damaged);
  CHECK_FALSE(ops.flush(noon));
}

TEST_CASE("a log that is broken is told of once, and what follows is told all the same") {
  Example ops;
  ops.record("backup", noon - hours{2}, 74);
  ops.record("backup", noon - hours{2}, 74);
  const auto file = ops.log() / audit::segment_name(1);
  std::string text;
  {
    std::ifstream read{file};
    text.assign(std::istreambuf_iterator<char>{read}, {});
  }
  // The second record becomes garbage: its event is lost, and nothing else.
  const std::size_t second = text.find('\n') + 1;
  const std::size_t third = text.find('\n', second) + 1;
  std::ofstream{file} << text.substr(0, second) + "garbage\n" + text.substr(third);
  CHECK(ops.outbox().pending(noon, {}).is_damaged);
  CHECK(ops.outbox().pending(noon, {}).at_once == 1);
  const Error error = error_of([&] { ops.flush(noon); });
  CHECK(error.code() == Code::data);
  CHECK(contains(error.what(), "the audit log does not go on after record 0"));
  const auto told = ops.told();
  REQUIRE(told.size() == 3);
  CHECK(told[0].subject == "trackier-ctl: the audit log is not what it was");
  CHECK(Example::numbers(told, "trackier.alert") == Numbers{3});
  CHECK(Example::numbers(told, "trackier.digest") == Numbers{3});
  CHECK_FALSE(ops.flush(noon));
  ops.record("backup", noon, 74);
  CHECK(ops.flush(noon));
  CHECK(Example::numbers(ops.told(), "trackier.alert") == Numbers{5});
}

TEST_CASE("garbage at the end is told of once, and is an error until the log goes on") {
  Example ops;
  ops.record("backup", noon - hours{2}, 74);
  std::ofstream{ops.log() / audit::segment_name(1), std::ios::app} << "garbage\n";
  for (int i = 0; i < 3; ++i) {
    CHECK(error_of([&] { ops.flush(noon); }).code() == Code::data);
  }
  const auto told = ops.told();
  CHECK(told.size() == 3);  // the event, the damage, the digest
  CHECK(Example::numbers(told, "trackier.digest") == Numbers{1});
}

TEST_CASE("what a channel was not told in a day is still told") {
  Example ops;
  ops.record("backup", noon - hours{20}, 74);
  ops.refuse(1);
  CHECK(error_of([&] { ops.flush(noon); }).code() == Code::unavailable);
  CHECK(ops.flush(noon + hours{100}));
  CHECK(Example::numbers(ops.told(), "trackier.alert") == Numbers{1});
}

TEST_CASE("how long something waits is known of events and activities by themselves") {
  Example ops;
  ops.record("restore", noon - hours{2});
  ops.record("backup", noon - minutes{1}, 74);
  const Pending waiting = ops.outbox().pending(noon, {});
  CHECK(waiting.oldest_digest == noon - hours{2});
  CHECK(waiting.oldest_at_once == noon - minutes{1});
  CHECK(waiting.oldest() == noon - hours{2});
}

TEST_CASE("a cursor that is none says how to go on") {
  Example ops;
  ops.record("backup", noon, 74);
  ops.flush(noon);
  const auto cursor = ops.log().parent_path() / "alerts/ops.cursor";
  std::ifstream file{cursor};
  const std::string good{std::istreambuf_iterator<char>{file}, {}};
  for (const std::string& bad :
       {std::string{}, std::string{"{}"}, std::string{"[]"}, good.substr(0, good.size() / 2),
        std::string{R"({"v":1,"at_once":{"segment":-1},"digest":null,"damage_told":false})"},
        std::string{R"({"v":1,"at_once":7,"digest":null,"damage_told":false})"}}) {
    CAPTURE(bad);
    std::ofstream{cursor} << bad;
    CHECK(error_of([&] { ops.flush(noon); }).code() == Code::data);
  }
  std::filesystem::remove(cursor);
  CHECK(ops.flush(noon));
}

TEST_CASE("whatever fails on the way, every event is told") {
  std::mt19937 random{7};  // NOLINT(cert-msc32-c,cert-msc51-cpp) the same each time
  Example ops;
  Numbers expected;
  Numbers told;
  Time now = noon;
  std::uint64_t seq = 0;
  for (int i = 0; i < 400; ++i) {
    now += minutes{random() % 20};
    const bool fails = random() % 3 == 0;
    ops.record("backup", now, fails ? 74 : 0);
    seq += 2;
    if (fails) {
      expected.push_back(seq - 1);
    }
    ops.refuse(random() % 4 == 0 ? 1 : 0);
    ops.lose(random() % 4 == 0 ? 1 : 0);
    try {
      ops.flush(now, random() % 2 == 0 ? Outbox::What::all : Outbox::What::at_once);
    } catch (const Error&) {
    }
  }
  ops.refuse(0);
  ops.lose(0);
  ops.flush(now + hours{1});
  const auto messages = ops.told();
  for (const std::string type : {"trackier.alert", "trackier.digest"}) {
    told = Example::numbers(messages, type);
    CHECK(std::ranges::is_sorted(told) == false);  // some came twice: the test does test that
    std::ranges::sort(told);
    told.erase(std::unique(told.begin(), told.end()), told.end());
    if (type == "trackier.digest") {
      CHECK(told.size() == 400);
    } else {
      CHECK(told == expected);
    }
  }
}

}  // namespace
}  // namespace trackier::alert
