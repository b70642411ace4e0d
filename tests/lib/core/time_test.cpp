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

}  // namespace
}  // namespace trackier
