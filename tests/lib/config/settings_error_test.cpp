// Everything that can be wrong with settings, with the message and the place of each.

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "config/settings.hpp"
#include "support/errors.hpp"

namespace trackier::config {
namespace {

using test::contains;
using test::error_of;
using test::message_of;

Error failure(std::string_view text) {
  const Error error = error_of([&] { parse_settings(text, "c.toml"); });
  CHECK(error.code() == Code::config);
  return error;
}

struct Case {
  std::string text;
  std::string message;
  std::string hint = {};  ///< part of it
};

void check(const std::vector<Case>& cases) {
  for (const Case& each : cases) {
    CAPTURE(each.text);
    const Error error = failure(each.text);
    CHECK(message_of(error) == each.message);
    CHECK(contains(error.hint(), each.hint));
  }
}

/// The error of a transform written for the field "f", without the place.
std::string in_field(const std::string& written) {
  const std::string message = message_of(failure("[profile.p.fields]\nf = " + written + "\n"));
  REQUIRE(message.starts_with("c.toml:2:"));
  return message.substr(message.find(": ") + 2);
}

TEST_CASE("unknown keys, on every level, with a suggestion where one is near") {
  check({
      {"anonymise = 1", "c.toml:1:1: unknown key anonymise", "did you mean anonymize?"},
      {"[anonymize]\nthread = 1", "c.toml:2:1: unknown key anonymize.thread",
       "did you mean threads?"},
      {"[profile.web]\n\nformt = 'csv'", "c.toml:3:1: unknown key profile.web.formt",
       "did you mean format?"},
      {"[tenant.t]\nprofil = 'p'", "c.toml:2:1: unknown key tenant.t.profil",
       "did you mean profile?"},
      {"[[profile.p.patterns]]\nname = 'n'\nregex = 'r'\nbits = 64",
       "c.toml:4:1: unknown key profile.p.patterns.bits", "lists the keys"},
      {"quite_another_thing = 1", "c.toml:1:1: unknown key quite_another_thing",
       "trackier-ctl.toml(5)"},
  });
}

TEST_CASE("sections that are no tables") {
  check({
      {"keys = 1", "c.toml:1:8: keys: not a table"},
      {"profile = 'web'", "c.toml:1:11: profile: not a table"},
      {"tenant = []", "c.toml:1:10: tenant: not a table"},
      {"anonymize = true", "c.toml:1:13: anonymize: not a table"},
      {"[profile]\nweb = 3", "c.toml:2:7: profile.web: not a table"},
      {"[tenant]\nshop = 'web'", "c.toml:2:8: tenant.shop: not a table"},
      {"[profile.p]\nfields = 'x'", "c.toml:2:10: profile.p.fields: not a table"},
      {"[profile.p]\nkinds = ['email']", "c.toml:2:9: profile.p.kinds: not a table"},
      {"[profile.p]\npatterns = 1", "c.toml:2:12: profile.p.patterns: not a list of tables"},
      {"[profile.p.patterns]\nname = 'x'", "c.toml:1:1: profile.p.patterns: not a list of tables",
       "[[profile.p.patterns]]"},
  });
}

TEST_CASE("values of another type, or out of their range") {
  check({
      {"[keys]\nk = 3", "c.toml:2:5: keys.k: not a string"},
      {"[anonymize]\nprofile = 1", "c.toml:2:11: anonymize.profile: not a string"},
      {"\n[anonymize]\nthreads = 'x'", "c.toml:3:11: anonymize.threads: not a whole number"},
      {"[anonymize]\nthreads = 257",
       "c.toml:2:11: anonymize.threads is 257, but has to be 0 to 256"},
      {"[anonymize]\nthreads = -1", "c.toml:2:11: anonymize.threads is -1, but has to be 0 to 256"},
      {"[anonymize]\nmin_parsed = 1.1",
       "c.toml:2:14: anonymize.min_parsed is 1.1, but has to be 0 to 1"},
      {"[anonymize]\nmin_parsed = '1'", "c.toml:2:14: anonymize.min_parsed: not a number"},
      {"[profile.p]\nformat = 1", "c.toml:2:10: profile.p.format: not a string"},
      {"[profile.p]\nknown_names = 'yes'", "c.toml:2:15: profile.p.known_names: not true or false"},
      {"[profile.p]\ndetect = 'email'", "c.toml:2:10: profile.p.detect: not a list of strings"},
      {"[profile.p]\nkeep_networks = [10]",
       "c.toml:2:17: profile.p.keep_networks: not a list of strings"},
  });
}

TEST_CASE("words that are not known, with the nearest or all of them") {
  check({
      {"[profile.p]\nformat = 'jsn'", "c.toml:2:10: profile.p.format: unknown jsn",
       "did you mean json?"},
      {"[profile.p]\nformat = 'xml-like'", "c.toml:2:10: profile.p.format: unknown xml-like",
       "one of: auto, plain"},
      {"[profile.p]\nunparsed = 'skip'", "c.toml:2:12: profile.p.unparsed: unknown skip",
       "one of: scan, redact, drop"},
      {"[profile.p]\ndetect = ['emial']", "c.toml:2:10: profile.p.detect: unknown kind emial",
       "did you mean email?"},
      {"[profile.p]\ndetect = ['pattern']", "c.toml:2:10: profile.p.detect: unknown kind pattern"},
      {"[profile.p.kinds]\nfield = 'hash'",
       "c.toml:2:9: profile.p.kinds.field: unknown kind field"},
      {"[profile.p.kinds]\nemail = 'hahs'", "c.toml:2:9: profile.p.kinds.email: unknown hahs",
       "did you mean hash?"},
      {"[profile.p.fields]\nf = { transform = 'trunkate' }",
       "c.toml:2:19: profile.p.fields.f.transform: unknown trunkate", "did you mean truncate?"},
      {"[profile.p.fields]\nf = { transform = 'generalize', unit = 'hours' }",
       "c.toml:2:40: profile.p.fields.f.unit: unknown hours", "did you mean hour?"},
  });
}

TEST_CASE("names that refer to nothing") {
  check({
      {"[anonymize]\nprofile = 'web'", "c.toml:2:11: anonymize.profile: no profile is named web",
       "[profile.web]"},
      {"[profile.web]\n[tenant.t]\nprofile = 'wbe'",
       "c.toml:3:11: tenant.t.profile: no profile is named wbe", "did you mean web?"},
      {"[profile.p]\nkey = 'k'", "c.toml:2:7: profile.p.key: no key is named k", "[keys]"},
      {"[keys]\npseudonym = 'fd:3'\n[profile.web]\nkey = 'pseudonim'",
       "c.toml:4:7: profile.web.key: no key is named pseudonim", "did you mean pseudonym?"},
      {"[keys]\nk = 'fd:3'\n[tenant.t]\nkey = 'other'",
       "c.toml:4:7: tenant.t.key: no key is named other", "one of: k"},
  });
}

TEST_CASE("names that are none") {
  const std::string long_name(65, 'n');
  for (const std::string& name : {std::string{}, std::string{"a b"}, std::string{"a/b"},
                                  std::string{"a\\\"b"}, std::string{"\\u00e9"}, long_name}) {
    CAPTURE(name);
    for (const std::string& text :
         {"[profile.\"" + name + "\"]", "[tenant.\"" + name + "\"]",
          "[keys]\n\"" + name + "\" = 'fd:3'",
          "[[profile.p.patterns]]\nregex = 'x'\nname = \"" + name + "\""}) {
      const Error error = failure(text);
      CHECK(contains(message_of(error), "not a name"));
      CHECK(contains(error.hint(), "letters, digits"));
    }
  }
  const std::string longest(64, 'n');
  CHECK(parse_settings("[profile.'" + longest + "']", "c.toml").profiles.size() == 1);
  CHECK(parse_settings("[profile.'A-b_c.9']", "c.toml").profiles.size() == 1);
}

TEST_CASE("a key that is written in the settings is refused and not repeated") {
  const std::string digits = "00112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978";
  const Error error = failure("[keys]\nk = '" + digits + "'");
  CHECK(message_of(error) == "c.toml:2:5: keys.k: a key is named by where it is, not by itself");
  CHECK_FALSE(contains(error.hint(), digits.substr(0, 8)));
  check({
      {"[keys]\nk = 'fd:x'", "c.toml:2:5: keys.k: key fd:x: not the number of a descriptor"},
      {"[keys]\nk = 'file:'", "c.toml:2:5: keys.k: key file:: nothing behind the colon"},
      {"[keys]\nk = 'credential:a/b'",
       "c.toml:2:5: keys.k: key credential:a/b: a credential is a name, not a path"},
  });
}

TEST_CASE("networks that are none") {
  for (const std::string network :
       {"10.0.0.0/33", "10.0.0/8", "fd00::/129", "fd00::/-1", "10.0.0.0/", "10.0.0.0/8x", "",
        "example.com", "10.0.0.0/8 ", "300.0.0.0/8"}) {
    CHECK(message_of(failure("[profile.p]\nkeep_networks = ['::1', '" + network + "']")) ==
          "c.toml:2:17: profile.p.keep_networks: " + network + " is no network");
  }
}

TEST_CASE("transforms that are none, or have parameters of another") {
  CHECK(in_field("3") == "profile.p.fields.f: not a table");
  CHECK(in_field("['hash']") == "profile.p.fields.f: not a table");
  CHECK(in_field("{ bits = 64 }") == "profile.p.fields.f names no transform");
  CHECK(in_field("{}") == "profile.p.fields.f names no transform");
  CHECK(in_field("{ transform = 3 }") == "profile.p.fields.f.transform: not a string");
  for (const std::string parameter :
       {"ipv4_prefix = 8", "ipv6_prefix = 8", "keep_first = 1", "keep_last = 1", "mask = 'x'",
        "bits = 64", "label = 'x'", "unit = 'day'", "decimals = 1", "band = 1",
        "drop_record = true"}) {
    const std::string key = parameter.substr(0, parameter.find(' '));
    int takers = 0;
    for (const std::string action :
         {"keep", "truncate", "mask", "hash", "pseudonym", "redact", "generalize", "drop"}) {
      const std::string text =
          "[profile.p.fields]\nf = { transform = '" + action + "', " + parameter + " }";
      try {
        parse_settings(text, "c.toml");
        ++takers;
      } catch (const Error& error) {
        CHECK(contains(message_of(error), "unknown key profile.p.fields.f." + key));
      }
    }
    CHECK(takers == 1);
  }
}

TEST_CASE("parameters out of their range") {
  const std::string f = "profile.p.fields.f.";
  CHECK(in_field("{ transform = 'truncate', ipv4_prefix = 33 }") ==
        f + "ipv4_prefix is 33, but has to be 0 to 32");
  CHECK(in_field("{ transform = 'truncate', ipv6_prefix = 129 }") ==
        f + "ipv6_prefix is 129, but has to be 0 to 128");
  CHECK(in_field("{ transform = 'mask', keep_first = -1 }") ==
        f + "keep_first is -1, but has to be 0 to 1000");
  CHECK(in_field("{ transform = 'mask', keep_last = 1001 }") ==
        f + "keep_last is 1001, but has to be 0 to 1000");
  CHECK(in_field("{ transform = 'hash', bits = 63 }") == f + "bits is 63, but has to be 64 to 256");
  CHECK(in_field("{ transform = 'hash', bits = 96 }") == f + "bits has to be 64, 128 or 256");
  CHECK(in_field("{ transform = 'generalize', decimals = 7 }") ==
        f + "decimals is 7, but has to be 0 to 6");
  CHECK(in_field("{ transform = 'generalize', band = 0 }").starts_with(f + "band is 0"));
  CHECK(in_field("{ transform = 'generalize', band = -5 }").starts_with(f + "band is -5"));
  CHECK(in_field("{ transform = 'generalize', band = inf }").starts_with(f + "band is inf"));
  CHECK(in_field("{ transform = 'drop', drop_record = 1 }") ==
        f + "drop_record: not true or false");
}

TEST_CASE("characters and labels that would break a format") {
  for (const std::string mask : {"", "ab", "\\\"", "'", "\\\\", ",", "[", "]", "{", "}", "(", ")",
                                 "<", ">", " ", "\\n", "\\u007f", "\\u00e9", "\\u0000"}) {
    CAPTURE(mask);
    CHECK(in_field("{ transform = 'mask', mask = \"" + mask + "\" }") ==
          "profile.p.fields.f.mask has to be one printable ASCII character");
  }
  for (const std::string& label :
       {std::string{}, std::string{"Upper"}, std::string{"a\\\"b"}, std::string{"a]"},
        std::string{"a_b"}, std::string{"a,b"}, std::string{"\\u00e9"}, std::string(41, 'x')}) {
    CAPTURE(label);
    CHECK(in_field("{ transform = 'redact', label = \"" + label + "\" }") ==
          "profile.p.fields.f.label has to be lower-case letters, digits, spaces and '-'");
  }
}

TEST_CASE("patterns that lack something, are there twice, or are no regular expression") {
  check({
      {"[[profile.p.patterns]]\nregex = 'x'",
       "c.toml:1:1: profile.p.patterns needs a name and a regex"},
      {"[[profile.p.patterns]]\nname = 'x'",
       "c.toml:1:1: profile.p.patterns needs a name and a regex"},
      {"[[profile.p.patterns]]\nname = 'n'\nregex = 'x'\n[[profile.p.patterns]]\nname = 'n'\n"
       "regex = 'y'",
       "c.toml:5:8: profile.p.patterns.name: n is there already"},
      {"[[profile.p.patterns]]\nname = 'n'\nregex = 3",
       "c.toml:3:9: profile.p.patterns.regex: not a string"},
  });
  for (const std::string regex : {"(", "[a", "a**", "(?=a)", "(?<!a)b", "\\1", "(a)\\1", "*"}) {
    CAPTURE(regex);
    const Error error = failure("[[profile.p.patterns]]\nname = 'n'\nregex = '" + regex + "'");
    CHECK(message_of(error).starts_with("c.toml:3:9: pattern n: "));
    CHECK(contains(error.hint(), "RE2"));
  }
}

TEST_CASE("whatever is written where a value should be, it is settings or a config error") {
  CHECK(rc::check("values", [] {
    const std::string section = *rc::gen::element<std::string>(
        "[keys]", "[anonymize]", "[profile.p]", "[profile.p.fields]", "[profile.p.kinds]",
        "[[profile.p.patterns]]", "[tenant.t]", "");
    const std::string key = *rc::gen::element<std::string>(
        "profile", "threads", "min_parsed", "format", "key", "detect", "keep_networks", "fields",
        "email", "name", "regex", "transform", "unparsed", "keys", "tenant", "''", "a.b");
    const std::string value = *rc::gen::element<std::string>(
        "1", "-1", "0.5", "nan", "true", "''", "'p'", "'hash'", "'fd:3'", "[]", "['x']", "[1]",
        "{}", "{ transform = 'hash' }", "{ transform = 'mask', mask = '' }", "[{}]", "[[]]",
        "2020-01-01", "12:00:00", "'('", "\"\\u0000\"");
    const std::string text = section + "\n" + key + " = " + value + "\n";
    try {
      parse_settings(text, "c.toml");
    } catch (const Error& error) {
      RC_ASSERT(error.code() == Code::config);
      RC_ASSERT(message_of(error).starts_with("c.toml:"));
    }
  }));
}

}  // namespace
}  // namespace trackier::config
