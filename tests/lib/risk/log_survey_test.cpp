#include "risk/log_survey.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "anonymize/job.hpp"
#include "core/error.hpp"
#include "risk/report.hpp"
#include "support/shared_data.hpp"
#include "support/streams.hpp"

namespace trackier::risk {
namespace {

using anonymize::Format;
using Json = nlohmann::json;

const HashKey test_key{std::byte{1}, std::byte{2}};

/// Runs over `text` as anonymize does, and returns what it wrote.
std::string observe(LogSurvey& survey, const std::string& text, const anonymize::Profile& profile,
                    Format format, unsigned workers = 1) {
  const std::string key(32, 'k');
  const anonymize::Pseudonymizer pseudonymizer{as_bytes(key), ""};
  trackier::test::MemorySource source{text};
  trackier::test::MemorySink sink;
  anonymize::JobOptions options{.format = format, .min_share = 0, .workers = workers};
  options.observer = [&survey](Format known, const anonymize::Columns& columns) {
    return survey.observer(known, columns);
  };
  run_job(source, sink, profile, pseudonymizer, options, {}, {});
  survey.keep();
  return sink.content();
}

anonymize::Profile touching_nothing() {
  anonymize::Profile profile;
  profile.known_names = false;
  return profile;
}

/// The figures of one combination of a text.
CombinationFigures figures_of(const std::string& text, Format format,
                              const std::vector<std::string>& fields, const std::string& id,
                              const anonymize::Profile& profile = touching_nothing(),
                              unsigned workers = 1) {
  LogSurvey survey{{.combinations = {fields}, .id = id, .sizes = {}}, test_key};
  observe(survey, text, profile, format, workers);
  return report_of(survey.result(), survey.fields(), 2).combinations.at(0);
}

std::string lines_of(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void check_against(const CombinationFigures& figures,
                   const std::map<std::string, std::set<std::string>>& exact) {
  const auto all = static_cast<double>(exact.size());
  CHECK(std::abs(figures.figures.combinations / all - 1) < 0.05);
  for (std::size_t i = 0; i < told_k.size(); ++i) {
    double below = 0;
    for (const auto& group : exact) {
      below += group.second.size() < told_k[i] ? 1 : 0;
    }
    CAPTURE(told_k[i]);
    CHECK(std::abs(figures.figures.below[i] - below / all) <= 0.05 * below / all);
  }
}

TEST_CASE("click events: exact figures, with any number of threads") {
  const auto folder = trackier::test::shared_data("logs");
  if (!folder) {
    return;
  }
  const std::string text = lines_of(*folder / "json/clicks_dev.jsonl");
  std::map<std::string, std::set<std::string>> exact;
  std::map<std::string, std::set<std::string>> browser_and_hour;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    const Json json = Json::parse(line);
    if (!json.contains("ip") || json["ip"].get<std::string>().empty()) {
      continue;
    }
    const std::string agent = json.value("ua", "");
    const std::string id = json["ip"];
    exact[agent].insert(id);
    browser_and_hour[agent + "|" + json.value("ts", "")].insert(id);
  }
  REQUIRE(exact.size() > 100);
  for (const unsigned workers : {1U, 4U}) {
    CAPTURE(workers);
    check_against(figures_of(text, Format::json, {"ua"}, "ip", touching_nothing(), workers), exact);
    check_against(figures_of(text, Format::json, {"ua", "ts"}, "ip", touching_nothing(), workers),
                  browser_and_hour);
  }
}

TEST_CASE("events of GitHub, nested: exact figures") {
  const auto folder = trackier::test::shared_data("logs");
  if (!folder) {
    return;
  }
  const std::string text = lines_of(*folder / "json/gharchive.jsonl");
  std::map<std::string, std::set<std::string>> exact;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    const Json json = Json::parse(line);
    const std::string org = json.contains("org") ? json["org"].value("login", "") : "";
    exact[json["repo"]["name"].get<std::string>() + "|" + org].insert(json["actor"]["login"]);
  }
  check_against(figures_of(text, Format::json, {"repo.name", "org.login"}, "actor.login"), exact);
}

TEST_CASE("true and false are values, null and an empty string are none") {
  const std::string text =
      "{\"u\":\"a\",\"x\":true}\n{\"u\":\"b\",\"x\":false}\n{\"u\":\"c\",\"x\":null}\n"
      "{\"u\":\"d\",\"x\":\"\"}\n{\"u\":\"e\"}\n";
  CHECK(figures_of(text, Format::json, {"x"}, "u").figures.combinations == 3.0);
}

TEST_CASE("values are compared after escapes are undone") {
  CHECK(figures_of("{\"u\":\"a\",\"x\":\"M\\u00fcller\"}\n{\"u\":\"b\",\"x\":\"Müller\"}\n",
                   Format::json, {"x"}, "u")
            .figures.combinations == 1.0);
  CHECK(figures_of("u,x\na,\"one \"\"1\"\"\"\nb,\"one \"\"1\"\"\"\nc,one\nd,\"one\"\n", Format::csv,
                   {"x"}, "u")
            .figures.combinations == 2.0);
}

TEST_CASE("the combination is read from what is written, the id from what was there") {
  const std::string text =
      R"(192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "curl/7")"
      "\n"
      R"(192.0.2.2 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "curl/7")"
      "\n"
      R"(198.51.100.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1 "-" "curl/7")"
      "\n";
  const auto before = figures_of(text, Format::combined, {"ip", "user_agent"}, "host");
  CHECK(before.figures.combinations == 3.0);
  CHECK(before.figures.below[0] == 1.0);
  const auto after = figures_of(text, Format::combined, {"ip", "user_agent"}, "host",
                                anonymize::built_in_profile());
  CHECK(after.figures.combinations == 2.0);
  CHECK(after.figures.below[0] == 0.5);  // two of 192.0.2.0, one of 198.51.100.0
}

TEST_CASE("one field may be the id and in a combination, and names may mean the same field") {
  const std::string text =
      "{\"id\":\"a\",\"user\":{\"id\":\"x\"}}\n{\"id\":\"a\",\"user\":{\"id\":\"y\"}}\n"
      "{\"id\":\"b\",\"user\":{\"id\":\"y\"}}\n";
  const auto same = figures_of(text, Format::json, {"user.id"}, "user.id");
  CHECK(same.figures.combinations == 2.0);
  CHECK(same.figures.smallest == 1.0);
  CHECK(same.figures.median == 1.0);
  // "id" means both ids: a and x are together whose the first record is.
  const auto both = figures_of(text, Format::json, {"user.id"}, "id");
  CHECK(both.figures.combinations == 2.0);
  CHECK(both.figures.below[0] == 0.5);  // of x; y is there with a and with b
}

TEST_CASE("values that were replaced or dropped, in every kind of quotes") {
  anonymize::Profile profile = touching_nothing();
  profile.fields = {{.selector = "a", .transform = {.action = anonymize::Action::redact}},
                    {.selector = "b", .transform = {.action = anonymize::Action::drop}}};
  const std::vector<std::pair<Format, std::string>> logs = {
      {Format::json,
       "{\"a\":\"x\",\"b\":1,\"c\":\"s \\u0031\",\"u\":1}\n"
       "{\"a\":17,\"b\":\"2\",\"c\":\"s 1\",\"u\":2}\n"},
      {Format::csv, "a,b,c,u\n\"x, \"\"y\"\"\",1,\"s 1\",1\nz,2,s 1,2\n"},
      {Format::logfmt, "a=\"x \\\"y\" b=1 c=\"s 1\" u=1\na=z b=2 c=\"s 1\" u=2\n"}};
  for (const auto& log : logs) {
    const Format format = log.first;
    const std::string& text = log.second;
    CAPTURE(text);
    for (const char* field : {"a", "c"}) {
      CAPTURE(field);
      const auto figures = figures_of(text, format, {field}, "u", profile);
      CHECK(figures.figures.combinations == 1.0);
      CHECK(figures.figures.smallest == 2.0);
    }
    CHECK_THROWS_AS(figures_of(text, format, {"b"}, "u", profile), Error);
    const auto without = figures_of(text, format, {"b", "c"}, "u");
    CHECK(without.figures.combinations == 2.0);
  }
}

TEST_CASE("to be observed changes nothing of what is written; records left out are not seen") {
  std::string text;
  for (int i = 0; i < 500; ++i) {
    text += "{\"u\":\"user" + std::to_string(i) + "\",\"ip\":\"192.0.2." + std::to_string(i % 250) +
            (i % 3 == 0 ? "\",\"card\":\"4111 1111 1111 1111\"}\r\n" : "\"}\n");
    text += i % 50 == 0 ? "no JSON at all, from 192.0.2.9\n" : "";
  }
  anonymize::Profile profile = anonymize::built_in_profile();
  profile.transforms[anonymize::Kind::card] = {.action = anonymize::Action::drop,
                                               .drop_record = true};
  LogSurvey survey{{.combinations = {{"ip"}}, .id = "u", .sizes = {}}, test_key};
  const std::string observed = observe(survey, text, profile, Format::json, 2);
  CHECK(survey.result().records() == 333);
  CHECK(survey.unreadable() == 0);
  const std::string key(32, 'k');
  const anonymize::Pseudonymizer pseudonymizer{as_bytes(key), ""};
  trackier::test::MemorySource source{text};
  trackier::test::MemorySink sink;
  run_job(source, sink, profile, pseudonymizer, {.format = Format::json, .min_share = 0}, {}, {});
  CHECK(observed == sink.content());
}

TEST_CASE("directives of W3C logs are no records") {
  const std::string text =
      "#Fields: date c-ip cs(User-Agent)\n2025-01-01 192.0.2.1 a\n2025-01-01 192.0.2.2 a\n"
      "#Fields: c-ip cs(User-Agent)\n192.0.2.3 a\n";
  LogSurvey survey{{.combinations = {{"cs(User-Agent)"}}, .id = "c-ip", .sizes = {}}, test_key};
  observe(survey, text, touching_nothing(), Format::w3c);
  CHECK(survey.result().records() == 3);
  CHECK(survey.result().without_id() == 0);
  CHECK(survey.result().ids() == 3.0);
}

TEST_CASE("a run that failed is forgotten, runs that went well are counted together") {
  LogSurvey survey{{.combinations = {{"x"}}, .id = "u", .sizes = {}}, test_key};
  observe(survey, "{\"u\":\"a\",\"x\":\"1\"}\n", touching_nothing(), Format::json);
  const std::string other = "{\"u\":\"z\",\"x\":\"9\"}";
  survey.observer(Format::json, {})->record(other, other, {});
  survey.discard();
  observe(survey, "{\"u\":\"b\",\"x\":\"1\"}\n", touching_nothing(), Format::json);
  CHECK(survey.result().records() == 2);
  CHECK(survey.result().ids() == 2.0);
  CHECK(report_of(survey.result(), survey.fields(), 2).combinations[0].figures.smallest == 2.0);
}

TEST_CASE("what cannot be measured is refused rather than told too small") {
  const std::string text = "{\"u\":\"a\",\"x\":\"1\"}\n";
  CHECK_THROWS_WITH_AS(figures_of(text, Format::json, {"x", "nowhere"}, "u"),
                       "no record has a field nowhere", Error);
  CHECK_THROWS_WITH_AS(figures_of(text, Format::json, {"x"}, "nobody"),
                       "no record has a field nobody", Error);
  LogSurvey nameless{{.combinations = {{"x"}}, .id = {}, .sizes = {}}, test_key};
  CHECK_THROWS_AS(nameless.observer(Format::json, {}), Error);
  CHECK_THROWS_AS(nameless.observer(Format::plain, {}), Error);
  CHECK_THROWS_AS(LogSurvey({.combinations = {{"x", "x"}}, .id = {}, .sizes = {}}, test_key),
                  Error);
  CHECK_THROWS_AS(LogSurvey({.combinations = {{"x", ""}}, .id = {}, .sizes = {}}, test_key), Error);
}

}  // namespace
}  // namespace trackier::risk
