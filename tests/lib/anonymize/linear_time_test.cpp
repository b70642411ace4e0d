// No input makes a run slow: four times as much of anything takes about four times as long.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <array>

#include "job_on_text.hpp"

namespace trackier::anonymize {

namespace {

std::string repeated(std::string_view part, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    text += part;
  }
  return text;
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec) * 1e-6;
}

/// Processor time of the user's kind; of short runs the least of three, for others use the machine
/// too.
double seconds_for(const std::string& text, Format format, const Profile& profile) {
  double least = 1e9;
  for (int attempt = 0; attempt == 0 || (attempt < 3 && least < 0.05); ++attempt) {
    const double begin = processor_seconds();
    test::run_text(text, profile, {.format = format, .min_share = 0});
    least = std::min(least, processor_seconds() - begin);
  }
  return least;
}

/// Linear work takes 4 times as long, quadratic work 16 times, however often it is tried; a machine
/// that others use too makes either seem slower now and then.
void check_linear(std::string_view part, Format format, std::size_t bytes = 64 * 1024,
                  const Profile& profile = built_in_profile()) {
  constexpr double bound = 10;
  constexpr double noise = 0.01;
  constexpr int attempts = 5;
  const auto text_of = [&](std::size_t size) {
    std::string text = repeated(part, size);
    return format == Format::json ? "{\"a\":\"" + text + "\"}\n" : text;
  };
  bool linear = false;
  for (int attempt = 0; attempt < attempts && !linear; ++attempt) {
    const double small = seconds_for(text_of(bytes), format, profile);
    const double large = seconds_for(text_of(4 * bytes), format, profile);
    linear = large < bound * std::max(small, noise);
    if (!linear) {
      MESSAGE(part, " as ", name_of(format), ": ", small, " s, and of four times as much ", large);
    }
  }
  CHECK(linear);
}

constexpr auto bombs = std::to_array<std::string_view>({
    "a@",
    "@",
    "a@a.",
    "//a:",
    "//",
    "1.",
    "1.1.1.1.",
    "1-2-3-4-",
    "-",
    "%40",
    "%40 ",
    "%25",
    "%",
    "\\u0040 ",
    "\\\\u0040",
    "\\",
    "\\\"",
    "&#64;",
    "&#",
    "::",
    "0:",
    ":",
    "a:b:",
    "\"",
    "\"\"",
    "'",
    "eyJ",
    ".eyJ",
    "eyJaaaaaaaaaaaa.",
    "Bearer ",
    "Bearer aaaaaaa ",
    "7",
    "+1",
    "+1 ",
    "+14155550199 ext.",
    "(12)",
    "(415) 555-",
    "4111 ",
    "DE89 ",
    "DE89    ",
    "key=",
    "token=",
    "token='x ",
    "token=\"",
    "token=\"x\" ",
    "token=\\\"",
    "token=\\\\\\\"x",
    "\"token\": \"",
    "\"token\":\"x\" ",
    "token:\"",
    "auth=Digest x\n",
    "auth=Digest x'",
    "Cookie: a\n",
    "Cookie: ",
    "cookie=",
    "token=\"[a",
    "[",
    "{",
    "[[[[",
    "{\"a\":",
    "x\n",
    "\n",
    "a,",
    "a\t",
    "a=\"b\" ",
    "1.1.1.ip6.arpa ",
    "a.b.c.",
    "\xFF",
    " ",
    "--",
    "a-",
    "-aa",
    "a--",
    "2001-db8-",
    "aa-bb-cc-dd-ee-ff-",
    "aaaa.",
    "aaaaaaaa.",
    "aaaaaaa1.dsl-",
    "1.in-addr.arpa ",
    "1.1.in-",
    "://1",
    "://0x1.",
    "\"a\":1",
    "\\\"a\\\":1",
    "\"a\" : \"",
    "\"\"pin\"\":\"\"",
    "\"first\":\"x",
    "\"name\":{\"first\":\"x\",",
    "\\x22",
    "\\x22pin\\x22:\\x22 ",
    "%70%61%73%73=",
    "%5D",
    "%3Dx%2526",
    "%25%32%35",
    "%20a@",
    "&#233;@",
    "\\u00e9",
    "\\\"x\\\"@",
    "\"x@",
    "1+1111",
    "4111+",
    "1%20",
    "%28415%29+",
    "%2B1+2",
    "&token=(",
    "&token=),",
    ";sid=?",
    "token[1]=",
});

}  // namespace

TEST_CASE("no repeated text takes more than linear time") {
  for (const std::string_view bomb : bombs) {
    check_linear(bomb, Format::plain);
  }
}

TEST_CASE("no format takes more than linear time") {
  for (const Format format :
       {Format::json, Format::csv, Format::combined, Format::logfmt, Format::syslog}) {
    for (const std::string_view bomb :
         {"\"", "\\", "\\\\\\\"", "[", "token='x ", "token=\\\"x", "\"token\": \"", "a@", "a=\"b",
          "[17/May/2015:10:05:03 +0000] ", "x - ", "\"\"\n", "\"x\n", ","}) {
      check_linear(bomb, format);
    }
  }
}

TEST_CASE("quotes that are left open again and again do not slow a table down") {
  for (const std::string_view bomb : {"\"a\"b,\"c\n", "\"a\"b,\"c\nx\n"}) {
    check_linear(bomb, Format::csv, 1536 * 1024);
  }
}

TEST_CASE("values of kinds that are not looked for cost no more") {
  Profile profile = built_in_profile();
  profile.detect.fill(false);
  profile.detect[Kind::ipv4] = true;
  for (const std::string_view bomb :
       {"token=", "Cookie: ", "auth=Digest ", "password=\"x", "eyJaaaaaaaaaaaa.", "a@a.aa"}) {
    check_linear(bomb, Format::plain, 64 * 1024, profile);
  }
}

TEST_CASE("a pattern that is found everywhere takes linear time") {
  Profile profile = built_in_profile();
  profile.patterns.push_back({.name = "order", .regex = "o-[0-9]+", .transform = {}});
  check_linear("o-17 ", Format::plain, 64 * 1024, profile);
}

TEST_CASE("lines longer than a window take linear time too") {
  for (const std::string_view bomb : {"a@", "token=\"x\" ", "word ", "eyJ"}) {
    check_linear(bomb, Format::plain, 1536 * 1024);
  }
}

}  // namespace trackier::anonymize
