#include "os/zone.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "support/errors.hpp"

namespace trackier::os {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using test::error_of;

Time at(std::string_view text) {
  return parse_moment(text).value().time;
}

LocalTime shown(std::string_view text) {
  return parse_local_time(text).value();
}

std::chrono::local_days day(std::string_view text) {
  return std::chrono::local_days{parse_day(text).value()};
}

/// In UTC.
std::vector<std::string> when(const char* zone, std::string_view local) {
  std::vector<std::string> found;
  for (const Time each : Zone{zone}.when(shown(local))) {
    found.push_back(to_rfc3339(each));
  }
  return found;
}

std::string end_of(const char* zone, std::string_view local) {
  return to_rfc3339(Zone{zone}.end_of(day(local)));
}

using Moments = std::vector<std::string>;

// By `TZ=... date -d ...` (GNU coreutils).
TEST_CASE("offsets, and what people call them") {
  struct Case {
    const char* zone;
    const char* at;
    minutes ahead;
    const char* called;
  };
  for (const Case& each :
       {Case{"UTC", "2026-11-27T22:47:31Z", minutes{0}, "UTC"},
        Case{"Europe/Berlin", "2026-01-15T12:00:00Z", minutes{60}, "CET"},
        Case{"Europe/Berlin", "2026-07-15T12:00:00Z", minutes{120}, "CEST"},
        Case{"Europe/Berlin", "2026-03-29T00:59:59Z", minutes{60}, "CET"},
        Case{"Europe/Berlin", "2026-03-29T01:00:00Z", minutes{120}, "CEST"},
        Case{"Asia/Kolkata", "2026-11-27T22:47:31Z", minutes{330}, "IST"},
        Case{"Asia/Kathmandu", "2026-11-27T22:47:31Z", minutes{345}, "+05:45"},
        Case{"America/St_Johns", "2026-01-15T12:00:00Z", minutes{-210}, "NST"},
        Case{"America/St_Johns", "2026-07-15T12:00:00Z", minutes{-150}, "NDT"},
        Case{"America/Sao_Paulo", "2026-11-27T22:47:31Z", minutes{-180}, "-03:00"},
        Case{"Asia/Singapore", "2026-11-27T22:47:31Z", minutes{480}, "+08:00"},
        Case{"Pacific/Apia", "2026-11-27T22:47:31Z", minutes{780}, "+13:00"},
        Case{"Pacific/Marquesas", "2026-11-27T22:47:31Z", minutes{-570}, "-09:30"},
        Case{"Africa/Monrovia", "1960-01-01T00:00:00Z", minutes{-44}, "MMT"}}) {
    CAPTURE(each.zone);
    CAPTURE(each.at);
    const Zone zone{each.zone};
    CHECK(zone.name() == each.zone);
    CHECK(std::chrono::duration_cast<minutes>(zone.offset(at(each.at))) == each.ahead);
    CHECK(zone.abbreviation(at(each.at)) == each.called);
    CHECK(zone.local(at(each.at)).time_since_epoch() ==
          (at(each.at) + zone.offset(at(each.at))).time_since_epoch());
  }
  CHECK(Zone{"Africa/Monrovia"}.offset(at("1960-01-01T00:00:00Z")) == -seconds{2670});
}

TEST_CASE("clocks show most times once") {
  CHECK(when("UTC", "2026-03-29 02:30") == Moments{"2026-03-29T02:30:00Z"});
  CHECK(when("Europe/Berlin", "2026-03-29 01:59:59") == Moments{"2026-03-29T00:59:59Z"});
  CHECK(when("Europe/Berlin", "2026-03-29 03:00") == Moments{"2026-03-29T01:00:00Z"});
  CHECK(when("Asia/Kathmandu", "2026-11-28 04:17:31") == Moments{"2026-11-27T22:32:31Z"});
  CHECK(when("Pacific/Kiritimati", "2026-11-28 00:00") == Moments{"2026-11-27T10:00:00Z"});
}

TEST_CASE("what clocks leap over is never, what they show again is twice") {
  CHECK(when("Europe/Berlin", "2026-03-29 02:00").empty());
  CHECK(when("Europe/Berlin", "2026-03-29 02:30").empty());
  CHECK(when("Europe/Berlin", "2026-03-29 02:59:59").empty());
  CHECK(when("Europe/Berlin", "2026-10-25 02:30") ==
        Moments{"2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"});
  CHECK(when("Europe/Berlin", "2026-10-25 02:00") ==
        Moments{"2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"});
  CHECK(when("Europe/Berlin", "2026-10-25 03:00") == Moments{"2026-10-25T02:00:00Z"});
  // Half an hour alone.
  CHECK(when("Australia/Lord_Howe", "2026-04-05 01:45") ==
        Moments{"2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"});
  CHECK(when("Australia/Lord_Howe", "2026-10-04 02:15").empty());
  // Samoa went over the date line, and had no 30 December.
  CHECK(when("Pacific/Apia", "2011-12-30 12:00").empty());
  CHECK(when("Pacific/Apia", "2011-12-29 23:59:59") == Moments{"2011-12-30T09:59:59Z"});
  CHECK(when("Pacific/Apia", "2011-12-31 00:00") == Moments{"2011-12-30T10:00:00Z"});
}

TEST_CASE("days end with their last second, however long they are") {
  CHECK(end_of("UTC", "2026-12-31") == "2026-12-31T23:59:59Z");
  CHECK(end_of("Europe/Berlin", "2026-03-28") == "2026-03-28T22:59:59Z");
  CHECK(end_of("Europe/Berlin", "2026-03-29") == "2026-03-29T21:59:59Z");
  CHECK(end_of("Europe/Berlin", "2026-10-24") == "2026-10-24T21:59:59Z");
  CHECK(end_of("Europe/Berlin", "2026-10-25") == "2026-10-25T22:59:59Z");
  CHECK(end_of("America/New_York", "2027-11-07") == "2027-11-08T04:59:59Z");
  CHECK(end_of("Pacific/Kiritimati", "2026-11-28") == "2026-11-28T09:59:59Z");
  CHECK(end_of("Pacific/Apia", "2026-11-28") == "2026-11-28T10:59:59Z");
  CHECK(end_of("Pacific/Apia", "2011-12-29") == "2011-12-30T09:59:59Z");
  CHECK(end_of("Pacific/Apia", "2011-12-30") == "2011-12-30T09:59:59Z");  // it never was
  CHECK(end_of("Pacific/Apia", "2011-12-31") == "2011-12-31T09:59:59Z");
  // Clocks that leap at midnight: the day begins at one.
  CHECK(end_of("America/Havana", "2026-03-07") == "2026-03-08T04:59:59Z");
  CHECK(end_of("America/Havana", "2026-03-08") == "2026-03-09T03:59:59Z");
  // Clocks that are set back to midnight: the next day begins once.
  CHECK(end_of("America/Havana", "2026-10-31") == "2026-11-01T03:59:59Z");
  CHECK(end_of("America/Havana", "2026-11-01") == "2026-11-02T04:59:59Z");
  // Clocks that are set back at midnight: the last hour of the day comes twice.
  CHECK(end_of("America/Santiago", "2026-04-04") == "2026-04-05T03:59:59Z");
  // And at one minute past it: the day comes back.
  CHECK(end_of("America/St_Johns", "2010-11-06") == "2010-11-07T03:29:59Z");
}

TEST_CASE("what is no zone is refused, however it is written") {
  for (const char* const name :
       {"", "../etc/passwd", "/etc/localtime", "/usr/share/zoneinfo/UTC", "Europe/../UTC", "Europe",
        "Europe/", "Europe/Berlim", "europe berlin", "UTC0", "CET-1CEST", ":UTC", "UTC\n",
        "tzdata.zi", "leapseconds", "zone.tab", "./UTC", "EST5EDT,M3.2.0,M11.1.0", "<+03>-3"}) {
    CAPTURE(name);
    const Error error = error_of([&] { Zone{name}; });
    CHECK(error.code() == Code::usage);
    CHECK(test::contains(test::message_of(error), "there is no time zone "));
    CHECK(test::contains(error.hint(), "Europe/Berlin"));
  }
  CHECK_THROWS_AS(Zone{std::string("UTC\0x", 5)}, Error);
  CHECK_THROWS_AS(Zone{std::string(5000, 'x')}, Error);
}

TEST_CASE("the environment is as it was") {
  // One thread, as the class asks for. NOLINTBEGIN(concurrency-mt-unsafe)
  const char* const before = std::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  const auto use_all = [] {
    const Zone zone{"Asia/Kathmandu"};
    static_cast<void>(zone.offset(Time{}));
    static_cast<void>(zone.abbreviation(Time{}));
    static_cast<void>(zone.when(LocalTime{}));
    static_cast<void>(zone.end_of({}));
  };
  const auto hour = [] {
    const std::time_t when = 1'795'599'000;  // 2026-11-25T09:30:00Z
    std::tm broken{};
    ::localtime_r(&when, &broken);
    return broken.tm_hour;
  };
  ::unsetenv("TZ");
  use_all();
  CHECK(std::getenv("TZ") == nullptr);
  ::setenv("TZ", "JST-9", 1);
  ::tzset();
  use_all();
  REQUIRE(std::getenv("TZ") != nullptr);
  CHECK(std::string{std::getenv("TZ")} == "JST-9");
  CHECK(hour() == 18);
  ::setenv("TZ", "", 1);
  ::tzset();
  use_all();
  REQUIRE(std::getenv("TZ") != nullptr);
  CHECK(std::string{std::getenv("TZ")}.empty());
  CHECK(hour() == 9);
  if (before == nullptr) {
    ::unsetenv("TZ");
  } else {
    ::setenv("TZ", kept.c_str(), 1);
  }
  ::tzset();
  // NOLINTEND(concurrency-mt-unsafe)
}

TEST_CASE("what clocks show, and when they show it, agree") {
  for (const char* const name : {"Europe/Berlin", "America/St_Johns", "Pacific/Apia", "UTC",
                                 "Asia/Kathmandu", "Australia/Lord_Howe", "America/Havana"}) {
    CAPTURE(name);
    const Zone zone{name};
    for (Time time = at("2026-01-01T00:00:00Z"); time < at("2027-01-01T00:00:00Z");
         time += minutes{1439}) {
      const auto found = zone.when(zone.local(time));
      CHECK(std::ranges::find(found, time) != found.end());
      CHECK(std::chrono::floor<std::chrono::days>(
                zone.local(zone.end_of(std::chrono::floor<std::chrono::days>(zone.local(time))))) ==
            std::chrono::floor<std::chrono::days>(zone.local(time)));
    }
  }
}

TEST_CASE("the data has a version") {
  const std::string version = zone_data_version();
  CAPTURE(version);
  CHECK((version == "unknown" || (version.size() >= 5 && version.starts_with("20"))));
}

}  // namespace
}  // namespace trackier::os
