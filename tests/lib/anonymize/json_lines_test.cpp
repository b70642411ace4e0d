#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <nlohmann/json.hpp>

#include "job_on_text.hpp"

namespace trackier::anonymize {

using test::anonymized;
using test::Change;
using test::profile_with_field;

namespace {

std::string as_json(std::string_view text, const Profile& profile = built_in_profile()) {
  return anonymized(text, Format::json, profile);
}

std::string nested(std::size_t depth, std::string_view open, std::string_view close) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) {
    text.append(open);
  }
  text.append("1");
  for (std::size_t i = 0; i < depth; ++i) {
    text.append(close);
  }
  return text;
}

}  // namespace

TEST_CASE("only the personal values of JSON change") {
  constexpr auto changes = std::to_array<Change>({
      {R"({"id":98765432109876543210,"ip":"203.0.113.7"})",
       R"({"id":98765432109876543210,"ip":"203.0.113.0"})"},
      {R"({ "name" : "Clyde" , "n" : 1e3 , "m":1.50,"z":-0 , "city":"Leeds" } )",
       R"({ "name" : "[name]" , "n" : 1e3 , "m":1.50,"z":-0 , "city":"Leeds" } )"},
      {R"({"e":"bob\u0040example.com","s":"a\/b\n\u00e9"})",
       R"({"e":"[email]","s":"a\/b\n\u00e9"})"},
      {R"({"m":"line\nbob@example.com"})", R"({"m":"line\n[email]"})"},
      {R"({"a":1,"a":"bob@example.com","a":"192.0.2.1"})",
       R"({"a":1,"a":"[email]","a":"192.0.2.0"})"},
      {R"({"user":{"agent":"x","email":"y"}})", R"({"user":{"agent":"x","email":"[email]"}})"},
      {R"([{"password":"x"},"bob@example.com"])", R"([{"password":"[password]"},"[email]"])"},
      {R"({"pass\u0077ord":"x"})", R"({"pass\u0077ord":"[password]"})"},
      {R"({"password":null,"token":true,"name":"","pin":"-"})",
       R"({"password":null,"token":true,"name":"","pin":"[password]"})"},
      {R"({"pin":1234,"lat":52.520008})", R"({"pin":"[password]","lat":52.5})"},
      {R"({"n":4111111111111111,"m":-4111111111111111})", R"({"n":"[card]","m":"[card]"})"},
      {R"({"clientip":["192.0.2.1","192.0.2.2"],"x_forwarded_for":"unknown"})",
       R"({"clientip":["192.0.2.0","192.0.2.0"],"x_forwarded_for":"[ip]"})"},
      {R"({"m":"{\"ip\":\"192.0.2.9\",\"password\":\"x\"}"})",
       R"({"m":"{\"ip\":\"192.0.2.0\",\"password\":\"[password]\"}"})"},
      {R"({"192.0.2.7":1})", R"({"192.0.2.0":1})"},
      {R"({"u":"https:\/\/a:b@example.com\/"})",
       R"({"u":"https:\/\/[credentials]@example.com\/"})"},
      {"{\"s\":\"\xFF\xFE\",\"ip\":\"192.0.2.7\"}", "{\"s\":\"\xFF\xFE\",\"ip\":\"192.0.2.0\"}"},
      {"{\"a\":1}\r\n\r\n{\"ip\":\"192.0.2.7\"}", "{\"a\":1}\r\n\r\n{\"ip\":\"192.0.2.0\"}"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(as_json(before) == after);
  }
}

TEST_CASE("rules name fields by path, at any depth, and through arrays") {
  const Transform redact{.action = Action::redact, .label = "x"};
  CHECK(as_json(R"({"a":{"b":{"c":"v","d":"v"}},"c":"v"})", profile_with_field("a.b.c", redact)) ==
        R"({"a":{"b":{"c":"[x]","d":"v"}},"c":"v"})");
  CHECK(as_json(R"({"a":{"c":"v"},"c":"v"})", profile_with_field("c", redact)) ==
        R"({"a":{"c":"[x]"},"c":"[x]"})");
  CHECK(as_json(R"({"a":{"c":"v"},"b":{"c":"v","d":"v"}})", profile_with_field("*.c", redact)) ==
        R"({"a":{"c":"[x]"},"b":{"c":"[x]","d":"v"}})");
  for (const char* selector : {"items.ip", "items[].ip"}) {
    CHECK(as_json(R"({"items":[{"ip":"v"},{"ip":"w","n":1}]})",
                  profile_with_field(selector, redact)) ==
          R"({"items":[{"ip":"[x]"},{"ip":"[x]","n":1}]})");
  }
  CHECK(as_json(R"({"a":{"b":["v",{"c":"w"}],"email":"q"}})", profile_with_field("a", redact)) ==
        R"({"a":{"b":["[x]",{"c":"[x]"}],"email":"[x]"}})");
  CHECK(as_json(R"({"a":{"email":"bob@example.com"},"email":"q"})",
                profile_with_field("a", {.action = Action::keep})) ==
        R"({"a":{"email":"bob@example.com"},"email":"[email]"})");
  CHECK(as_json(R"({"A":"v"})", profile_with_field("a", redact)) == R"({"A":"v"})");
}

TEST_CASE("a number stays a number where it can, and becomes null or a string where not") {
  constexpr std::string_view line = R"({"n":4821})";
  CHECK(as_json(line, profile_with_field("n", {.action = Action::drop})) == R"({"n":null})");
  CHECK(as_json(line, profile_with_field("n", {.action = Action::redact, .label = "n"})) ==
        R"({"n":"[n]"})");
  CHECK(as_json(line, profile_with_field("n", {.action = Action::generalize, .band = 100})) ==
        R"({"n":"4800-4899"})");
  CHECK(as_json(R"({"n":48.21})", profile_with_field("n", {.action = Action::generalize})) ==
        R"({"n":48.2})");
  const Profile alike = profile_with_field("n", {.action = Action::pseudonym});
  int zeros = 0;
  for (int i = 1000; i < 1200; ++i) {  // one pseudonym in ten begins with a zero
    const std::string out = as_json("{\"n\":" + std::to_string(i) + '}', alike);
    CHECK(nlohmann::json::accept(out));
    zeros += out.find(":\"0") != std::string::npos ? 1 : 0;
  }
  CHECK(zeros > 0);
}

TEST_CASE("a rule means true and false as any other value, and null has nothing to replace") {
  constexpr std::string_view line = R"({"n":true,"m":{"n":[false,null]},"token":true})";
  const auto with = [&](const Transform& transform) {
    const std::string out = as_json(line, profile_with_field("n", transform));
    CHECK(test::checked(out, Format::json, profile_with_field("n", transform)).empty());
    return out;
  };
  CHECK(with({.action = Action::redact}) ==
        R"({"n":"[field]","m":{"n":["[field]",null]},"token":true})");
  CHECK(with({.action = Action::mask}) == R"({"n":"****","m":{"n":["*****",null]},"token":true})");
  CHECK(with({.action = Action::drop}) == R"({"n":null,"m":{"n":[null,null]},"token":true})");
  CHECK(with({.action = Action::generalize}) ==
        R"({"n":"[field]","m":{"n":["[field]",null]},"token":true})");
  CHECK(with({.action = Action::keep}) == line);
  CHECK(with({.action = Action::drop, .drop_record = true}).empty());
  CHECK(as_json(R"({"n":true})", profile_with_field("n", {.action = Action::hash})) ==
        as_json(R"({"n":"true"})", profile_with_field("n", {.action = Action::hash})));
  CHECK(as_json(R"({"m":"{\"n\":false}"})", profile_with_field("n", {.action = Action::redact})) ==
        R"({"m":"{\"n\":\"[field]\"}"})");
  CHECK(as_json(R"({"user":{"active":true}})",
                profile_with_field("user", {.action = Action::redact})) ==
        R"({"user":{"active":"[field]"}})");
}

TEST_CASE("a rule for times cuts numbers of seconds, and leaves no other number") {
  const Profile hours =
      profile_with_field("ts", {.action = Action::generalize, .unit = TimeUnit::hour});
  constexpr auto changes = std::to_array<Change>({
      {R"({"ts":1700000123})", R"({"ts":1699999200})"},
      {R"({"ts":"1700000123"})", R"({"ts":"1699999200"})"},
      {R"({"ts":1700000123456.75,"n":1700000123})", R"({"ts":1699999200000.00,"n":1700000123})"},
      {R"({"ts":4821})", R"({"ts":"[field]"})"},
      {R"({"ts":"2026-02-14T12:34:56Z"})", R"({"ts":"2026-02-14T12:00:00Z"})"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(as_json(before, hours) == after);
    CHECK(as_json(after, hours) == after);
    CHECK(test::checked(before, Format::json, hours).size() == 1);
    CHECK(test::checked(after, Format::json, hours).empty());
  }
}

TEST_CASE("a key may end in a backslash, or in a name that is known") {
  constexpr auto changes = std::to_array<Change>({
      {R"({"C:\\Users\\token\\":20,"secret\\": 4 ,"pin\\" : 1})",
       R"({"C:\\Users\\token\\":20,"secret\\": 4 ,"pin\\" : 1})"},
      {R"({"Digest token" : 20,"my pin" : 2.5 , "a\"pin" : 1,"pin\"" : -5})",
       R"({"Digest token" : 20,"my pin" : 2.5 , "a\"pin" : 1,"pin\"" : -5})"},
      {R"({"a":":4111111111111111","token" : 20})", R"({"a":":[card]","token" : "[token]"})"},
      {R"({"token\\":4111111111111111})", R"({"token\\":"[token]"})"},
      {R"({"Cookie: \\":1,"b":2})", R"({"Cookie: \\":1,"b":2})"},
      {R"({"a":["token=\\",1,"b",2],"password: x\\":3})",
       R"({"a":["token=\\",1,"b",2],"password: [password]\\":3})"},
      {R"({"a":"x {\"C:\\\\token\\\\\":20,\"pin\":1234 }"})",
       R"({"a":"x {\"C:\\\\token\\\\\":\"[token]\",\"pin\":\"[password]\" }"})"},
  });
  for (const auto& [before, after] : changes) {
    REQUIRE(nlohmann::json::accept(before));
    CHECK(as_json(before) == after);
    CHECK(as_json(after) == after);
    CHECK(test::checked(after, Format::json).empty());
  }
  CHECK(anonymized(R"(a {"C:\\token\\":20})") == R"(a {"C:\\token\\":"[token]"})");
}

