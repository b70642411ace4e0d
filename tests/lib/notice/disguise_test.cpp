#include "notice/disguise.hpp"

#include <doctest/doctest.h>

#include <string>

namespace trackier::notice {
namespace {

/// What is found, joined by "; ".
std::string disguises(std::string_view text) {
  std::string all;
  for (const Disguise& each : disguises_in(text)) {
    all += (all.empty() ? "" : "; ") + std::string{each.what};
  }
  return all;
}

TEST_CASE("what people write is no disguise") {
  for (const std::string_view text :
       {"", "plain text,\n\twith a tab\r\n", "Über AG, Besançon, Łódź, İstanbul", "Ελλάδα",
        "Комиссия за защита", "हिन्दी", "漢字かな", "10 € – 20 %, №, ™, 3 °C", "“quoted”…",
        "क्\u200dष", "می\u200cخواهم"}) {
    CHECK_MESSAGE(disguises(text).empty(), text);
  }
}

TEST_CASE("characters that do not show are found") {
  for (const std::string_view text : {"Bo\u200blt", "Bo\u00adlt", "Bo\u2060lt", "\ufeffBolt",
                                      "Bo\u200dlt", "Bolt\u202e", "B\u034folt", "x\U000e0041"}) {
    CHECK_MESSAGE(disguises(text) == "an invisible character", text);
  }
  CHECK(disguises("a\x1b[31m") == "a control character");
  CHECK(disguises("a\u0085") == "a control character");
  CHECK(disguises("a\x7f") == "a control character");
}

TEST_CASE("letters that look like others are found") {
  CHECK(disguises("B\u043elt") == "a word of two alphabets");              // Cyrillic o
  CHECK(disguises("the \u0392olt company") == "a word of two alphabets");  // Greek Beta
  CHECK(disguises("\uff22\uff4f") == "a letter of an odd form; a letter of an odd form");
  CHECK(disguises("\U0001d401") == "a letter of an odd form");
  CHECK(disguises("\u24b7") == "a letter of an odd form");
  const auto found = disguises_in("see B\u043elt.");
  REQUIRE(found.size() == 1);
  CHECK(found[0].begin == 4);
  CHECK(found[0].end == 9);
}

TEST_CASE("bytes that are no UTF-8 are found") {
  CHECK(disguises("a\xff") == "a byte that is no UTF-8");
  CHECK(disguises("\xc3") == "a byte that is no UTF-8");
  CHECK(disguises("\xed\xa0\x80").starts_with("a byte that is no UTF-8"));
}

}  // namespace
}  // namespace trackier::notice
