// Records of more than a mebibyte come in windows that overlap.
#include <doctest/doctest.h>

#include <array>

#include "job_on_text.hpp"

namespace trackier::anonymize {

using test::anonymized;

namespace {

constexpr std::size_t window = 1024 * 1024;

std::string repeated(std::string_view part, std::size_t bytes) {
  std::string text;
  text.reserve(bytes + part.size());
  while (text.size() < bytes) {
    text += part;
  }
  return text;
}

}  // namespace

TEST_CASE("values across the border of two windows are found, however they lie") {
  constexpr std::string_view unit =
      "192.0.2.17 2001:db8:1:2::3 bob@example.com +14155550199 4111 1111 1111 1111 "
      "eyJhbGciOiJIUzI1NiJ9.eyJz eve%40example.com token=\"x y\" ";
  const std::string cut = anonymized(unit);
  for (std::size_t pad = 0; pad < unit.size(); pad += 5) {
    const std::string before(pad, '_');
    const std::size_t units = (window + 20'000) / unit.size();
    std::string text = before + ' ';
    std::string expected = text;
    for (std::size_t i = 0; i < units; ++i) {
      text += unit;
      expected += cut;
    }
    REQUIRE((anonymized(text) == expected));
  }
}

TEST_CASE("a token longer than a window is hidden whole") {
  const std::string token(3 * window, 'a');
  CHECK((anonymized("x token=" + token + " 192.0.2.1\nnext") == "x token=[token] 192.0.2.0\nnext"));
  CHECK((anonymized("eyJhbGciOiJIUzI1NiJ9." + token + " 192.0.2.1") == "[jwt] 192.0.2.0"));
  CHECK((anonymized("Bearer A" + token) == "Bearer [token]"));
}

TEST_CASE("a value that ends in the last bytes of a window does not stop the run") {
  for (const std::size_t behind : {std::size_t{1}, std::size_t{100}, std::size_t{8191},
                                   std::size_t{8192}, std::size_t{8193}}) {
    const std::string token(window - behind - 22, 'a');
    const std::string rest = repeated(" 192.0.2.17", 30'000);
    CHECK((anonymized("eyJhbGciOiJIUzI1NiJ9." + token + rest) ==
           "[jwt]" + repeated(" 192.0.2.0", rest.size() / 11 * 10)));
  }
}

TEST_CASE("behind a token that was hidden in parts the next values are found whole") {
  for (const std::size_t behind : {std::size_t{3}, std::size_t{5000}, std::size_t{8190}}) {
    // The token ends so many bytes before the end of the second window.
    const std::string token(2 * window - behind, 'a');
    const std::string rest = repeated(" 192.0.2.17", 30'000);
    CHECK((anonymized("token=" + token + rest) ==
           "token=[token]" + repeated(" 192.0.2.0", rest.size() / 11 * 10)));
  }
}

TEST_CASE("bytes of any kind pass through windows") {
  std::string text = repeated(std::string_view{"\0\xFF\r\xC3 x", 6}, window + 100'000);
  text += " 192.0.2.17\r\n192.0.2.17\n\n192.0.2.17";
  const std::string out = anonymized(text);
  CHECK((out == text.substr(0, text.find("192")) + "192.0.2.0\r\n192.0.2.0\n\n192.0.2.0"));
}

TEST_CASE("a long record counts as one, between others") {
  const std::string text = "a\n" + repeated("word ", 2 * window + 7) + "\nb\n" +
                           repeated("word ", window + 5) + "\nc 192.0.2.1";
  const test::Run run = test::run_text(text, built_in_profile(), {.format = Format::plain});
  CHECK(run.tally.lines == 5);
  CHECK(run.tally.records == 5);
  CHECK(run.tally.bytes_in == text.size());
  CHECK((run.output == text.substr(0, text.size() - 1) + "0"));
  for (const unsigned workers : {2U, 4U}) {
    test::RaggedSource source{text, workers, 90'000};
    CHECK(
        (test::run_source(source, built_in_profile(), {.format = Format::plain, .workers = workers})
             .output == run.output));
  }
}

TEST_CASE("a long record of a structured format is unparsed") {
  const std::string line = R"({"ip":"192.0.2.17","x":")" + std::string(window, 'x') + "\"}";
  const std::string text = "{\"z\":1}\r\n" + line + "\r\n{\"z\":2}\r\n";
  const test::Run scanned = test::run_text(text, built_in_profile(), {.format = Format::json});
  CHECK(scanned.tally.unparsed == 1);
  CHECK((scanned.output.size() == text.size() - 1));
  CHECK(scanned.output.find("192.0.2.17") == std::string::npos);

  Profile profile = test::profile_with_field("q", {.action = Action::redact});
  CHECK(anonymized(text, Format::json, profile) ==
        "{\"z\":1}\r\n[unparsed record]\r\n{\"z\":2}\r\n");
  profile.unparsed = Profile::Unparsed::drop;
  const test::Run dropped = test::run_text(text, profile, {.format = Format::json});
  CHECK(dropped.output == "{\"z\":1}\r\n{\"z\":2}\r\n");
  CHECK(dropped.tally.dropped == 1);
  profile.unparsed = Profile::Unparsed::redact;
  const auto findings = test::checked(text, Format::json, profile);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].line == 2);
  CHECK(findings[0].column == 1);
}

TEST_CASE("patterns hold in long records, and a rule that drops records leaves the value out") {
  Profile profile = built_in_profile();
  profile.patterns.push_back({.name = "order",
                              .regex = "order-[0-9]+",
                              .transform = {.action = Action::redact, .label = "order"}});
  const std::string text = repeated("order-17 and ", window + 9000);
  CHECK((anonymized(text, Format::plain, profile) ==
         repeated("[order] and ", text.size() / 13 * 12)));
  profile.patterns[0].transform = {.action = Action::drop, .drop_record = true};
  CHECK((anonymized(text, Format::plain, profile) == repeated(" and ", text.size() / 13 * 5)));
}

TEST_CASE("findings in a long record name its line and the column in it") {
  const std::string filler = repeated("word ", window + 300'000);
  const std::string text = "x\n" + filler + "192.0.2.17 " + filler + "192.0.2.18\n192.0.2.19";
  const auto findings = test::checked(text, Format::plain);
  REQUIRE(findings.size() == 3);
  CHECK(findings[0].line == 2);
  CHECK(findings[0].column == filler.size() + 1);
  CHECK(findings[1].line == 2);
  CHECK(findings[1].column == 2 * filler.size() + 12);
  CHECK(findings[2].line == 3);
  CHECK(findings[2].column == 1);
}

}  // namespace trackier::anonymize
