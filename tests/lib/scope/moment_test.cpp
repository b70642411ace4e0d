#include "scope/moment.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "core/time.hpp"

namespace trackier::scope {
namespace {

std::optional<std::int64_t> micros(Value::Kind kind, const std::string& text) {
  const auto moment = read_moment({kind, text});
  return moment ? std::optional{moment->time_since_epoch().count()} : std::nullopt;
}

std::optional<std::int64_t> of_text(const std::string& text) {
  return micros(Value::Kind::text, text);
}

TEST_CASE("times as people and machines write them") {
  constexpr std::int64_t evening = 1'795'799'851'000'000;  // 2026-11-27T17:17:31Z
  const std::vector<std::string> same{
      "2026-11-27T17:17:31Z",
      "2026-11-27t17:17:31z",
      "2026-11-27 17:17:31Z",
      "2026-11-27T22:47:31+05:30",
      "2026-11-27T14:17:31-03:00",
      "2026-11-28T00:17:31.000+07:00",
      "2026-11-27T17:17:31.0000009Z",
      "27/Nov/2026:22:47:31 +0530",
      "[27/Nov/2026:22:47:31 +0530]",
      "27/nov/2026:17:17:31 -0000",
      "1795799851",
      "1795799851.0",
      "1795799851000",
      "1795799851000000",
      "1795799851000000999",
      "1795799851000.0001",
      "1.795799851e9",
      "1.795799851E+12",
  };
  for (const std::string& text : same) {
    CAPTURE(text);
    CHECK(of_text(text) == evening);
  }
  CHECK(of_text("2026-11-27T17:17:31.25Z") == evening + 250'000);
  CHECK(of_text("2026-11-27T17:17:31.123456789Z") == evening + 123'456);
  CHECK(of_text("1795799851.5") == evening + 500'000);
  CHECK(of_text("1795799851250") == evening + 250'000);
  CHECK(of_text("1795799851250.5") == evening + 250'500);
  CHECK(micros(Value::Kind::number, "1795799851.000001") == evening + 1);
  CHECK(of_text("2016-12-31T23:59:60Z") == of_text("2017-01-01T00:00:00Z"));
  CHECK(of_text("1970-01-01T00:00:00Z") == 0);
  CHECK(of_text("0") == 0);
  CHECK(of_text("-1.5") == -1'500'000);
  CHECK(of_text("-0.0000001") == -1);
  CHECK(of_text("99999999999") == std::int64_t{99'999'999'999} * 1'000'000);
  CHECK(of_text("100000000000") == std::int64_t{100'000'000} * 1'000'000);
}

TEST_CASE("what is no time is none") {
  const std::vector<std::string> none{
      "",
      "-",
      "yesterday",
      "2026-11-27",
      "2026-11-27T17:17:31",  // where?
      "2026-11-27T17:17:31.Z",
      "2026-11-27T17:17:31+0530",
      "2026-11-27T17:17:31+05:60",
      "2026-11-27T17:17:31+24:00",
      "2026-11-27T17:17:31Zx",
      "2026-11-27T17:17Z",
      "2026-02-29T17:17:31Z",
      "2026-13-01T17:17:31Z",
      "2026-11-31T17:17:31Z",
      "2026-11-27T24:00:00Z",
      "2026-11-27T17:60:31Z",
      "2026-11-27T17:17:61Z",
      "0000-01-01T00:00:00+00:01",
      "9999-12-31T23:59:59-00:01",
      "27/Nov/2026:22:47:31",
      "27/Nux/2026:22:47:31 +0530",
      "27/Nov/2026:22:47:31 +05:30",
      "[27/Nov/2026:22:47:31 +0530",
      "31/Nov/2026:22:47:31 +0530",
      "27/No",
      "1e",
      "1.",
      "1.x",
      ".5",
      "+5",
      "1 ",
      "--5",
      "1e400",
      "nan",
      "inf",
      "99999999999999999999",
  };
  for (const std::string& text : none) {
    CAPTURE(text);
    CHECK_FALSE(of_text(text).has_value());
  }
  CHECK_FALSE(read_moment({}));
  CHECK_FALSE(read_moment({Value::Kind::null, {}}));
  CHECK_FALSE(read_moment({Value::Kind::yes, {}}));
  CHECK_FALSE(read_moment({Value::Kind::container, {}}));
}

TEST_CASE("a time written by us is read as it was") {
  CHECK(rc::check("rfc 3339", [] {
    const Time time{
        std::chrono::seconds{*rc::gen::inRange<std::int64_t>(-62167219200, 253402300800)}};
    const std::string text = to_rfc3339(time);
    RC_ASSERT(read_moment({Value::Kind::text, text}) == Moment{time});
    const std::string number = std::to_string(time.time_since_epoch().count());
    if (std::abs(time.time_since_epoch().count()) < 100'000'000'000) {
      RC_ASSERT(read_moment({Value::Kind::number, number}) == Moment{time});
    }
  }));
}

}  // namespace
}  // namespace trackier::scope