TEST_CASE("what is put into a string is escaped") {
  const Profile masked = profile_with_field("n", {.action = Action::mask, .keep_first = 2});
  CHECK(as_json(R"({"n":"\"\\abc"})", masked) == R"({"n":"\"\\***"})");
  CHECK(as_json(R"({"n":"\n\tabc"})", masked) == R"({"n":"\u000a\u0009***"})");
  Profile tokens = built_in_profile();
  tokens.transforms[Kind::password] = {.action = Action::mask, .keep_first = 1, .keep_last = 1};
  CHECK(as_json(R"({"m":"x password=\"\\nabc\\u0041\" y"})", tokens) ==
        R"({"m":"x password=\"\\*********1\" y"})");
}

TEST_CASE("JSON is nested 64 deep at most") {
  for (const auto& [open, close] : {std::pair{"[", "]"}, std::pair{"{\"a\":", "}"}}) {
    const test::Run deep = test::run_text(nested(64, open, close), built_in_profile(),
                                          {.format = Format::json, .min_share = 0});
    CHECK(deep.tally.unparsed == 0);
    const test::Run deeper = test::run_text(nested(65, open, close), built_in_profile(),
                                            {.format = Format::json, .min_share = 0});
    CHECK(deeper.tally.unparsed == 1);
  }
  const std::string mixed = nested(33, "[{\"a\":", "}]");
  CHECK(test::run_text(mixed, built_in_profile(), {.format = Format::json, .min_share = 0})
            .tally.unparsed == 1);
}

