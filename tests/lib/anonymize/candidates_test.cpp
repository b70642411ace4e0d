#include "anonymize/candidates.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "job_on_text.hpp"
#include "support/shared_data.hpp"

namespace trackier::anonymize {

namespace {

/// What this processor has.
std::vector<Instructions> all_instructions() {
  std::vector<Instructions> all{Instructions::portable};
  if (best_instructions() >= Instructions::avx2) {
    all.push_back(Instructions::avx2);
  }
  if (best_instructions() >= Instructions::avx512) {
    all.push_back(Instructions::avx512);
  }
  return all;
}

std::vector<std::uint32_t> candidates_of(std::string_view text, bool json,
                                         Instructions instructions) {
  Candidates candidates;
  candidates.find(text, {.json_structure = json}, instructions);
  const auto positions = candidates.positions();
  return {positions.begin(), positions.end()};
}

std::vector<std::uint32_t> quotes_of(std::string_view text, Instructions instructions) {
  Candidates candidates;
  candidates.find(text, {.json_structure = true}, instructions);
  const auto quotes = candidates.quotes();
  return {quotes.begin(), quotes.end()};
}

/// Text of the characters that candidates are made of, denser than any log.
std::string dense_text(std::mt19937& random, std::size_t size) {
  constexpr std::string_view characters =
      "0123456789.-: @=\"\\%#+)(JBABCabcf,\n\x80\xFF\0"
      "000011112222....----::::    \"\"\"";
  std::string text;
  while (text.size() < size) {
    text += characters[random() % characters.size()];
  }
  return text;
}

}  // namespace

TEST_CASE("all instructions give the same candidates, in text of any size") {
  CHECK(rc::check([](std::uint32_t seed, bool json) {
    std::mt19937 random{seed};
    const std::size_t size = random() % 6000;
    const std::string text = dense_text(random, size);
    const auto portable = candidates_of(text, json, Instructions::portable);
    RC_ASSERT(std::ranges::is_sorted(portable));
    RC_ASSERT(std::ranges::adjacent_find(portable) == portable.end());
    for (const Instructions instructions : all_instructions()) {
      RC_ASSERT(candidates_of(text, json, instructions) == portable);
    }
  }));
}

TEST_CASE("of JSON every quote is told, by all instructions") {
  CHECK(rc::check([](std::uint32_t seed) {
    std::mt19937 random{seed};
    const std::size_t size = random() % 6000;
    const std::string text = random() % 8 == 0 ? std::string(size, '"') : dense_text(random, size);
    std::vector<std::uint32_t> expected;
    for (std::uint32_t i = 0; i < text.size(); ++i) {
      if (text[i] == '"') {
        expected.push_back(i);
      }
    }
    for (const Instructions instructions : all_instructions()) {
      RC_ASSERT(quotes_of(text, instructions) == expected);
    }
  }));
}

TEST_CASE("all instructions give the same candidates for runs of one thing") {
  for (const std::string_view part :
       {"a@",   "1.",     "1-",  "::",   ":",    "\"",    "\\",     "eyJ", "7",    "+1",
        "key=", "\": \"", "%40", "(12)", "AB12", "4111 ", "12-34-", "B",   "\xFF", ""}) {
    std::string text;
    while (!part.empty() && text.size() < 5000) {
      text += part;
    }
    for (const bool json : {false, true}) {
      const auto portable = candidates_of(text, json, Instructions::portable);
      for (const Instructions instructions : all_instructions()) {
        CHECK(candidates_of(text, json, instructions) == portable);
      }
    }
  }
}

TEST_CASE("a value is found at every offset in a window, and across windows") {
  constexpr auto values =
      std::to_array<test::Change>({{"192.0.2.17", "192.0.2.0"},
                                   {"2001:db8:1:2::3", "2001:db8:1::"},
                                   {"08:00:27:4e:66:a1", "08:00:27:00:00:00"},
                                   {"bob@example.com", "[email]"},
                                   {"+14155550199", "[phone]"},
                                   {"(415) 555-0199", "[phone]"},
                                   {"415-555-0199", "[phone]"},
                                   {"4111111111111111", "[card]"},
                                   {"4111 1111 1111 1111", "[card]"},
                                   {"3782 822463 10005", "[card]"},
                                   {"GB29 NWBK 6016 1331 9268 19", "[iban]"},
                                   {"521-44-9382", "[ssn]"},
                                   {"eyJhbGciOiJIUzI1NiJ9.eyJz", "[jwt]"},
                                   {"Bearer abc.def-123", "Bearer [token]"},
                                   {"token=\"x y\"", "token=\"[token]\""},
                                   {"\"token\": \"x y\"", "\"token\": \"[token]\""},
                                   {"bob%40example.com", "[email]"},
                                   {"bob&#64;example.com", "[email]"},
                                   {"ip-192-0-2-17", "ip-192-0-2-0"}});
  const Profile profile = built_in_profile();
  for (const Instructions instructions : all_instructions()) {
    for (std::size_t pad = 0; pad < 130; ++pad) {
      for (const std::size_t before : {std::size_t{0}, std::size_t{1984}}) {
        std::string text(before + pad, '_');
        std::string expected = text;
        for (const auto& [value, result] : values) {
          text += ' ';
          expected += ' ';
          text += value;
          expected += result;
        }
        const std::string out =
            test::run_text(text, profile,
                           {.format = Format::plain, .min_share = 0, .instructions = instructions})
                .output;
        REQUIRE(out == expected);
      }
    }
  }
}

TEST_CASE("all instructions make the same of real logs") {
  const auto folder = trackier::test::shared_data("logs");
  if (!folder) {
    return;
  }
  for (const char* name : {"access/apache_combined_10k.log", "json/clicks_dev.jsonl",
                           "syslog/auth_elastic.log", "csv/fake_people_100.csv", "edge/edge.log"}) {
    std::ostringstream content;
    content << std::ifstream{*folder / name}.rdbuf();
    REQUIRE(content.str().size() > 100);
    const auto with = [&](Instructions instructions) {
      return test::run_text(content.str(), built_in_profile(),
                            {.min_share = 0.9, .instructions = instructions})
          .output;
    };
    const std::string portable = with(Instructions::portable);
    CHECK((portable != content.str()));
    for (const Instructions instructions : all_instructions()) {
      CHECK((with(instructions) == portable));
    }
  }
}

}  // namespace trackier::anonymize
