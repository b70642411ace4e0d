// The promise itself: no personal value that was put into a log remains, and every byte that is
// none stays.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <functional>

#include "job_on_text.hpp"

namespace trackier::anonymize {

namespace {

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  std::string digits(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      text += static_cast<char>('0' + below(10));
    }
    return text;
  }
  std::string letters(unsigned count) {
    std::string text;
    for (unsigned i = 0; i < count; ++i) {
      text += static_cast<char>('a' + below(26));
    }
    return text;
  }
  std::string hex(unsigned count) {
    std::string text;
    for (unsigned i = 0; i < count; ++i) {
      text += "0123456789abcdef"[below(16)];
    }
    return text;
  }

  /// A value of a random kind, and what becomes of it; empty where only its absence is checked.
  std::pair<std::string, std::string> value() {
    switch (below(9)) {
      case 0: {
        const std::string network = std::to_string(1 + below(223)) + '.' +
                                    std::to_string(below(256)) + '.' + std::to_string(below(256));
        return {network + '.' + std::to_string(100 + below(156)), network + ".0"};
      }
      case 1: {
        const std::string site = "2001:db8:" + hex(3) + '1';
        return {site + ':' + hex(3) + "1::" + hex(3) + '1', ""};
      }
      case 2:
        return {
            letters(1 + below(12)) + '.' + letters(3) + '@' + letters(1 + below(9)) + ".example",
            "[email]"};
      case 3:
        return {"+1415555" + digits(4), "[phone]"};
      case 4:
        return {"(415) 555-" + digits(4), "[phone]"};
      case 5:
        return {hex(8) + '-' + hex(4) + "-4" + hex(3) + "-a" + hex(3) + '-' + hex(12), ""};
      case 6:
        return {"4111 1111 1111 1111", "[card]"};
      case 7:
        return {"eyJ" + letters(20) + '.' + letters(20) + '.' + letters(20), "[jwt]"};
      default:
        return {"521-44-" + std::to_string(1000 + below(9000)), "[ssn]"};
    }
  }

  /// Words that are no value.
  std::string words() {
    static constexpr auto some = std::to_array<std::string_view>(
        {"Chrome/120.0.0.0", "12:34:56", "GET", "v4.3.2.1", "std::move", "a/b-c", "[x]", "100%",
         "2026-01-31", "caf\xC3\xA9", "id7", "+0000", "1.2.3", "ok", "#5"});
    std::string text;
    for (unsigned i = 0; i <= below(4); ++i) {
      text += i > 0 ? " " : "";
      text += some[below(some.size())];
    }
    return text;
  }

 private:
  std::mt19937 random_;
};

struct Template {
  Format format;
  std::string_view head;
  std::string_view line;  ///< @ is a value, # are words
};

constexpr auto templates = std::to_array<Template>({
    {Format::plain, "", "# @ # \"@\" #\n"},
    {Format::plain, "", "#, @; [@]\r\n"},
    {Format::combined, "",
     "192.0.2.0 - - [17/May/2015:10:05:03 +0000] \"GET /x HTTP/1.1\" 200 1 \"@\" \"# @\"\n"},
    {Format::json, "",
     R"({"a":"# @ #","b":["@",1.50],"c":{"d":"#"},"e":1e3})"
     "\n"},
    {Format::csv, "a,b,c\n", "#,@,\"# @\"\n"},
    {Format::tsv, "a\tb\tc\n", "#\t@\t@ #\n"},
    {Format::logfmt, "", "a=1 m=\"# @ #\" z=\"@\"\n"},
    {Format::syslog, "", "Mar 27 13:06:56 web1 app[1]: # @ # @\n"},
});

}  // namespace

TEST_CASE("no personal value remains and every other byte stays, in every format") {
  for (const Template& shape : templates) {
    CHECK(rc::check([&shape](std::uint32_t seed) {
      Generator generate{seed};
      std::string text{shape.head};
      std::string pattern{shape.head};  // what has to come out, a NUL for what is not known exactly
      std::vector<std::string> values;
      for (int line = 0; line < 20; ++line) {
        for (const char c : shape.line) {
          if (c == '@') {
            const auto [value, result] = generate.value();
            text += value;
            pattern += result.empty() ? std::string(1, '\0') : result;
            if (!value.starts_with("4111")) {
              values.push_back(value);
            }
          } else if (c == '#') {
            const std::string words = generate.words();
            text += words;
            pattern += words;
          } else {
            text += c;
            pattern += c;
          }
        }
      }
      const std::string out = test::anonymized(text, shape.format);
      for (const std::string& value : values) {
        RC_ASSERT(out.find(value) == std::string::npos);
      }
      RC_ASSERT(out.find("4111 1111") == std::string::npos);
      // Walk through both: what is unknown is of hexadecimal digits, '-' and ':'.
      std::size_t at = 0;
      for (const char c : pattern) {
        if (c == '\0') {
          const std::size_t end =
              std::min(out.find_first_not_of("0123456789abcdef:-", at), out.size());
          RC_ASSERT(end > at);
          at = end;
        } else {
          RC_ASSERT(at < out.size());
          if (out[at] != c) {
            RC_LOG() << "here: " << out.substr(at < 60 ? 0 : at - 60, 80) << '\n' << text;
          }
          RC_ASSERT(out[at] == c);
          ++at;
        }
      }
      RC_ASSERT(at == out.size());
    }));
  }
}

TEST_CASE("same input and key, same output; another tenant, another output") {
  const std::string text = "v=123e4567-e89b-12d3-a456-426614174000 vid=17 192.0.2.1\n";
  const auto with = [&](std::string_view tenant) {
    trackier::test::MemorySource source{text};
    const Pseudonymizer pseudonymizer{as_bytes("0123456789abcdef0123456789abcdef"), tenant};
    return test::run_source(source, built_in_profile(), {.format = Format::plain}, pseudonymizer)
        .output;
  };
  CHECK(with("a") == with("a"));
  const std::string one = with("a");
  const std::string other = with("b");
  CHECK(one.substr(0, 38) != other.substr(0, 38));
  CHECK(one.substr(39, 36) != other.substr(39, 36));
  CHECK(one.substr(75) == other.substr(75));
}

}  // namespace trackier::anonymize
