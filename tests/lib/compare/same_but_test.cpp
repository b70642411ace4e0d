#include "compare/same_but.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

namespace trackier::compare {
namespace {

using Stretch = anonymize::Replacements::Stretch;

/// expected: with what is replaced in brackets, which are left out.
std::optional<std::size_t> difference(std::string_view expected, std::string_view line) {
  std::string text;
  std::vector<Stretch> replaced;
  for (const char c : expected) {
    if (c == '<') {
      replaced.push_back({text.size(), 0});
    } else if (c == '>') {
      replaced.back().end = text.size();
    } else {
      text.push_back(c);
    }
  }
  return first_difference(text, replaced, line);
}

}  // namespace

TEST_CASE("anything may stand where something was replaced, and nothing else elsewhere") {
  CHECK_FALSE(difference("", ""));
  CHECK_FALSE(difference("a b", "a b"));
  CHECK_FALSE(difference("<1.2.3.0> a <x>", "[ip] a "));
  CHECK_FALSE(difference("<1> a a <x> a", "a a a a a a"));
  CHECK_FALSE(difference("<x>", ""));
  CHECK_FALSE(difference("<x><y>", "z"));
  CHECK_FALSE(difference("a<x>\n", "abc\n"));
  CHECK(difference("a b", "a c") == 2U);
  CHECK(difference("a b", "a b ") == 3U);
  CHECK(difference("a b", "a") == 1U);
  CHECK(difference("a<x>b", "axc") == 1U);
  CHECK(difference("ab<x>ba", "aba") == 2U);
  CHECK(difference("a<x>b<y>c", "a1c2c") == 1U);
  CHECK(difference("a<x>\n", "abc") == 1U);
}

TEST_CASE("whatever is put into the places is found to be the same line") {
  rc::check([] {
    const auto texts = *rc::gen::container<std::vector<std::string>>(
        rc::gen::container<std::string>(rc::gen::element('a', 'b', ' ')));
    const auto fillings = *rc::gen::container<std::vector<std::string>>(
        texts.size(), rc::gen::container<std::string>(rc::gen::element('a', 'b', ' ')));
    std::string expected;
    std::string line;
    std::vector<Stretch> replaced;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      expected += texts[i];
      replaced.push_back({expected.size(), expected.size() + 1});
      expected += 'X';
      line += texts[i] + fillings[i];
    }
    RC_ASSERT_FALSE(first_difference(expected, replaced, line));
  });
}

}  // namespace trackier::compare
