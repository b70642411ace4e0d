#include "law/severity.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "shipped/shipped.hpp"

namespace trackier::law {
namespace {

nlohmann::json tables() {
  return nlohmann::json::parse(*shipped::file("enisa-2013.json"));
}

TEST_CASE("the examples have the severity that the tables say") {
  const auto examples = tables().at("worked_examples_ours");
  REQUIRE(examples.size() == 9);
  for (const auto& example : examples) {
    const std::string name = example.at("case");
    CAPTURE(name);
    Assessment made{.context = example.at("dpc"),
                    .identification = static_cast<int>(example.at("ei").get<double>() * 4),
                    .circumstances = {}};
    int left = static_cast<int>(example.at("cb").get<double>() * 4);
    for (int& each : made.circumstances) {
      each = std::min(left, 2);
      left -= each;
    }
    CHECK(made.quarters() == example.at("q").get<int>());
    CHECK(to_text(made.level()) == example.at("level").get<std::string>());
    CHECK(made.formula().ends_with("= " + example.at("se").get<std::string>()));
  }
}

TEST_CASE("each example of a context can be said, and scores what the document gives") {
  const auto examples = tables().at("dpc_examples_as_tests");
  REQUIRE(examples.size() == 21);
  for (const auto& example : examples) {
    const std::string category = example.at("category");
    const int score = example.at("score");
    const int base = context_in(category).score;
    CHECK(base == tables().at("dpc").at("categories").at(category).at("base").get<int>());
    CHECK(context_in(category + ":" + std::to_string(score)).score == score);
    const std::string sign = score < base ? ":-" : ":+";
    CHECK(context_in(category + sign + std::to_string(std::abs(score - base))).score == score);
  }
}

TEST_CASE("bands and their meanings are those of the tables") {
  const nlohmann::json all = tables();
  for (int q = 1; q <= 24; ++q) {
    CAPTURE(q);
    Assessment made{.context = 4, .identification = 4, .circumstances = {2, 2, 2, 2}};
    for (int context = 1; context <= 4; ++context) {
      for (int ei = 1; ei <= 4; ++ei) {
        const int rest = q - context * ei;
        if (rest >= 0 && rest <= 8) {
          made = {.context = context, .identification = ei, .circumstances = {}};
          made.circumstances = {std::min(rest, 2), std::clamp(rest - 2, 0, 2),
                                std::clamp(rest - 4, 0, 2), std::clamp(rest - 6, 0, 2)};
        }
      }
    }
    REQUIRE(made.quarters() == q);
    for (const auto& band : all.at("bands")) {
      if (band.at("from_q") <= q && q <= band.at("to_q")) {
        const std::string level = band.at("level");
        CHECK(to_text(made.level()) == level);
        CHECK(meaning_of(made.level()) == all.at("band_meaning").at(level).get<std::string>());
      }
    }
  }
}

TEST_CASE("what would move the level is found, and nothing else") {
  const Assessment hacked{.context = 2, .identification = 2, .circumstances = {2, 0, 0, 2}};
  REQUIRE(hacked.level() == Level::medium);
  std::vector<std::string> found;
  for (const Change& change : changes_of_level(hacked)) {
    found.push_back(change.what + ": " + std::string{to_text(change.level)});
  }
  const std::vector<std::string> expected{"context 2 -> 1: low",
                                          "context 2 -> 4: high",
                                          "identification 0.50 -> 0.25: low",
                                          "identification 0.50 -> 1.00: high",
                                          "confidentiality 0.50 -> 0.00: low",
                                          "confidentiality 0.50 -> 0.25: low",
                                          "malicious intent 0.50 -> 0.00: low"};
  CHECK(found == expected);
}

TEST_CASE("scores that make no sense are refused") {
  for (const char* text : {"", "odd", "simple:0", "simple:5", "simple:-1", "sensitive:+1",
                           "financial:x", "financial:+", "financial:11"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(context_in(text), Error);
  }
  for (const char* text : {"", "device-id", "device-id:0", "device-id:0.3", ":0.5", "x:2"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(identification_in(text), Error);
  }
  for (const char* text : {"x=0.5", "c", "c=1", "c=0.3", "m=0.25", "c=0.5;m=0.5", ",c=0.5"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(circumstances_in(text), Error);
  }
  CHECK(identification_in("e-mail: hashed:1").score == 4);
  CHECK(circumstances_in("c=0.5,m=0.5") == std::array{2, 0, 0, 2});
  CHECK(circumstances_in("") == std::array<int, 4>{});
}

}  // namespace
}  // namespace trackier::law
