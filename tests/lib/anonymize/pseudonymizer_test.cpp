#include "anonymize/pseudonymizer.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "job_on_text.hpp"
#include "support/hex.hpp"

namespace trackier::anonymize {

namespace {

constexpr std::string_view one_key = "0123456789abcdef0123456789abcdef";

std::string hashed(const Pseudonymizer& pseudonymizer, Kind kind, std::string_view value) {
  std::string out;
  pseudonymizer.append_hex(kind, as_bytes(value), 128, out);
  return out;
}

std::string run_with(const Pseudonymizer& pseudonymizer, const Profile& profile, Format format,
                     std::string_view text) {
  trackier::test::MemorySource source{std::string{text}};
  return test::run_source(source, profile, {.format = format, .min_share = 0}, pseudonymizer)
      .output;
}

std::string with_value(std::string around, std::string_view value) {
  return around.replace(around.find('@'), 1, value);
}

/// A value of the vectors: in a text, or in a field that a rule names.
struct Place {
  explicit Place(const nlohmann::json& vector)
      : field(vector.value("field", "")),
        around(field.empty() ? vector.at("around").get<std::string>()
                             : R"({")" + field + R"(":"@"})"),
        format(field.empty() ? Format::plain : Format::json) {}

  [[nodiscard]] Profile profile(const Transform& transform) const {
    return field.empty() ? test::profile_with(transform)
                         : test::profile_with_field(field, transform);
  }

  std::string field;
  std::string around;
  Format format;
};

}  // namespace

TEST_CASE("pseudonyms are those that another program makes by the man page") {
  std::ifstream file{TRACKIER_SOURCE_DIR "/tests/vectors/pseudonyms.json"};
  const auto vectors = nlohmann::json::parse(file).at("vectors");
  REQUIRE(vectors.size() > 80);
  for (const auto& vector : vectors) {
    const std::string master = trackier::test::from_hex(vector.at("key").get<std::string>());
    const Pseudonymizer pseudonymizer{as_bytes(master), vector.at("tenant").get<std::string>()};
    const Place place{vector};
    const std::string text = with_value(place.around, vector.at("value").get<std::string>());
    CAPTURE(text);
    const auto becomes = [&](const Transform& transform, const std::string& form) {
      CHECK(run_with(pseudonymizer, place.profile(transform), place.format, text) ==
            with_value(place.around, vector.at(form).get<std::string>()));
    };
    if (vector.contains("uuid")) {
      becomes({.action = Action::hash}, "uuid");
    } else {
      for (const int bits : {64, 128, 256}) {
        becomes({.action = Action::hash, .bits = bits}, "hash_" + std::to_string(bits));
      }
    }
    becomes({.action = Action::pseudonym}, "pseudonym");
  }
}

TEST_CASE("different tenants and keys never agree, and the same always does") {
  CHECK(
      rc::check([](const std::string& value, const std::string& tenant, const std::string& other) {
        RC_PRE(tenant != other);
        const Pseudonymizer one{as_bytes(one_key), tenant};
        const Pseudonymizer same{as_bytes(one_key), tenant};
        const Pseudonymizer another{as_bytes(one_key), other};
        const Pseudonymizer other_key{as_bytes(std::string(32, 'k')), tenant};
        RC_ASSERT(hashed(one, Kind::id, value) == hashed(same, Kind::id, value));
        RC_ASSERT(hashed(one, Kind::id, value) != hashed(another, Kind::id, value));
        RC_ASSERT(hashed(one, Kind::id, value) != hashed(other_key, Kind::id, value));
      }));
}

TEST_CASE("kinds are apart, and distinct values get distinct pseudonyms") {
  const Pseudonymizer& pseudonymizer = test::test_pseudonymizer();
  std::set<std::string> seen;
  for (const Kind kind : all_kinds) {
    seen.insert(hashed(pseudonymizer, kind, "clyde"));
  }
  CHECK(seen.size() == kinds);
  for (int i = 0; i < 10000; ++i) {
    seen.insert(hashed(pseudonymizer, Kind::id, std::to_string(i)));
  }
  CHECK(seen.size() == kinds + 10000);
}

TEST_CASE("a UUID is one value whatever names it, in upper and lower case") {
  const std::string lower = test::anonymized("123e4567-e89b-12d3-a456-426614174000").substr(0, 36);
  CHECK(test::anonymized("123E4567-E89B-12D3-A456-426614174000") == lower);
  CHECK(test::anonymized("vid=123E4567-e89b-12d3-a456-426614174000") == "vid=" + lower);
  CHECK(test::anonymized(R"({"gaid":"123E4567-e89b-12d3-a456-426614174000"})", Format::json) ==
        R"({"gaid":")" + lower + "\"}");
  CHECK(lower[14] == '8');
  CHECK(test::anonymized("00000000-0000-0000-0000-000000000000") ==
        "00000000-0000-0000-0000-000000000000");
}

