#include "compare/word_prints.hpp"

#include <doctest/doctest.h>

#include <string>

namespace trackier::compare {
namespace {

using anonymize::Kind;

constexpr HashKey key{std::byte{7}};

std::vector<WordPrints::Met> met(Kind kind, std::string_view value, std::string_view text) {
  WordPrints prints{key};
  const auto print = print_of(key, kind, value);
  REQUIRE(print);
  prints.add(*print, 3);
  std::vector<WordPrints::Met> found;
  prints.find(text, found);
  return found;
}

bool telling(Kind kind, std::string_view value) {
  const auto print = print_of(key, kind, value);
  return print && print->telling;
}

}  // namespace

TEST_CASE("a value is met wherever it stands between other words, in any case") {
  const auto found = met(Kind::email, "Ann.Doe@example.com", "to=<ann.doe@EXAMPLE.com>;");
  REQUIRE(found.size() == 1);
  CHECK(found[0].begin == 4);
  CHECK(found[0].end == 23);
  CHECK(found[0].rule == 3);
  CHECK(found[0].telling);
  CHECK(met(Kind::ipv4, "192.0.2.17", "http://192.0.2.17:80/192.0.2.17").size() == 2);
  CHECK(met(Kind::name, "Doe", "x doe-y DOE").size() == 2);
}

TEST_CASE("what only resembles a value is not met") {
  CHECK(met(Kind::email, "ann.doe@example.com", "ann.doe@example.org ann doe@example.com").empty());
  CHECK(met(Kind::ipv4, "192.0.2.17", "192.0.2.170 192.0.2.1 1192.0.2.17 192 0 2 17").empty());
  CHECK(met(Kind::name, "Doe", "doer undoe").empty());
}

TEST_CASE("long values are met by their beginning, and longer words whole") {
  CHECK(met(Kind::address, "1 2 3 4 5 6 7 8 9 10", "1 2 3 4 5 6 7 8 and so on").size() == 1);
  const std::string word(1000, 'w');
  CHECK(met(Kind::token, word, "x " + word + " y").size() == 1);
  CHECK(met(Kind::token, word, "x " + word + "w y").empty());
}

TEST_CASE("a thousand values are met, each by its own rule") {
  WordPrints prints{key};
  std::string text;
  for (std::uint16_t i = 0; i < 1000; ++i) {
    const std::string value = "user" + std::to_string(i) + "@example.com";
    prints.add(*print_of(key, Kind::email, value), i);
    prints.add(*print_of(key, Kind::email, value), 7);
    text += value + ' ';
  }
  CHECK(prints.size() == 1000);
  std::vector<WordPrints::Met> found;
  prints.find(text, found);
  REQUIRE(found.size() == 1000);
  for (std::uint16_t i = 0; i < 1000; ++i) {
    CHECK(found[i].rule == i);
  }
}

TEST_CASE("a word of the language and a small number tell nothing") {
  CHECK_FALSE(telling(Kind::name, "May"));
  CHECK_FALSE(telling(Kind::password, "password"));
  CHECK_FALSE(telling(Kind::id, "12345678"));
  CHECK_FALSE(telling(Kind::birthday, "1980-02-03"));
  CHECK_FALSE(telling(Kind::phone, "112"));
  CHECK(telling(Kind::name, "May Sample"));
  CHECK(telling(Kind::id, "visitor-17"));
  CHECK(telling(Kind::phone, "+49 30 1234567"));
  CHECK(telling(Kind::ipv6, "2001:db8::1"));
  CHECK_FALSE(print_of(key, Kind::password, "?!"));
}

TEST_CASE("a value is met at the very end of a text as well as before other words") {
  for (const std::string_view value : {"ab1", "abcdefg1", "abcdefgh1", "\xC3\xBCnal17", "AB1"}) {
    CAPTURE(value);
    const std::string text{value};
    CHECK(met(Kind::id, value, text).size() == 1);
    CHECK(met(Kind::id, value, "x " + text).size() == 1);
    CHECK(met(Kind::id, value, text + " and so on").size() == 1);
    CHECK(met(Kind::id, value, text + "x").empty());
  }
}

}  // namespace trackier::compare
