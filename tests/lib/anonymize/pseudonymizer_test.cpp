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

std::string run_with(const Pseudonymizer& pseudonymizer, const Transform& transform,
                     std::string_view text) {
  trackier::test::MemorySource source{std::string{text}};
  return test::run_source(source, test::profile_with(transform),
                          {.format = Format::plain, .min_share = 0}, pseudonymizer)
      .output;
}

std::string with_value(std::string around, std::string_view value) {
  return around.replace(around.find('@'), 1, value);
}

}  // namespace

TEST_CASE("pseudonyms are those that another program makes by the man page") {
  std::ifstream file{TRACKIER_SOURCE_DIR "/tests/vectors/pseudonyms.json"};
  const auto vectors = nlohmann::json::parse(file).at("vectors");
  REQUIRE(vectors.size() > 80);
  for (const auto& vector : vectors) {
    const std::string master = trackier::test::from_hex(vector.at("key").get<std::string>());
    const Pseudonymizer pseudonymizer{as_bytes(master), vector.at("tenant").get<std::string>()};
    const std::string value = vector.at("value");
    const std::string around = vector.at("around");
    const std::string text = with_value(around, value);
    CAPTURE(text);
    if (vector.contains("uuid")) {
      CHECK(run_with(pseudonymizer, {.action = Action::hash}, text) ==
            with_value(around, vector.at("uuid").get<std::string>()));
    } else {
      for (const int bits : {64, 128, 256}) {
        CHECK(run_with(pseudonymizer, {.action = Action::hash, .bits = bits}, text) ==
              with_value(around, vector.at("hash_" + std::to_string(bits)).get<std::string>()));
      }
    }
    CHECK(run_with(pseudonymizer, {.action = Action::pseudonym}, text) ==
          with_value(around, vector.at("pseudonym").get<std::string>()));
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
