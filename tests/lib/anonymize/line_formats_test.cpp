// Access logs, logfmt, syslog and plain text.
#include <doctest/doctest.h>

#include <array>

#include "job_on_text.hpp"

namespace trackier::anonymize {

using test::anonymized;
using test::Change;
using test::profile_with_field;

namespace {

std::uint64_t unparsed(std::string_view line, Format format,
                       const Profile& profile = built_in_profile()) {
  return test::run_text(line, profile, {.format = format, .min_share = 0}).tally.unparsed;
}

constexpr std::string_view visit =
    "203.0.113.9 - bob [17/May/2015:10:05:03 +0000] \"GET /?q=1 HTTP/1.1\" 200 2326 "
    "\"http://example.com/\" \"Mozilla/5.0 (X; \\\"y\\\") Chrome/120.0.0.0\" 192.0.2.7";

}  // namespace

TEST_CASE("of an access log the address and the user change") {
  for (const Format format : {Format::common, Format::combined}) {
    CHECK(anonymized(visit, format) ==
          "203.0.113.0 - [name] [17/May/2015:10:05:03 +0000] \"GET /?q=1 HTTP/1.1\" 200 2326 "
          "\"http://example.com/\" \"Mozilla/5.0 (X; \\\"y\\\") Chrome/120.0.0.0\" 192.0.2.0");
  }
  constexpr auto changes = std::to_array<Change>({
      {"dsl-17.example.net - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1",
       "[ip] - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1"},
      {"2001:db8:1:2::3 - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1",
       "2001:db8:1:: - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1"},
      {"192.0.2.1, 192.0.2.2 - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1",
       "192.0.2.0, 192.0.2.0 - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1"},
      {"192.0.2.1 - A B [17/May/2015:10:05:03 +0000] \"\\x16\\x03\" 400 -",
       "192.0.2.0 - [name] [17/May/2015:10:05:03 +0000] \"\\x16\\x03\" 400 -"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before, Format::common) == after);
    CHECK(unparsed(before, Format::common) == 0);
  }
}

TEST_CASE("every field of an access log has a name and a number") {
  constexpr auto fields = std::to_array<std::string_view>(
      {"203.0.113.9", "-", "bob", "17/May/2015:10:05:03 +0000", "GET /?q=1 HTTP/1.1", "200", "2326",
       "http://example.com/", "Mozilla/5.0 (X; \\\"y\\\") Chrome/120.0.0.0"});
  constexpr auto names = std::to_array<const char*>(
      {"host", "ident", "user", "time", "request", "status", "bytes", "referer", "user_agent"});
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (const std::string& selector : {std::string{names[i]}, std::to_string(i + 1)}) {
      const std::string out =
          anonymized(visit, Format::combined,
                     profile_with_field(selector, {.action = Action::redact, .label = "hidden"}));
      CAPTURE(selector);
      CHECK((out.find("[hidden]") != std::string::npos) == (fields[i] != "-"));
      CHECK((fields[i] == "-" || out.find(fields[i]) == std::string::npos));
    }
  }
  CHECK(anonymized(visit, Format::combined,
                   profile_with_field("time", {.action = Action::generalize}))
            .find("[17/May/2015:10:00:00 +0000]") != std::string::npos);
}

TEST_CASE("a record that is no visit is unparsed") {
  const Profile profile = profile_with_field("user_agent", {.action = Action::redact});
  for (const std::string_view line :
       {"nonsense", "1.2.3.4 - - [soon] \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"",
        "1.2.3.4 - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"open",
        "1.2.3.4 - - [17/May/2015:10:05:03 +0000] GET / 200 1"}) {
    CHECK(unparsed(line, Format::combined, profile) == 1);
    CHECK(anonymized(line, Format::combined, profile) == "[unparsed record]");
  }
}

TEST_CASE("of logfmt the values of known keys and what detectors find change") {
  constexpr auto changes = std::to_array<Change>({
      {"level=info user=\"A \\\" B\" ip=192.0.2.1 msg=\"from 192.0.2.2\" ok",
       "level=info user=\"[name]\" ip=192.0.2.0 msg=\"from 192.0.2.0\" ok"},
      {"a=1 x.email=bob b=2 phone=\"\" name=-", "a=1 x.email=[email] b=2 phone=\"\" name=-"},
      {"a=1\temail=q\r\n", "a=1\temail=[email]\r\n"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before, Format::logfmt) == after);
    CHECK(unparsed(before, Format::logfmt) == 0);
  }
  CHECK(anonymized("a=1 path=\"x y\" c=d", Format::logfmt,
                   profile_with_field("path", {.action = Action::drop})) == "a=1 path=\"\" c=d");
  for (const std::string_view line :
       {"just a sentence", "a=1", "a=\"open b=2", "=1 a=2 b=3", "a\"b=1 c=2"}) {
    CHECK(unparsed(line, Format::logfmt) == 1);
  }
}

