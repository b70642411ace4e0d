#include "anonymize/transformer.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>

#include "core/error.hpp"
#include "job_on_text.hpp"
#include "support/errors.hpp"

namespace trackier::anonymize {

namespace {

/// What becomes of a value; "(unchanged)" and "(drop record)" for those outcomes.
std::string transformed(const Transform& transform, std::string_view value,
                        Kind kind = Kind::name) {
  Transformer transformer{test::test_pseudonymizer(), {}};
  std::string out;
  switch (transformer.append(transform, kind, Form::plain, value, out)) {
    case Outcome::unchanged:
      REQUIRE(out.empty());
      return "(unchanged)";
    case Outcome::drop_record:
      return "(drop record)";
    default:
      return out;
  }
}

}  // namespace

TEST_CASE("keep leaves a value, drop leaves it out, or the record") {
  CHECK(transformed({.action = Action::keep}, "Clyde") == "(unchanged)");
  CHECK(transformed({.action = Action::drop}, "Clyde").empty());
  CHECK(transformed({.action = Action::drop, .drop_record = true}, "Clyde") == "(drop record)");
}

TEST_CASE("redact writes the kind or the label, once") {
  CHECK(transformed({.action = Action::redact}, "Clyde") == "[name]");
  CHECK(transformed({.action = Action::redact, .label = "who"}, "Clyde") == "[who]");
  CHECK(transformed({.action = Action::redact}, "[name]") == "(unchanged)");
  CHECK(transformed({.action = Action::redact}, "x", Kind::bearer) == "[token]");
}

TEST_CASE("mask keeps the first and last characters, and never all") {
  CHECK(transformed({.action = Action::mask}, "Clyde") == "*****");
  CHECK(transformed({.action = Action::mask, .keep_first = 1, .keep_last = 2}, "Clyde") == "C**de");
  CHECK(transformed({.action = Action::mask, .keep_first = 3, .keep_last = 2}, "Clyde") == "*****");
  CHECK(transformed({.action = Action::mask, .keep_first = 9}, "Clyde") == "*****");
  CHECK(transformed({.action = Action::mask, .keep_first = 1, .mask_character = '#'},
                    "J\xC3\xB6rg") == "J###");
  CHECK(transformed({.action = Action::mask, .keep_last = 2}, "J\xC3\xB6\xC3\xBC") ==
        "*\xC3\xB6\xC3\xBC");
  CHECK(transformed({.action = Action::mask, .keep_last = 4}, "4111 1111 1111 1234", Kind::card) ==
        "***************1234");
}

TEST_CASE("truncate cuts an address, and hides what is none") {
  CHECK(transformed({.action = Action::truncate}, "192.0.2.17", Kind::field) == "192.0.2.0");
  CHECK(transformed({.action = Action::truncate}, "192.0.2.0", Kind::field) == "(unchanged)");
  CHECK(transformed({.action = Action::truncate}, "2001:db8:1:2::3", Kind::field) ==
        "2001:db8:1::");
  CHECK(transformed({.action = Action::truncate}, "192.0.2.17:80", Kind::field) == "[ip]");
  CHECK(transformed({.action = Action::truncate}, "192.0.2.1, 192.0.2.2", Kind::field) == "[ip]");
  CHECK(transformed({.action = Action::truncate}, "[ip]", Kind::field) == "(unchanged)");
  CHECK(transformed({.action = Action::truncate, .ipv4_prefix = 0}, "192.0.2.17", Kind::ipv4) ==
        "0.0.0.0");
  CHECK(transformed({.action = Action::truncate, .ipv4_prefix = 32}, "192.0.2.17", Kind::ipv4) ==
        "(unchanged)");
}

TEST_CASE("hash has the length that was asked for") {
  for (const int bits : {64, 128, 256}) {
    const std::string one = transformed({.action = Action::hash, .bits = bits}, "Clyde");
    CHECK(one.size() == static_cast<std::size_t>(bits) / 4);
    CHECK(one.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(one != transformed({.action = Action::hash, .bits = bits}, "Clyde "));
    CHECK(one == transformed({.action = Action::hash, .bits = bits}, "Clyde"));
  }
  const std::string once = transformed({.action = Action::hash}, "Clyde");
  CHECK(transformed({.action = Action::hash}, once) == "(unchanged)");
}

TEST_CASE("times are cut to a unit and keep their spelling") {
  struct Cut {
    TimeUnit unit;
    std::string_view before;
    std::string_view after;
  };
  constexpr auto cuts = std::to_array<Cut>({
      {TimeUnit::minute, "2026-02-14T12:34:56Z", "2026-02-14T12:34:00Z"},
      {TimeUnit::hour, "2026-02-14T12:34:56.789+01:00", "2026-02-14T12:00:00.000+01:00"},
      {TimeUnit::hour, "2026-02-14 12:34:56,789", "2026-02-14 12:00:00,000"},
      {TimeUnit::day, "17/May/2015:10:05:03 +0000", "17/May/2015:00:00:00 +0000"},
      {TimeUnit::month, "17/May/2015:10:05:03 +0000", "01/May/2015:00:00:00 +0000"},
      {TimeUnit::year, "17/May/2015:10:05:03 +0000", "01/Jan/2015:00:00:00 +0000"},
      {TimeUnit::year, "1970-05-31", "1970-01-01"},
      {TimeUnit::hour, "soon", "[name]"},
  });
  for (const auto& [unit, before, after] : cuts) {
    CHECK(transformed({.action = Action::generalize, .unit = unit}, before) == after);
    CHECK(transformed({.action = Action::generalize, .unit = unit}, after) == "(unchanged)");
  }
}

TEST_CASE("times since 1970 are cut to a unit of UTC, by their digits") {
  struct Cut {
    TimeUnit unit;
    std::string_view before;
    std::string_view after;
  };
  constexpr auto cuts = std::to_array<Cut>({
      {TimeUnit::minute, "1700000123", "1700000100"},
      {TimeUnit::hour, "1700000123", "1699999200"},
      {TimeUnit::hour, "1700000123.456", "1699999200.000"},
      {TimeUnit::hour, "1700000123456", "1699999200000"},
      {TimeUnit::hour, "1700000123456789", "1699999200000000"},
      {TimeUnit::hour, "1700000123456789012", "1699999200000000000"},
      {TimeUnit::hour, "9999999999999999999", "9999997200000000000"},
      {TimeUnit::day, "1700000123", "1699920000"},
      {TimeUnit::month, "1700000123", "1698796800"},
      {TimeUnit::year, "1700000123", "1672531200"},
      {TimeUnit::year, "1000000001", "[name]"},  // 978307200 would be no time again
      {TimeUnit::hour, "170000012", "[name]"},
      {TimeUnit::hour, "17000001234", "[name]"},
      {TimeUnit::hour, "-1700000123", "[name]"},
      {TimeUnit::hour, "1700000123.", "[name]"},
      {TimeUnit::hour, "1700000123x", "[name]"},
      {TimeUnit::hour, "1.700000123e9", "[name]"},
      {TimeUnit::hour, "52.520008", "[name]"},
  });
  for (const Cut& cut : cuts) {
    CAPTURE(cut.before);
    const Transform transform{.action = Action::generalize, .unit = cut.unit};
    CHECK(transformed(transform, cut.before) == cut.after);
    CHECK(transformed(transform, cut.after) == "(unchanged)");
  }
  // Without a unit a rule with decimals or a band is one for numbers; without any it is for both.
  CHECK(transformed({.action = Action::generalize}, "1700000123") == "1699999200");
  CHECK(transformed({.action = Action::generalize, .decimals = 1}, "1700000123.456") ==
        "1700000123.4");
  CHECK(transformed({.action = Action::generalize, .band = 100}, "1700000123") ==
        "1700000100-1700000199");
  const Transform both{.action = Action::generalize, .unit = TimeUnit::day, .decimals = 1};
  CHECK(transformed(both, "1700000123") == "1699920000");
  CHECK(transformed(both, "52.520008") == "52.5");
}

TEST_CASE("numbers lose decimals towards zero, exactly") {
  struct Cut {
    int decimals;
    std::string_view before;
    std::string_view after;
  };
  constexpr auto cuts = std::to_array<Cut>({
      {1, "52.520008", "52.5"},
      {1, "-0.05", "0.0"},
      {1, "-13.99", "-13.9"},
      {2, "0.589", "0.58"},
      {2, "8.049", "8.04"},
      {0, "52.9", "52"},
      {6, "1.12345678", "1.123456"},
      {1, "5.25e1", "52.5"},
  });
  for (const auto& [decimals, before, after] : cuts) {
    CHECK(transformed({.action = Action::generalize, .decimals = decimals}, before) == after);
    CHECK(transformed({.action = Action::generalize, .decimals = decimals}, after) ==
          "(unchanged)");
  }
  CHECK(transformed({.action = Action::generalize}, "52") == "(unchanged)");
}

TEST_CASE("a number with fewer decimals left is cut to the same again") {
  CHECK(rc::check([](std::int32_t whole, std::uint32_t fraction) {
    for (int decimals = 0; decimals <= 6; ++decimals) {
      const std::string value = std::to_string(whole) + '.' + std::to_string(fraction);
      std::string once;
      std::string twice;
      RC_ASSERT(append_coarse_number(value, 0, decimals, once));
      RC_ASSERT(append_coarse_number(once, 0, decimals, twice));
      RC_ASSERT(once == twice);
    }
  }));
}

TEST_CASE("numbers become the band they are in, and a band stays") {
  CHECK(transformed({.action = Action::generalize, .band = 10}, "37") == "30-39");
  CHECK(transformed({.action = Action::generalize, .band = 10}, "30-39") == "(unchanged)");
  CHECK(transformed({.action = Action::generalize, .band = 10}, "-3") == "-10--1");
  CHECK(transformed({.action = Action::generalize, .band = 10}, "-10--1") == "(unchanged)");
  CHECK(transformed({.action = Action::generalize, .band = 0.5}, "1.3") == "1.000000-1.500000");
  CHECK(transformed({.action = Action::generalize, .band = 10}, "many") == "[name]");
}

TEST_CASE("a network that is none is an error of the settings") {
  const Error error = trackier::test::error_of([] {
    Transformer{test::test_pseudonymizer(), {"10.0.0.0/40"}};
  });
  CHECK(error.code() == Code::config);
  CHECK(trackier::test::contains(error.what(), "10.0.0.0/40"));
}

TEST_CASE("what the built-in rules wrote they leave alone") {
  constexpr auto lines = std::to_array<std::string_view>({
      "192.0.2.17 - bob [17/May/2015:10:05:03 +0000] \"GET /?token=a&mail=x%40example.com "
      "HTTP/1.1\" 200 5",
      "v=123e4567-e89b-12d3-a456-426614174000 [2001:db8:1:2::3]:443 08:00:27:4e:66:a1",
      "fe80::a00:27ff:fe4e:66a1%en0 ::ffff:192.0.2.17 64:ff9b::192.0.2.17",
      "2001:0db8:0001:0002:0003:0004:0005:0006 1a00:c820:1180:c84c:ad3f:4024:d991:ec2e:49225",
      "17.2.0.192.in-addr.arpa 17.2.0.192.dialup.example ip-192-0-2-17",
      "https://bob:pw@example.com/ bob@[192.0.2.1] +1-415-555-0199 4111 1111 1111 1111",
      "GB29 NWBK 6016 1331 9268 19 and 521-44-9382, Bearer abc.def.123",
      "Authorization: Digest username=\"u\", realm=\"x\"",
      "Cookie: a=b; c=d",
      "Authorization: Bearer abc.def",
      "visitor_id=abc lat=52.52 user=\"A B\"",
      "password=\"a \\\" b\" z",
      "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
      "2001:db8::1:46824 x",
      "u=https%3A%2F%2Fbob%3Apw%40example.com%2Fx",
      "a@a@example.com",
  });
  for (const std::string_view line : lines) {
    const std::string once = test::anonymized(line);
    CHECK(once != line);
    CHECK(test::anonymized(once) == once);
    CHECK(test::checked(once, Format::plain).empty());
  }
  constexpr std::string_view json =
      R"({"user":{"name":"A","email":"a@example.com","lat":52.52,"visitor_id":17,"ip":"x"},"card":4111111111111111})";
  const std::string once = test::anonymized(json, Format::json);
  CHECK(test::anonymized(once, Format::json) == once);
  CHECK(test::checked(once, Format::json).empty());
}

TEST_CASE("a value that a name marks has one pseudonym, encoded or not") {
  const Profile hash = test::profile_with({.action = Action::hash});
  const auto made = [&](std::string_view text) {
    return test::anonymized(text, Format::plain, hash);
  };
  const std::string plain = made("ann@example.com");
  CHECK(made("GET /?mail=ann%40example.com&x") == "GET /?mail=" + plain + "&x");
  CHECK(made("GET /?mail=ann@example.com&x") == "GET /?mail=" + plain + "&x");
  CHECK(made("/?user=ann%20doe").substr(7) == made("user=\"ann doe\"").substr(6, 32));
  // What is kept of it must not end the field.
  const Profile mask =
      test::profile_with({.action = Action::mask, .keep_first = 3, .keep_last = 3});
  CHECK(test::anonymized("/?user=%22%0A,ann%0A%22%2C", Format::plain, mask).find('\n') ==
        std::string::npos);
}

}  // namespace trackier::anonymize