TEST_CASE("what is no JSON is scanned as text, or replaced where rules for fields cannot hold") {
  constexpr std::string_view broken = "{\"a\":\"bob@example.com\",\"token\":\"x\"\n{\"a\":1}\n";
  CHECK(as_json(broken) == "{\"a\":\"[email]\",\"token\":\"[token]\"\n{\"a\":1}\n");
  Profile profile = profile_with_field("z", {.action = Action::redact});
  CHECK(as_json(broken, profile) == "[unparsed record]\n{\"a\":1}\n");
  profile.unparsed = Profile::Unparsed::drop;
  CHECK(as_json(broken, profile) == "{\"a\":1}\n");
  profile.unparsed = Profile::Unparsed::scan;
  CHECK(as_json(broken, profile) == "{\"a\":\"[email]\",\"token\":\"[token]\"\n{\"a\":1}\n");
  for (const std::string_view text :
       {"{", "[1,]", "{\"a\"}", "{\"a\":01e}", "{'a':1}", "nul", "[1]x", "\"x\"", "{\"a\":1,}",
        "[tru]", "{\"a\":\"\\\"}", "[-]", "[1.]"}) {
    CHECK(test::run_text(text, built_in_profile(), {.format = Format::json, .min_share = 0})
              .tally.unparsed == 1);
  }
}