TEST_CASE("syslog is read in its three spellings") {
  const Profile profile = profile_with_field("host", {.action = Action::redact, .label = "h"});
  constexpr auto changes = std::to_array<Change>({
      {"Mar 27 13:06:56 web1 sshd[123]: from 192.0.2.1 port 22",
       "Mar 27 13:06:56 [h] sshd[123]: from 192.0.2.0 port 22"},
      {"<38>Mar  7 13:06:56 web1 sshd: x", "<38>Mar  7 13:06:56 [h] sshd: x"},
      {"2026-01-31T12:34:56.789+00:00 web1 app: x", "2026-01-31T12:34:56.789+00:00 [h] app: x"},
      {"<38>1 2026-01-31T12:34:56Z web1 app 12 ID [a@1 b=\"c\"] x 192.0.2.1",
       "<38>1 2026-01-31T12:34:56Z [h] app 12 ID [a@1 b=\"c\"] x 192.0.2.0"},
      {"<38>1 - - - - - -", "<38>1 - - - - - -"},
  });
  for (const auto& [before, after] : changes) {
    CHECK(anonymized(before, Format::syslog, profile) == after);
  }
  for (const std::string_view line : {"no syslog", "Mar 27 13:06:56", "<38>x", "<3>1 2026"}) {
    CHECK(unparsed(line, Format::syslog) == 1);
  }
}

TEST_CASE("every field of syslog has a name and a number") {
  constexpr std::string_view line = "<38>1 2026-01-31T12:34:56Z web1 app 12 ID7 the message";
  constexpr auto fields = std::to_array<std::string_view>(
      {"2026-01-31T12:34:56Z", "web1", "app", "12 ", "ID7", "the message"});
  constexpr auto names =
      std::to_array<const char*>({"timestamp", "host", "app", "pid", "msgid", "message"});
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (const std::string& selector : {std::string{names[i]}, std::to_string(i + 1)}) {
      const std::string out = anonymized(line, Format::syslog,
                                         profile_with_field(selector, {.action = Action::redact}));
      CHECK(out.find(fields[i]) == std::string::npos);
      CHECK(out.find("[field]") != std::string::npos);
    }
  }
}

TEST_CASE("patterns find what they describe, of a group the group alone") {
  Profile profile = built_in_profile();
  profile.patterns.push_back({.name = "order",
                              .regex = "order ([0-9]+)",
                              .transform = {.action = Action::redact, .label = "order"}});
  profile.patterns.push_back({.name = "desk",
                              .regex = "desk-[a-z]+",
                              .transform = {.action = Action::mask, .keep_first = 5}});
  CHECK(anonymized("order 17 at desk-ab, order 18 by bob@example.com", Format::plain, profile) ==
        "order [order] at desk-**, order [order] by [email]");
  const test::Run run = test::run_text("order 1\norder 2\n", profile, {.format = Format::plain});
  CHECK(run.tally.replaced[kinds] == 2);
  profile.patterns[0].transform = {.action = Action::drop, .drop_record = true};
  CHECK(anonymized("a\norder 17\nb\n", Format::plain, profile) == "a\nb\n");
}

TEST_CASE("bytes that are no value stay, whatever they are") {
  std::string all;
  for (int c = 0; c < 256; ++c) {
    all += static_cast<char>(c);
    all += ' ';
  }
  CHECK(anonymized(all) == all);
  for (const std::string_view text : {std::string_view{"a\r\nb\nc\rd"}, std::string_view{"\n\n\n"},
                                      std::string_view{""}, std::string_view{"x\0y\0\n", 5}}) {
    CHECK(anonymized(text) == text);
  }
  CHECK(anonymized(std::string_view{"\0"
                                    "192.0.2.1\0",
                                    11}) == std::string_view{"\0"
                                                             "192.0.2.0\0",
                                                             11});
}

}  // namespace trackier::anonymize
