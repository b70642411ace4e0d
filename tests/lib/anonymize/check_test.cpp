#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>

#include "job_on_text.hpp"

namespace trackier::anonymize {

using test::checked;

namespace {

std::size_t rule_of(Kind kind) {
  return static_cast<std::size_t>(kind);
}

}  // namespace

TEST_CASE("findings name line, column and kind of each value") {
  const auto findings =
      checked("a\n192.0.2.1 x bob@example.com\r\n\n\xC3\xA9 token=y\n+14155550199", Format::plain);
  struct Expected {
    std::uint64_t line, column;
    Kind kind;
  };
  constexpr auto expected = std::to_array<Expected>(
      {{2, 1, Kind::ipv4}, {2, 13, Kind::email}, {4, 10, Kind::token}, {5, 1, Kind::phone}});
  REQUIRE(findings.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(findings[i].line == expected[i].line);
    CHECK(findings[i].column == expected[i].column);
    CHECK(findings[i].rule == rule_of(expected[i].kind));
  }
}

TEST_CASE("lines of records with line ends in them are counted") {
  const auto findings = checked("id,user\n1,\"a\nb\"\n2,x\n192.0.2.1,-\n", Format::csv);
  REQUIRE(findings.size() == 3);
  CHECK(findings[0].line == 2);
  CHECK(findings[0].column == 4);
  CHECK(findings[1].line == 4);
  CHECK(findings[1].column == 3);
  CHECK(findings[2].line == 5);
  CHECK(findings[2].column == 1);
}

TEST_CASE("places are right in every chunk, for any number of workers") {
  CHECK(rc::check([](std::uint32_t seed) {
    std::mt19937 random{seed};
    std::string text;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> places;
    for (std::uint64_t line = 1; text.size() < 900'000; ++line) {
      text.append(random() % 400, 'x');
      if (random() % 50 == 0) {
        const std::size_t begin = text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1;
        places.emplace_back(line, text.size() - begin + 2);
        text += " 192.0.2.17 ";
      }
      text += random() % 3 == 0 ? "\r\n" : "\n";
    }
    for (const unsigned workers : {1U, 3U}) {
      test::RaggedSource source{text, seed, 100'000};
      const auto run = test::run_source(
          source, built_in_profile(), {.format = Format::plain, .workers = workers, .check = true});
      RC_ASSERT(run.output.empty());
      RC_ASSERT(run.findings.size() == places.size());
      for (std::size_t i = 0; i < places.size(); ++i) {
        RC_ASSERT(run.findings[i].line == places[i].first);
        RC_ASSERT(run.findings[i].column == places[i].second);
      }
    }
  }));
}

TEST_CASE("rules of the profile are named by their selectors and patterns") {
  Profile profile = test::profile_with_field("n", {.action = Action::redact});
  profile.patterns.push_back({.name = "order", .regex = "o-[0-9]+", .transform = {}});
  const auto findings = checked("{\"n\":\"x\",\"m\":\"o-17\"}\nbroken\n", Format::json, profile);
  REQUIRE(findings.size() == 3);
  CHECK(rule_name(profile, findings[0].rule) == "field n");
  CHECK(rule_name(profile, findings[1].rule) == "pattern order");
  CHECK(findings[2].line == 2);
}

TEST_CASE("unparsed records that would be dropped are findings too") {
  Profile profile = test::profile_with_field("n", {.action = Action::redact});
  profile.unparsed = Profile::Unparsed::drop;
  CHECK(checked("{\"n\":1}\nbroken\n", Format::json, profile).size() == 2);
}

TEST_CASE("nothing is found in what was anonymized") {
  constexpr std::string_view text =
      "192.0.2.17 2001:db8:1:2::3 08:00:27:4e:66:a1 123e4567-e89b-12d3-a456-426614174000 "
      "bob@example.com +1-415-555-0199 4111 1111 1111 1111 GB29NWBK60161331926819 521-44-9382 "
      "Bearer abc.def https://a:b@example.com/ eve%40example.com token=x \"password\": \"y\" "
      "user=clyde visitor_id=17 dob=1970-01-31\n";
  for (const Transform& transform :
       {Transform{.action = Action::redact}, Transform{.action = Action::hash},
        Transform{.action = Action::drop}, Transform{.action = Action::redact, .label = "x"}}) {
    const Profile profile = test::profile_with(transform);
    const std::string once = test::anonymized(text, Format::plain, profile);
    CHECK(checked(once, Format::plain, profile).empty());
    CHECK(test::anonymized(once, Format::plain, profile) == once);
  }
}

TEST_CASE("what cannot be told from its result is counted and not reported") {
  Profile profile = built_in_profile();
  profile.transforms[Kind::name] = {.action = Action::pseudonym};
  profile.transforms[Kind::id] = {.action = Action::hash, .bits = 64};
  const auto run = test::run_text("user=clyde vid=0123456789abcdef vid=17\n", profile,
                                  {.format = Format::plain, .check = true});
  CHECK(run.tally.unverifiable == 2);
  REQUIRE(run.findings.size() == 1);
  CHECK(run.findings[0].column == 37);
}

}  // namespace trackier::anonymize
