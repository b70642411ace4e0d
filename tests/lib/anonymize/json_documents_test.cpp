#include "anonymize/json_documents.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "anonymize/detect_format.hpp"
#include "job_on_text.hpp"

namespace trackier::anonymize {

namespace {

std::vector<std::string> records_in(std::string_view text) {
  std::vector<std::string> records;
  while (!text.empty()) {
    const std::size_t end = std::min(document_end(text), text.size());
    records.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return records;
}

std::string default_run(std::string_view text, const Profile& profile = built_in_profile()) {
  const test::Run run = test::run_text(text, profile, {});
  CHECK(run.format == Format::json);
  return run.output;
}

constexpr std::string_view pretty =
    "{\n  \"ip\": \"198.51.100.17\",\n  \"user\": { \"name\": \"Mara\", \"n\": [ {}, [1, {}] ] "
    "}\n}\n"
    "{\n  \"ip\": \"198.51.100.18\", \"text\": \"a } { [ \\\" \\\\\"\n}\n";
constexpr std::string_view array =
    "[{\"name\":\"Mara\",\"n\":1},\n {\"name\":\"Otto\",\"n\":2},{\"name\":\"Lena\"}\n]\n";

}  // namespace

TEST_CASE("records are documents, however they are laid out") {
  CHECK(records_in(pretty).size() == 2);
  CHECK(records_in("{\"a\":1}{\"b\":2} {\"c\":3}\n") ==
        std::vector<std::string>{"{\"a\":1}", "{\"b\":2} ", "{\"c\":3}\n"});
  CHECK(records_in(array) == std::vector<std::string>{"[{\"name\":\"Mara\",\"n\":1},\n",
                                                      " {\"name\":\"Otto\",\"n\":2},",
                                                      "{\"name\":\"Lena\"}\n", "]\n"});
  CHECK(records_in("\x1E{\"a\":1}\n\x1E{\"b\":\n2}\n").size() == 2);
}

TEST_CASE("a document that was cut off ends where an object begins that cannot be part of it") {
  CHECK(records_in("{\"a\": 1,\n{\"b\": 2}\n") ==
        std::vector<std::string>{"{\"a\": 1,\n", "{\"b\": 2}\n"});
  CHECK(records_in("{\"a\": \"x\n{\"b\": 2}\n") ==
        std::vector<std::string>{"{\"a\": \"x\n", "{\"b\": 2}\n"});
}

TEST_CASE("multi-document JSON is told by its beginning, and layout stays byte for byte") {
  CHECK(
      default_run(pretty) ==
      "{\n  \"ip\": \"198.51.100.0\",\n  \"user\": { \"name\": \"[name]\", \"n\": [ {}, [1, {}] ] "
      "}\n}\n{\n  \"ip\": \"198.51.100.0\", \"text\": \"a } { [ \\\" \\\\\"\n}\n");
  CHECK(
      default_run(array) ==
      "[{\"name\":\"[name]\",\"n\":1},\n {\"name\":\"[name]\",\"n\":2},{\"name\":\"[name]\"}\n]\n");
  CHECK(default_run("{\"name\":\"a\"}{\"name\":\"b\"}") ==
        "{\"name\":\"[name]\"}{\"name\":\"[name]\"}");
  for (const std::string_view text : {pretty, array}) {
    CHECK(default_run(text, test::profile_with({.action = Action::keep})) == text);
  }
}

TEST_CASE("paths of rules begin at each record") {
  const Profile profile = test::profile_with_field("user.n", {.action = Action::drop});
  CHECK(default_run("[\n{\"user\":{\"n\":1},\"n\":2}\n,{\"x\":{\"user\":{\"n\":1}}}]", profile) ==
        "[\n{\"user\":{\"n\":null},\"n\":2}\n,{\"x\":{\"user\":{\"n\":1}}}]");
}

TEST_CASE("a dropped or unparsed element of an array leaves an array") {
  Profile profile = built_in_profile();
  profile.transforms[Kind::email] = {.action = Action::drop, .drop_record = true};
  CHECK(default_run("[{\"a\":\"mara@example.com\"},\n{\"b\":1}\n,{\"a\":\"mara@example.com\"}\n]\n",
                    profile) == "[null,\n{\"b\":1}\n,null\n]\n");
  CHECK(default_run("{\n\"a\":\"mara@example.com\"}\n{\n\"b\":1}\n", profile) == "{\n\"b\":1}\n");
  std::string deep(70, '[');
  deep = "[{\"a\":" + deep + std::string(70, ']') + "},\n{\"b\":1},\n{\"c\":1}]\n";
  profile.unparsed = Profile::Unparsed::redact;
  const std::string out =
      test::run_text(deep, profile, {.format = Format::json, .min_share = 0}).output;
  CHECK(out == "[\"[unparsed record]\",\n{\"b\":1},\n{\"c\":1}]\n");
}

TEST_CASE("lines are counted, not documents; findings are where they stand") {
  const test::Run run = test::run_text(pretty, built_in_profile(), {});
  CHECK(run.tally.records == 2);
  CHECK(run.tally.lines == 7);
  const auto findings = test::run_text(pretty, built_in_profile(), {.check = true}).findings;
  REQUIRE(findings.size() == 3);
  CHECK(findings[2].line == 6);
  CHECK(findings[2].column == 10);
}

TEST_CASE("documents are whole wherever reads and chunks end") {
  const std::string text = std::string{pretty} + std::string{array} + "{\"name\":\"z\"}{}";
  const std::string whole = default_run(text);
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    test::RaggedSource source{text, seed, 1 + seed % 40};
    const test::Run run =
        test::run_source(source, built_in_profile(), {.format = Format::json, .min_share = 0});
    // What the first piece tells of the format may be less; nobody stays in it all the same.
    REQUIRE(run.output == whole);
  }
}

TEST_CASE("a document longer than is held is scanned in windows, and the one behind it is whole") {
  std::string text = "[\n{\"first\":1},\n{\"name\":\"Mara\",\n \"list\":[\n";
  while (text.size() < (std::size_t{3} << 20U)) {
    text += "  \"198.51.100.17 mara@example.com\",\n";
  }
  text += "  0]},\n{\"name\":\n\"Otto\"}\n]\n";
  const test::Run run = test::run_text(text, built_in_profile(), {});
  CHECK(run.tally.unparsed == 1);
  CHECK(run.output.find("198.51.100.17") == std::string::npos);
  CHECK(run.output.find("mara@") == std::string::npos);
  CHECK(run.output.ends_with("{\"name\":\n\"[name]\"}\n]\n"));
  CHECK(nlohmann::json::parse(run.output).size() == 3);
  CHECK(run.tally.lines == static_cast<std::uint64_t>(std::ranges::count(text, '\n')));
  Profile profile = built_in_profile();
  profile.unparsed = Profile::Unparsed::redact;
  const auto redacted = nlohmann::json::parse(test::run_text(text, profile, {}).output);
  CHECK(redacted[1] == "[unparsed record]");
  CHECK(redacted.size() == 3);
}

TEST_CASE("what was valid JSON is valid JSON: random documents") {
  constexpr std::uint32_t seed = 20260203;
  CAPTURE(seed);
  std::mt19937 random{seed};
  const auto pick = [&](std::initializer_list<const char*> from) {
    return std::string{*(from.begin() + random() % from.size())};
  };
  for (int round = 0; round < 200; ++round) {
    std::string text = "[\n";
    const std::size_t count = 1 + random() % 4;
    for (std::size_t i = 0; i < count; ++i) {
      text += "{" + pick({"", "\n", " "}) + "\"" + pick({"email", "name", "a"}) + "\":" +
              pick({"\"mara@example.com\"", "4111111111111111", "[{\"x\":\"}{\"}]", "\"\\\\\""}) +
              pick({"", "\n"}) + "}" + (i + 1 < count ? pick({",", "\n,", ",\n"}) : "");
    }
    text += pick({"]", "\n]\n"});
    CAPTURE(text);
    const std::string out = default_run(text);
    const auto parsed = nlohmann::json::parse(out, nullptr, false);
    REQUIRE_FALSE(parsed.is_discarded());
    REQUIRE(parsed.size() == count);
    REQUIRE(default_run(text, test::profile_with({.action = Action::keep})) == text);
  }
}

}  // namespace trackier::anonymize
