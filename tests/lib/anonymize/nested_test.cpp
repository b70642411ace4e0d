// Values in values: JSON in the string of a record, in a message, in a field of CSV; URLs in them;
// base64 where a rule says so.
#include <doctest/doctest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <random>

#include "anonymize/base64.hpp"
#include "job_on_text.hpp"

namespace trackier::anonymize {

using test::anonymized;
using test::Change;

namespace {

const Profile& with_fields(std::initializer_list<FieldRule> fields) {
  static Profile profile;
  profile = built_in_profile();
  profile.fields = fields;
  return profile;
}

std::string encoded(std::string_view bytes, bool url = false, bool padded = true) {
  std::string text;
  append_base64(bytes, {.bytes = {}, .url = url, .padded = padded}, text);
  return text;
}

}  // namespace

TEST_CASE("well-known names count in JSON that is in a string of JSON, however deep") {
  nlohmann::json inner = {{"password", "hunt\"er2"},
                          {"pin", 1234},
                          {"first_name", "Jane"},
                          {"mail", "a@b.example"},
                          {"client_ip", "203.0.113.7"},
                          {"x", 17},
                          {"name", {{"first", "Jane"}, {"last", "Doe"}}}};
  std::string text = inner.dump();
  for (int layer = 0; layer < 3; ++layer) {
    CAPTURE(layer);
    const std::string record = nlohmann::json{{"m", text}, {"n", 1}}.dump() + "\n";
    const std::string out = anonymized(record, Format::json);
    for (const std::string_view gone : {"hunt", "er2", "1234", "Jane", "Doe", "a@b", "113.7"}) {
      CAPTURE(gone);
      CHECK(out.find(gone) == std::string::npos);
    }
    auto parsed = nlohmann::json::parse(out).at("m");
    for (int i = 0; i < layer; ++i) {
      parsed = nlohmann::json::parse(parsed.get<std::string>()).at("m");
    }
    const auto innermost = nlohmann::json::parse(parsed.get<std::string>());
    CHECK(innermost.at("password") == "[password]");
    CHECK(innermost.at("pin") == "[password]");
    CHECK(innermost.at("name").at("last") == "[name]");
    CHECK(innermost.at("client_ip") == "203.0.113.0");
    CHECK(innermost.at("x") == 17);
    CHECK(anonymized(out, Format::json) == out);
    text = nlohmann::json{{"m", text}}.dump();
  }
}

TEST_CASE("well-known names count in JSON in messages and in fields of CSV") {
  constexpr auto changes = std::to_array<Change>({
      {"a: {\"password\":\"hunter2\",\"pin\":1234}",
       "a: {\"password\":\"[password]\",\"pin\":\"[password]\"}"},
      {"b {\"first_name\" : \"Jane\", \"x\" : 1}", "b {\"first_name\" : \"[name]\", \"x\" : 1}"},
      {"{\"name\": {\"first\": \"Jane\", \"last\": \"Doe\"}, \"last\": \"x\"}",
       "{\"name\": {\"first\": \"[name]\", \"last\": \"[name]\"}, \"last\": \"x\"}"},
      {"{\"m\":\"{\\\"password\\\":\\\"hunter2\\\"}\"}",
       "{\"m\":\"{\\\"password\\\":\\\"[password]\\\"}\"}"},
      {"{\"r\":{\"first\":\"x\",\"last\":\"y\"}}", "{\"r\":{\"first\":\"x\",\"last\":\"y\"}}"},
      {"{\\x22password\\x22: \\x22hunter2\\x22}", "{\\x22password\\x22: \\x22[password]\\x22}"},
      {"{\\u0022password\\u0022:\\u0022hunter2\\u0022}",
       "{\\u0022password\\u0022:\\u0022[password]\\u0022}"},
      {"d=%257B%2522password%2522%253A%2522hunter2%2522%257D",
       "d=%257B%2522password%2522%253A%2522[password]%2522%257D"},
      {"u%5Bpassword%5D=hunter2&u%5Bmail%5D=a%40b.example",
       "u%5Bpassword%5D=[password]&u%5Bmail%5D=[email]"},
      {"/?%70assword=hunter2&pass%77ord=hunter2", "/?%70assword=[password]&pass%77ord=[password]"},
      {"u=https%253A%252F%252Fi.example%252F%253Ftoken%253Dhunter2%2526x%253D1",
       "u=https%253A%252F%252Fi.example%252F%253Ftoken%253D[token]%2526x%253D1"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before) == after);
    CHECK(anonymized(after) == after);
  }
  const std::string csv =
      "t,payload,x\n"
      "1,\"{\"\"password\"\":\"\"hunt,er2\"\",\"\"pin\"\":1234,\"\"a\"\":\"\"b\"\"}\",y\n"
      "2,\"{\"\"m\"\":\"\"{\\\"\"password\\\"\":\\\"\"hunter2\\\"\"}\"\"}\",y\n";
  const std::string out =
      "t,payload,x\n"
      "1,\"{\"\"password\"\":\"\"[password]\"\",\"\"pin\"\":\"\"[password]\"\",\"\"a\"\":\"\"b\"\"}"
      "\",y\n"
      "2,\"{\"\"m\"\":\"\"{\\\"\"password\\\"\":\\\"\"[password]\\\"\"}\"\"}\",y\n";
  CHECK(anonymized(csv, Format::csv) == out);
}

TEST_CASE("rules with paths reach into strings of JSON") {
  const Profile& profile = with_fields({{"message.user.city", {.action = Action::redact}},
                                        {"message.items[].no", {.action = Action::drop}},
                                        {"shoe", {.action = Action::mask, .keep_first = 1}}});
  const nlohmann::json inner = {{"user", {{"city", "B\"erlin\\"}, {"zip", 1}}},
                                {"items", {{{"no", 5}}, {{"no", "x"}}}},
                                {"shoe", "\"42\""}};
  const std::string record =
      nlohmann::json{{"message", inner.dump()}, {"user", {{"city", "stays"}}}}.dump() + "\n";
  const auto out = nlohmann::json::parse(anonymized(record, Format::json, profile));
  const auto message = nlohmann::json::parse(out.at("message").get<std::string>());
  CHECK(message.at("user").at("city") == "[field]");
  CHECK(message.at("user").at("zip") == 1);
  CHECK(message.at("items").at(0).at("no").is_null());
  CHECK(message.at("items").at(1).at("no") == "");
  CHECK(message.at("shoe") == "\"***");
  CHECK(out.at("user").at("city") == "stays");
  // Twice.
  const std::string twice =
      nlohmann::json{
          {"message", nlohmann::json{{"log", nlohmann::json{{"shoe", "42"}}.dump()}}.dump()}}
          .dump() +
      "\n";
  const auto layers = nlohmann::json::parse(anonymized(twice, Format::json, profile));
  const auto log = nlohmann::json::parse(layers.at("message").get<std::string>()).at("log");
  CHECK(nlohmann::json::parse(log.get<std::string>()).at("shoe") == "4*");
  // What only begins like JSON is text.
  for (const std::string_view text : {"{\"message\":\"{no json\"}\n", "{\"message\":\"[\"}\n",
                                      "{\"message\":\"{\\\"shoe\\\":\"}\n"}) {
    CHECK(anonymized(text, Format::json, profile) == text);
  }
}

TEST_CASE("a field in base64 is looked through and encoded again as it was") {
  const Profile& profile = with_fields({{"payload", {.action = Action::decode}}});
  const auto out_of = [&](const std::string& payload) {
    const std::string record = nlohmann::json{{"payload", payload}, {"n", 1}}.dump() + "\n";
    const std::string out = anonymized(record, Format::json, profile);
    CHECK(anonymized(out, Format::json, profile) == out);
    return nlohmann::json::parse(out).at("payload").get<std::string>();
  };
  for (const bool url : {false, true}) {
    const std::string padding = "?>?>~~";  // for characters in which the alphabets differ
    CHECK(out_of(encoded(padding + "{\"email\":\"a@b.example\",\"password\":\"hunter2\"}", url,
                         !url)) ==
          encoded(padding + "{\"email\":\"[email]\",\"password\":\"[password]\"}", url, !url));
  }
  CHECK(out_of(encoded("client 203.0.113.7 up")) == encoded("client 203.0.113.0 up"));
  CHECK(out_of(encoded("nobody is here")) == encoded("nobody is here"));
  // What is no base64, or no text, could be anything.
  CHECK(out_of("203.0.113.7") == "[field]");
  CHECK(out_of(encoded(std::string{"\x1F\x8B\0", 3})) == "[field]");
  CHECK(out_of("") == "");
  // Without the rule nothing is decoded.
  const std::string hidden = "{\"payload\":\"" + encoded("a@b.example") + "\"}\n";
  CHECK(anonymized(hidden, Format::json) == hidden);
  // A check tells of what is inside.
  CHECK(test::checked(hidden, Format::json, profile).size() == 1);
  CHECK(test::checked("{\"payload\":\"" + encoded("x") + "\"}\n", Format::json, profile).empty());
}

TEST_CASE("base64 comes back as it was, and what is none is refused") {
  std::mt19937 random{20260131};
  for (int i = 0; i < 2000; ++i) {
    std::string bytes(random() % 50 + 1, '\0');
    for (char& byte : bytes) {
      byte = static_cast<char>(random());
    }
    const bool url = random() % 2 == 0;
    const std::string text = encoded(bytes, url, random() % 2 == 0);
    const auto decoded = decode_base64(text);
    CAPTURE(text);
    REQUIRE(decoded);
    CHECK(decoded->bytes == bytes);
    std::string again;
    append_base64(decoded->bytes, *decoded, again);
    CHECK(again == text);
  }
  // RFC 4648, section 10.
  CHECK(decode_base64("Zm9vYmE=")->bytes == "fooba");
  CHECK(decode_base64("Zm9vYg==")->bytes == "foob");
  for (const std::string_view text : {"", "=", "Z", "Zm9vY", "Zm9vYg=", "Zm9vYg===", "Zm9v====",
                                      "Zm9 v", "Zm-/", "Zm9vYh==", "Zm=v", "Z===", "\xC3\xA9=="}) {
    CAPTURE(text);
    CHECK_FALSE(decode_base64(text));
  }
}

}  // namespace trackier::anonymize