TEST_CASE("an address is one value whatever names it, in every spelling") {
  const Transform hash{.action = Action::hash};
  Profile profile = test::profile_with(hash);
  profile.fields.push_back({.selector = "peer", .transform = hash});
  const auto made = [&profile](std::string_view name, std::string_view value) {
    const std::string around = R"({")" + std::string{name} + R"(":"@"})";
    const std::string out = test::anonymized(with_value(around, value), Format::json, profile);
    return out.substr(name.size() + 5, 32);
  };
  for (const std::string_view name : {"peer", "ip", "note", "user", "visitor_id"}) {
    CAPTURE(name);
    CHECK(made(name, "2001:DB8:0:0:0:0:0:7") == made("peer", "2001:db8::7"));
    CHECK(made(name, "2001:0db8::0007") == made("peer", "2001:db8::7"));
    CHECK(made(name, "::ffff:203.0.113.7") == made("peer", "203.0.113.7"));
  }
  CHECK(made("peer", "bob") != made("user", "bob"));
}

TEST_CASE("a pseudonym is known by its check code, and almost nothing else is") {
  CHECK(rc::check([](const std::string& value) {
    std::string uuid;
    test::test_pseudonymizer().append_uuid(Kind::uuid, as_bytes(value), uuid);
    RC_ASSERT(is_pseudonym(uuid));
    RC_ASSERT(is_pseudonym(hashed(test::test_pseudonymizer(), Kind::id, value)));
    uuid[0] = uuid[0] == 'a' ? 'b' : 'a';
    RC_ASSERT_FALSE(is_pseudonym(uuid));
  }));
  CHECK_FALSE(is_pseudonym("123e4567-e89b-12d3-a456-426614174000"));
  CHECK_FALSE(is_pseudonym(""));
  CHECK_FALSE(is_pseudonym("d41d8cd98f00b204e9800998ecf8427e"));
}

TEST_CASE("a pseudonym that looks alike keeps length, case, digits and punctuation") {
  std::string out;
  test::test_pseudonymizer().append_alike(Kind::name, "Clyde O'Neil-17", out);
  REQUIRE(out.size() == 15);
  CHECK((out[0] >= 'A' && out[0] <= 'Z'));
  CHECK((out[1] >= 'a' && out[1] <= 'z'));
  CHECK(out[5] == ' ');
  CHECK(out[7] == '\'');
  CHECK(out[12] == '-');
  CHECK((out[13] >= '0' && out[13] <= '9'));
  CHECK(out != "Clyde O'Neil-17");
}

TEST_CASE("the id of a key is eight digits and differs between tenants") {
  const Pseudonymizer one{as_bytes(one_key), "a"};
  const Pseudonymizer other{as_bytes(one_key), "b"};
  CHECK(one.key_id().size() == 8);
  CHECK(one.key_id() != other.key_id());
}

}  // namespace trackier::anonymize
