#include "anonymize/detect_format.hpp"
#include "anonymize/wide_characters.hpp"

#include <doctest/doctest.h>

#include <array>

#include <fmt/format.h>
#include "core/error.hpp"

#include "job_on_text.hpp"
#include "support/errors.hpp"

namespace trackier::anonymize {

namespace {

Format guessed(std::string_view beginning) {
  return guess_format(beginning, true, 0.9).format;
}

}  // namespace

TEST_CASE("the format is told by the first lines") {
  struct Sample {
    Format format;
    std::string_view text;
  };
  constexpr auto samples = std::to_array<Sample>({
      {Format::json, "{\"a\":1}\n\n[1]\n"},
      {Format::combined,
       "1.2.3.4 - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"\n"},
      {Format::common, "1.2.3.4 - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1\n"},
      {Format::syslog, "Mar 27 13:06:56 web1 sshd[123]: hello\n"},
      {Format::syslog, "<38>1 2026-01-31T12:34:56Z web1 app 12 ID - x\n"},
      {Format::logfmt, "level=info msg=\"a b\" n=1\n"},
      {Format::tsv, "a\tb\n1\t2\n"},
      {Format::csv, "a,b\n1,2\n"},
      {Format::csv, "a;b\n1;2,3\n"},
      {Format::csv, "\xEF\xBB\xBFname,b\n1,2\n"},
      {Format::csv, "1,2,3,4\n5,6,7,8\n9,10,11,12\n"},
      {Format::plain, "Hello, world\nOne, two\n"},
      {Format::plain, "what a day\n"},
      {Format::plain, ""},
      {Format::plain, "{\"a\":1}\nnot json\n"},
  });
  for (const auto& sample : samples) {
    CAPTURE(sample.text);
    CHECK(name_of(guessed(sample.text)) == name_of(sample.format));
  }
}

TEST_CASE("a last line that is cut off does not count") {
  CHECK(guess_format("{\"a\":1}\n{\"a\":", false, 1.0).format == Format::json);
  CHECK(guess_format("{\"a\":1}\n{\"a\":", true, 1.0).format == Format::plain);
}

TEST_CASE("of a record that is cut off alone, the beginning of JSON tells what it is") {
  const auto cut = [](std::string_view text) { return guess_format(text, false, 0.9); };
  CHECK(cut("{\"a\":\"x").format == Format::json);
  CHECK_FALSE(cut("{\"a\":\"x").columns.documents);
  CHECK(cut("{\"a\":[1,{\"b\":2},tru").format == Format::json);
  for (const std::string_view text :
       {"{\n \"Records\": [\n  {\"a\": \"}\\\"\", \"b\": 1},\n  {\"a\": 2,", "[{\"a\":1,\"b\":[2,",
        "\x1E{\"a\":\n1,"}) {
    CAPTURE(text);
    CHECK(cut(text).format == Format::json);
    CHECK(cut(text).columns.documents);
  }
  for (const std::string_view text :
       {"{ foo", "{\"a\" 1,", "{{\"a\":1,", "[1,2,", "word, word, {"}) {
    CAPTURE(text);
    CHECK(cut(text).format == Format::plain);
  }
  // Of other formats nothing is known then, and what was said holds.
  CHECK(try_format(Format::logfmt, "a=1 b=", false).records == 0);
  CHECK(try_format(Format::logfmt, "a=1 b=\n", false).records == 1);
}

TEST_CASE("a format is told although its first record is long") {
  const std::string filling(100'000, 'x');
  const auto format_of = [](const std::string& text, const JobOptions& options = {}) {
    return test::run_text(text, built_in_profile(), options).format;
  };
  const std::string line = "{\"fill\":\"" + filling + "\",\"ip\":\"192.0.2.17\"}\n";
  CHECK(format_of(line + "{\"a\":1}\n") == Format::json);
  CHECK(format_of(line, {.format = Format::json}) == Format::json);
  CHECK(format_of(line.substr(0, line.size() - 1)) == Format::json);
  CHECK(format_of("ip,b\n192.0.2.17," + filling + "\n", {.format = Format::csv}) == Format::csv);
  CHECK(format_of("{\n\"Records\": [\n" + std::string(3'000, ' ') + line + "]}\n") == Format::json);
  CHECK(format_of("{\"fill\":\"" + std::string(3'000'000, 'x') + "\"}\n") == Format::json);
  CHECK(format_of("level=info msg=" + filling + "\n") == Format::logfmt);
}

TEST_CASE("rules for fields are not left aside because no format was told") {
  Profile profile = built_in_profile();
  profile.fields.push_back({.selector = "city", .transform = {.action = Action::redact}});
  std::string mixed;
  for (int i = 0; i < 8; ++i) {
    mixed += "{\"city\":\"Delhi\"}\n";
  }
  mixed += "java.lang.Exception\n\tat Main.main\n";
  const Error error = trackier::test::error_of([&] { test::run_text(mixed, profile, {}); });
  CHECK(error.code() == Code::data);
  CHECK(trackier::test::contains(error.what(), "rules for fields"));
  CHECK(trackier::test::contains(error.hint(), "--format"));
  // Said to be plain, or nothing at all: nothing that a rule could mean.
  CHECK(test::run_text(mixed, profile, {.format = Format::plain}).output == mixed);
  CHECK(test::run_text("", profile, {}).output.empty());
  const auto run = test::run_text(mixed, profile, {.format = Format::json, .min_share = 0.5});
  CHECK_FALSE(trackier::test::contains(run.output, "Delhi"));
  CHECK(run.tally.unparsed == 2);
}

TEST_CASE("the share of records that has to parse can be lowered") {
  std::string text;
  for (int i = 0; i < 10; ++i) {
    text += i < 3 ? "not json\n" : "{\"a\":1}\n";
  }
  CHECK(guess_format(text, true, 0.9).format == Format::plain);
  CHECK(guess_format(text, true, 0.7).format == Format::json);
  const FormatGuess tried = try_format(Format::json, text, true);
  CHECK(tried.records == 10);
  CHECK(tried.share == doctest::Approx(0.7));
}

TEST_CASE("a wrong format is an error before anything is written") {
  const Error error = trackier::test::error_of(
      [] { test::run_text("one\ntwo\n", built_in_profile(), {.format = Format::json}); });
  CHECK(error.code() == Code::data);
  CHECK(trackier::test::contains(error.what(), "only 0% of the first 2 records"));
}

namespace {

/// `text`, of ASCII, in UTF-16 or UTF-32.
std::string wide(std::string_view text, std::size_t size, bool big) {
  std::string made;
  for (const char c : text) {
    made.append(big ? size - 1 : 0, '\0').append(1, c).append(big ? 0 : size - 1, '\0');
  }
  return made;
}

}  // namespace

TEST_CASE("UTF-16 and UTF-32 are refused, with a mark and without") {
  for (const std::string_view text : {std::string_view{"\xFF\xFE"
                                                       "a\0",
                                                       4},
                                      std::string_view{"\xFE\xFF\0a", 4}}) {
    CHECK(trackier::test::error_of([&] { refuse_wide_characters(text); }).code() == Code::data);
  }
  CHECK_NOTHROW(refuse_wide_characters("\xFF\xFE 192.0.2.1 bytes that are no UTF-8"));
  CHECK_NOTHROW(refuse_wide_characters(std::string(100, '\0')));
  CHECK_NOTHROW(refuse_wide_characters("a\0b plain text with one zero"));
}

TEST_CASE("UTF-16 that begins behind other text is refused wherever it begins") {
  const std::string line = "host 192.0.2.17 asked\n";
  for (const std::size_t size : {std::size_t{2}, std::size_t{4}}) {
    for (const bool big : {false, true}) {
      CAPTURE(size);
      CAPTURE(big);
      const std::string text = wide("a@b.de\n", size, big);
      CHECK(trackier::test::error_of([&] { refuse_wide_characters(text); }).code() == Code::data);
      // In the first chunk, in a later one, in the middle of one, in a record too long to be held.
      for (const std::size_t lines : {1U, 2'000U, 30'000U, 100'000U}) {
        std::string log;
        for (std::size_t i = 0; i < lines; ++i) {
          log += line;
        }
        const std::size_t begin = log.size();
        log += text + line;
        CAPTURE(lines);
        const std::size_t found = wide_characters_in(log).value_or(0);
        CHECK(found >= begin);
        CHECK(found <= begin + 1);
        const Error error =
            trackier::test::error_of([&] { test::run_text(log, built_in_profile(), {}); });
        CHECK(error.code() == Code::data);
        CHECK(trackier::test::contains(error.what(),
                                       lines == 1 ? "UTF-16" : fmt::format("line {}:", lines + 1)));
      }
      const std::string long_record = std::string(3'000'000, 'x') + text + "x\n";
      CHECK(trackier::test::error_of([&] {
              test::run_text(long_record, built_in_profile(), {});
            }).code() == Code::data);
    }
  }
}

TEST_CASE("zeros that are no wide characters pass") {
  using namespace std::string_literals;
  for (const std::string& text :
       {"a\0b plain text with one zero"s, std::string(100'000, '\0'), "\0\0\0\0x\0\0\0\0\0\0y\0"s,
        "HOME=/root\0PATH=/bin\0A=b\0"s, "a\0b\0c\0de\0f\0gh\0"s, "\0"s, "x\0"s, "\0x"s}) {
    CHECK(wide_characters_in(text) == std::nullopt);
  }
}

}  // namespace trackier::anonymize
