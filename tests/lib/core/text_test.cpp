#include "core/text.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <limits>
#include <vector>

namespace trackier {
namespace {

using namespace std::string_literals;

TEST_CASE("ordinary text is shown as it is") {
  CHECK(printable("") == "");
  CHECK(printable("access.log") == "access.log");
  CHECK(printable("Zoë Müller 東京 🙂") == "Zoë Müller 東京 🙂");
}

TEST_CASE("bytes that a terminal would obey are escaped") {
  CHECK(printable("a\nb\tc\r") == "a\\x0Ab\\x09c\\x0D");
  CHECK(printable("\x1b[31mred") == "\\x1B[31mred");
  CHECK(printable("nul\0nul"s) == "nul\\x00nul");
  CHECK(printable("\x7f") == "\\x7F");
  CHECK(printable("\xc2\x9b"
                  "31m") == "\\xC2\\x9B31m");  // U+009B, an ESC [ in disguise
  CHECK(printable("\xe2\x80\xae"
                  "gpj.exe") == "\\xE2\\x80\\xAEgpj.exe");  // right to left
  CHECK(printable("\xe2\x81\xa6x") == "\\xE2\\x81\\xA6x");
  CHECK(printable("\xe2\x80\xa8") == "\\xE2\\x80\\xA8");  // line separator
}

TEST_CASE("a backslash is doubled, so that an escape cannot be forged") {
  CHECK(printable("\\x41") == "\\\\x41");
}

TEST_CASE("invalid UTF-8 is escaped byte by byte and its neighbours are kept") {
  const std::array<std::pair<std::string, std::string>, 9> cases{{
      {"\xff", "\\xFF"},
      {"a\x80z", "a\\x80z"},
      {"\xc0\xaf", "\\xC0\\xAF"},                    // overlong '/'
      {"\xe0\x80\xaf", "\\xE0\\x80\\xAF"},           // overlong, three bytes
      {"\xed\xa0\x80", "\\xED\\xA0\\x80"},           // a surrogate
      {"\xf4\x90\x80\x80", "\\xF4\\x90\\x80\\x80"},  // above U+10FFFF
      {"\xf0\x9f\x99", "\\xF0\\x9F\\x99"},           // cut
      {"\xc3(", "\\xC3("},
      {"\xe4\xb8"
       "a",
       "\\xE4\\xB8"
       "a"},
  }};
  for (const auto& [text, shown] : cases) {
    CHECK(printable(text) == shown);
  }
}

TEST_CASE("long text is cut, never within a character") {
  CHECK(printable("abcdef", 3) == "abc...");
  CHECK(printable("abc", 3) == "abc");
  CHECK(printable("ab東", 3) == "ab...");
  CHECK(printable("ab東", 4) == "ab...");
  CHECK(printable("ab東", 5) == "ab東");
  CHECK(printable(std::string(1000, 'a')).size() == 203);
  CHECK(printable("abc", 0) == "...");
}

TEST_CASE("whatever is shown has no control bytes, and can be told apart") {
  const auto any_text = rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  CHECK(rc::check("printable text has no control bytes", [&] {
    const std::string shown = printable(*any_text);
    for (const char c : shown) {
      RC_ASSERT(static_cast<unsigned char>(c) >= 0x20);
      RC_ASSERT(c != '\x7f');
    }
    // What is printable has nothing left to escape but its backslashes.
    RC_ASSERT(shown.find("\xc2\x9b") == std::string::npos);
  }));
  CHECK(rc::check("different texts are shown differently", [&] {
    const std::string one = *any_text;
    const std::string other = *any_text;
    const std::size_t all = std::numeric_limits<std::size_t>::max();
    RC_ASSERT((one == other) == (printable(one, all) == printable(other, all)));
  }));
}

TEST_CASE("the closest candidate is suggested, and nothing when none is near") {
  const std::vector<std::string> words{"truncate", "mask", "hash", "pseudonym", "redact", "keep"};
  CHECK(closest("trunacte", words) == "truncate");  // swapped neighbours are one slip
  CHECK(closest("hahs", words) == "hash");
  CHECK(closest("redat", words) == "redact");
  CHECK(closest("pseudonim", words) == "pseudonym");
  CHECK(closest("keeep", words) == "keep");
  CHECK_FALSE(closest("encrypt", words));
  CHECK_FALSE(closest("", words));
  CHECK_FALSE(closest("k", words));
  CHECK_FALSE(closest("keep", {}));
}

TEST_CASE("short words may have one slip, longer ones a third of their length") {
  const std::vector<std::string> words{"abcde", "abcdefghi"};
  CHECK(closest("abcdx", words) == "abcde");
  CHECK_FALSE(closest("abcxy", words));
  CHECK(closest("abcdefxyz", words) == "abcdefghi");
  CHECK_FALSE(closest("abcdewxyz", words));
}

TEST_CASE("of equally close candidates the earlier is suggested, and an exact one always") {
  const std::vector<std::string> words{"cat", "bat", "hat"};
  CHECK(closest("rat", words) == "cat");
  CHECK(closest("hat", words) == "hat");
}

TEST_CASE("a slip anywhere in a word is found") {
  CHECK(rc::check("one changed letter", [] {
    const std::vector<std::string> words{"keep_networks"};
    std::string word = words[0];
    word[*rc::gen::inRange<std::size_t>(0, word.size())] = '?';
    RC_ASSERT(closest(word, words) == words[0]);
  }));
}

TEST_CASE("sizes are shown in the unit that fits") {
  CHECK(human_bytes(0) == "0 B");
  CHECK(human_bytes(17) == "17 B");
  CHECK(human_bytes(1023) == "1023 B");
  CHECK(human_bytes(1024) == "1.0 KiB");
  CHECK(human_bytes(1536) == "1.5 KiB");
  CHECK(human_bytes(1048575) == "1.0 MiB");  // not 1024.0 KiB
  CHECK(human_bytes(std::uint64_t{1} << 30U) == "1.0 GiB");
  CHECK(human_bytes(std::numeric_limits<std::uint64_t>::max()) == "16.0 EiB");
}

TEST_CASE("numbers are grouped by thousands") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(1234567) == "1,234,567");
  CHECK(grouped(std::numeric_limits<std::uint64_t>::max()) == "18,446,744,073,709,551,615");
}

TEST_CASE("lower case is of ASCII letters alone") {
  CHECK(ascii_lower("AZaz09-_") == "azaz09-_");
  CHECK(ascii_lower("ÀÖ\xff") == "ÀÖ\xff");
}

}  // namespace
}  // namespace trackier
