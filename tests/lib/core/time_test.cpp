#include "core/time.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "support/errors.hpp"

namespace trackier {
namespace {

using std::chrono::seconds;

// Seconds since 1970 from `date -u -d ... +%s` (GNU coreutils).
TEST_CASE("times are written in UTC, to the second") {
  CHECK(to_rfc3339(Time{}) == "1970-01-01T00:00:00Z");
  CHECK(to_rfc3339(Time{seconds{1795599000}}) == "2026-11-25T09:30:00Z");
  CHECK(to_rfc3339(Time{seconds{-1}}) == "1969-12-31T23:59:59Z");
  CHECK(to_rfc3339(Time{seconds{951782400}}) == "2000-02-29T00:00:00Z");
  CHECK(to_rfc3339(Time{seconds{253402300799}}) == "9999-12-31T23:59:59Z");
  CHECK(to_rfc3339(Time{seconds{-62167219200}}) == "0000-01-01T00:00:00Z");
}

TEST_CASE("a year that RFC 3339 cannot write is our mistake") {
  for (const auto count : {253402300800, -62167219201}) {
    CHECK(test::error_of([&] { to_rfc3339(Time{seconds{count}}); }).code() == Code::bug);
  }
}

TEST_CASE("what was written is read") {
  CHECK(rc::check("round trip", [] {
    const auto count = *rc::gen::inRange<std::int64_t>(-62167219200, 253402300800);
    const Time time{seconds{count}};
    RC_ASSERT(parse_rfc3339(to_rfc3339(time)) == time);
  }));
}

TEST_CASE("nothing else is a time") {
  for (const char* const text : {"",
                                 "2026-11-25",
                                 "2026-11-25T09:30:00",
                                 "2026-11-25T09:30:00+00:00",
                                 "2026-11-25t09:30:00z",
                                 "2026-11-25 09:30:00Z",
                                 "2026-11-25T09:30:00.0Z",
                                 " 2026-11-25T09:30:00Z",
                                 "2026-11-25T09:30:00Z\n",
                                 "2026-13-01T00:00:00Z",
                                 "2026-00-01T00:00:00Z",
                                 "2026-11-00T00:00:00Z",
                                 "2026-02-29T00:00:00Z",
                                 "1900-02-29T00:00:00Z",
                                 "2026-11-25T24:00:00Z",
                                 "2026-11-25T23:60:00Z",
                                 "2016-12-31T23:59:60Z",
                                 "+026-11-25T09:30:00Z",
                                 "2026-1 -25T09:30:00Z",
                                 "12026-11-25T09:30:00Z"}) {
    INFO(text);
    CHECK_FALSE(parse_rfc3339(text));
  }
  CHECK(parse_rfc3339("2024-02-29T23:59:59Z"));
}

TEST_CASE("a time of another offset is none, even where UTC has no year for it") {
  for (const char* const text : {"0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
                                 "0000-01-01T00:00:00+23:59", "2026-11-25T09:30:00-00:00"}) {
    INFO(text);
    CHECK_FALSE(parse_rfc3339(text));
  }
}

TEST_CASE("a moment has any offset, and keeps it") {
  struct Case {
    const char* text;
    std::int64_t time;
    std::chrono::minutes offset;
    const char* again;  // as it is written
  };
  using std::chrono::minutes;
  // Seconds from `date -u -d ... +%s` (GNU coreutils).
  for (const Case& each :
       {Case{"2026-11-28T04:17:31+05:30", 1'795'819'651, minutes{330}, "2026-11-28T04:17:31+05:30"},
        Case{"2026-11-27T22:47:31Z", 1'795'819'651, minutes{0}, "2026-11-27T22:47:31Z"},
        Case{"2026-11-27t22:47:31z", 1'795'819'651, minutes{0}, "2026-11-27T22:47:31Z"},
        Case{"2026-11-27 22:47:31Z", 1'795'819'651, minutes{0}, "2026-11-27T22:47:31Z"},
        Case{"2026-11-27T22:47:31+00:00", 1'795'819'651, minutes{0}, "2026-11-27T22:47:31Z"},
        Case{"2026-11-27T22:47:31-00:00", 1'795'819'651, minutes{0}, "2026-11-27T22:47:31Z"},
        Case{"2026-11-27T22:47:31.999999999Z", 1'795'819'651, minutes{0}, "2026-11-27T22:47:31Z"},
        Case{"2026-11-27T13:17:31.5-09:30", 1'795'819'651, minutes{-570},
             "2026-11-27T13:17:31-09:30"},
        Case{"1970-01-01T00:00:00+23:59", -86'340, minutes{1439}, "1970-01-01T00:00:00+23:59"},
        Case{"1969-12-31T00:01:00-23:59", 0, minutes{-1439}, "1969-12-31T00:01:00-23:59"},
        Case{"2024-02-29T23:59:59-00:30", 1'709'252'999, minutes{-30},
             "2024-02-29T23:59:59-00:30"}}) {
    INFO(each.text);
    const auto moment = parse_moment(each.text);
    REQUIRE(moment);
    CHECK(moment->time == Time{seconds{each.time}});
    CHECK(moment->offset == each.offset);
    CHECK(to_rfc3339(*moment) == each.again);
  }
}

TEST_CASE("what has no offset, or no day in the calendar, is no moment") {
  for (const char* const text : {"",
                                 "Z",
                                 "2026-11-25",
                                 "2026-11-25T09:30:00",
                                 "2026-11-25T09:30Z",
                                 "2026-11-25T09:30:00.Z",
                                 "2026-11-25T09:30:00.5",
                                 "2026-11-25T09:30:00.",
                                 "2026-11-25T09:30:00+0530",
                                 "2026-11-25T09:30:00+05",
                                 "2026-11-25T09:30:00+5:30",
                                 "2026-11-25T09:30:00+24:00",
                                 "2026-11-25T09:30:00+05:60",
                                 "2026-11-25T09:30:00+05:30:00",
                                 "2026-11-25T09:30:00ZZ",
                                 "2026-11-25T09:30:00 Z",
                                 "2026-11-25T09:30:00Z\n",
                                 " 2026-11-25T09:30:00Z",
                                 "2026-11-25_09:30:00Z",
                                 "2026-02-29T00:00:00Z",
                                 "2026-11-31T00:00:00Z",
                                 "2026-11-25T24:00:00Z",
                                 "2026-11-25T09:60:00Z",
                                 "2016-12-31T23:59:60Z",
                                 "2026-11-25T09:30:00\xe2\x88\x92"
                                 "05:30",
                                 "2026-11-25T09:30:00,5Z",
                                 "26-11-25T09:30:00Z",
                                 "2026-11-25T09:30:00.5x",
                                 "2026-11-25T-9:30:00Z"}) {
    INFO(text);
    CHECK_FALSE(parse_moment(text));
  }
}

TEST_CASE("moments are read as they were written") {
  CHECK(rc::check("round trip", [] {
    const Moment moment{
        Time{seconds{*rc::gen::inRange<std::int64_t>(-62'000'000'000, 253'000'000'000)}},
        std::chrono::minutes{*rc::gen::inRange(-1439, 1440)}};
    RC_ASSERT(parse_moment(to_rfc3339(moment)) == moment);
  }));
}

TEST_CASE("an offset with seconds, as of old clocks, is cut; the moment is not") {
  const Moment moment{Time{}, -seconds{2670}};
  CHECK(to_rfc3339(moment) == "1969-12-31T23:16:00-00:44");
  CHECK(parse_moment(to_rfc3339(moment)).value().time == moment.time);
}

TEST_CASE("a time of clocks on the wall has no offset, and may lack its seconds") {
  const auto expected = std::chrono::local_days{std::chrono::year{2026} / 11 / 28} +
                        std::chrono::hours{4} + std::chrono::minutes{17};
  CHECK(parse_local_time("2026-11-28 04:17") == expected);
  CHECK(parse_local_time("2026-11-28T04:17") == expected);
  CHECK(parse_local_time("2026-11-28t04:17:31") == expected + seconds{31});
  CHECK(parse_local_time("2026-11-28 23:59:59"));
  for (const char* const text :
       {"", "2026-11-28", "2026-11-28 ", "2026-11-28 4:17", "2026-11-28 04", "2026-11-28 04:17Z",
        "2026-11-28 04:17:31Z", "2026-11-28 04:17:31.5", "2026-11-28 04:17+05:30",
        "2026-11-28 24:00", "2026-11-28 04:60", "2026-11-28 04:17:60", "2026-11-31 04:17",
        "2026-11-28  04:17", "2026-11-28x04:17", "2026-11-28 04:17:3", "2026-11-28 04.17"}) {
    INFO(text);
    CHECK_FALSE(parse_local_time(text));
  }
}

TEST_CASE("days are those of the calendar") {
  using std::chrono::year;
  CHECK(parse_day("2026-11-28") == year{2026} / 11 / 28);
  CHECK(parse_day("2024-02-29") == year{2024} / 2 / 29);
  CHECK(parse_day("2000-02-29") == year{2000} / 2 / 29);
  CHECK(parse_day("0000-01-01") == year{0} / 1 / 1);
  CHECK(to_text(*parse_day("0007-01-02")) == "0007-01-02");
  for (const char* const text :
       {"", "2026-11", "2026-11-8", "2026-11-028", "2026-02-29", "1900-02-29", "2026-04-31",
        "2026-00-10", "2026-13-10", "2026-10-00", "2026-10-32", "2026/11/28", "28-11-2026",
        "2026-11-28 ", " 2026-11-28", "-026-11-28", "+026-11-28", "2026-1a-28"}) {
    INFO(text);
    CHECK_FALSE(parse_day(text));
  }
}

TEST_CASE("people read the day, the month by its name, and the clock") {
  CHECK(to_text(parse_local_time("2026-11-28 04:17:31").value()) == "28 Nov 2026 04:17:31");
  CHECK(to_text(parse_local_time("2027-01-02 00:00").value()) == "2 Jan 2027 00:00:00");
  CHECK(to_text(parse_local_time("1969-12-31 23:59:59").value()) == "31 Dec 1969 23:59:59");
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (unsigned month = 1; month <= 12; ++month) {
    const LocalTime first =
        std::chrono::local_days{std::chrono::year{2026} / std::chrono::month{month} / 1};
    CHECK(to_text(first).substr(2, 3) == months.substr((month - 1) * 3UL, 3));
  }
}

}  // namespace
}  // namespace trackier