TEST_CASE("what was valid JSON is valid JSON, whatever stands in it and whatever is done to it") {
  // Words that detectors, keys and escapes are made of, in any order, as strings of a JSON text.
  const auto words = std::to_array<std::string>({"password=",
                                                 "token",
                                                 "\"",
                                                 "\\",
                                                 ":",
                                                 " ",
                                                 "'",
                                                 "=",
                                                 "bob@example.com",
                                                 "192.0.2.1",
                                                 "Bearer ",
                                                 "Cookie: ",
                                                 "Authorization: Digest ",
                                                 "%40",
                                                 "%22",
                                                 "\\u0040",
                                                 "\n",
                                                 "\xC3\xA9",
                                                 "{",
                                                 "}",
                                                 ",",
                                                 "4111111111111111",
                                                 "eyJhbGciOiJIUzI1NiJ9.x",
                                                 "+14155550199",
                                                 "&#64;",
                                                 "u",
                                                 "//a:b@c",
                                                 "[",
                                                 "]"});
  const auto transforms =
      std::to_array<Transform>({{.action = Action::redact},
                                {.action = Action::pseudonym},
                                {.action = Action::drop},
                                {.action = Action::mask, .keep_first = 1, .keep_last = 1},
                                {.action = Action::hash},
                                {.action = Action::generalize}});
  CHECK(rc::check([&](const std::vector<std::vector<unsigned>>& strings, unsigned number) {
    nlohmann::json line = nlohmann::json::object();
    std::size_t key = 0;
    for (const auto& string : strings) {
      std::string text;
      for (const unsigned word : string) {
        text += words[word % words.size()];
      }
      const std::string name = key % 3 == 0 ? text : "k" + std::to_string(key);
      line[name] = text;
      if (key % 3 == 1) {
        line[text + (key % 2 == 0 ? "\\" : "")] = number;
      }
      line["a" + std::to_string(key++)] = nlohmann::json::array({number, text});
    }
    line["phone"] = number;
    line["inner"] = line.dump();  // JSON in JSON

    const std::string before = line.dump();
    for (const Transform& transform : transforms) {
      const std::string after = as_json(before, test::profile_with(transform));
      RC_LOG() << before << '\n' << after << '\n';
      RC_ASSERT(nlohmann::json::accept(after));
    }
  }));
}

}  // namespace trackier::anonymize
