#include "config/settings.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/errors.hpp"
#include "support/memory_fs.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::config {
namespace {

using anonymize::Action;
using anonymize::Format;
using anonymize::Kind;
using anonymize::Profile;
using anonymize::TimeUnit;
using anonymize::Transform;
using test::error_of;
using test::message_of;
using Texts = std::vector<std::string>;

Settings parsed(std::string_view text) {
  return parse_settings(text, "c.toml");
}

/// The transform of the field "f".
Transform field(const std::string& written) {
  const Settings settings = parsed("[profile.p.fields]\nf = " + written + "\n");
  return settings.profiles.at("p").fields.at(0).transform;
}

TEST_CASE("without settings the defaults of the man page hold") {
  const Settings settings = parsed("");
  CHECK(settings.anonymize.profile.empty());
  CHECK(settings.anonymize.min_parsed == 0.9);
  CHECK(settings.anonymize.threads == 0);
  CHECK(settings.keys.empty());
  CHECK(settings.profiles.empty());
  CHECK(settings.tenants.empty());
}

TEST_CASE("a profile that says nothing is the built-in one under another name") {
  const Profile made = parsed("[profile.p]\n").profiles.at("p");
  const Profile built_in = anonymize::built_in_profile();
  CHECK(made.name == "p");
  CHECK_FALSE(made.format);
  CHECK(made.known_names);
  CHECK(made.key.empty());
  CHECK(made.when_unparsed() == Profile::Unparsed::scan);
  for (const Kind kind : anonymize::all_kinds) {
    CHECK(made.detect[kind] == built_in.detect[kind]);
    CHECK((made.transforms[kind] == built_in.transforms[kind]));
  }
}

TEST_CASE("a profile with field rules redacts what it cannot parse, unless told otherwise") {
  const auto unparsed = [](const std::string& line) {
    const Settings settings = parsed("[profile.p]\n" + line + "\n[profile.p.fields]\nf = 'keep'");
    return settings.profiles.at("p").when_unparsed();
  };
  CHECK(unparsed("") == Profile::Unparsed::redact);
  CHECK(unparsed("unparsed = 'scan'") == Profile::Unparsed::scan);
  CHECK(unparsed("unparsed = 'drop'") == Profile::Unparsed::drop);
  CHECK(unparsed("unparsed = 'redact'") == Profile::Unparsed::redact);
}

TEST_CASE("every format of the man page is known") {
  const std::vector<std::pair<std::string, Format>> formats{
      {"plain", Format::plain},   {"common", Format::common}, {"combined", Format::combined},
      {"json", Format::json},     {"csv", Format::csv},       {"tsv", Format::tsv},
      {"logfmt", Format::logfmt}, {"syslog", Format::syslog}};
  for (const auto& [name, format] : formats) {
    const auto made = parsed("[profile.p]\nformat = '" + name + "'").profiles.at("p").format;
    REQUIRE(made);
    CHECK((*made == format));
  }
  CHECK_FALSE(parsed("[profile.p]\nformat = 'auto'").profiles.at("p").format);
}

TEST_CASE("every kind of the man page can be detected and given a transform") {
  for (const std::string kind :
       {"ipv4", "ipv6", "mac",     "uuid",     "email",    "phone", "card",   "iban",
        "ssn",  "jwt",  "bearer",  "password", "api-key",  "token", "cookie", "credentials",
        "id",   "name", "address", "birthday", "location", "ip"}) {
    const Profile made =
        parsed("[profile.p]\ndetect = ['" + kind + "']\n[profile.p.kinds]\n" + kind + " = 'keep'\n")
            .profiles.at("p");
    CHECK(std::ranges::count(made.detect, true) == 1);
    const auto which = anonymize::kind_named(kind);
    REQUIRE(which);
    CHECK(made.detect[*which]);
    CHECK(made.transforms[*which].action == Action::keep);
  }
  const Profile none = parsed("[profile.p]\ndetect = []\n").profiles.at("p");
  CHECK(std::ranges::count(none.detect, true) == 0);
}

TEST_CASE("every transform is a word, or a table with its parameters") {
  for (const auto& [name, action] :
       std::vector<std::pair<std::string, Action>>{{"keep", Action::keep},
                                                   {"truncate", Action::truncate},
                                                   {"mask", Action::mask},
                                                   {"hash", Action::hash},
                                                   {"pseudonym", Action::pseudonym},
                                                   {"redact", Action::redact},
                                                   {"generalize", Action::generalize},
                                                   {"drop", Action::drop}}) {
    CHECK((field("'" + name + "'") == Transform{.action = action}));
    CHECK((field("{ transform = '" + name + "' }") == Transform{.action = action}));
  }
  CHECK((field("{ transform = 'truncate', ipv4_prefix = 0, ipv6_prefix = 128 }") ==
         Transform{.action = Action::truncate, .ipv4_prefix = 0, .ipv6_prefix = 128}));
  CHECK((field("{ transform = 'mask', keep_first = 1, keep_last = 1000, mask = '#' }") ==
         Transform{
             .action = Action::mask, .keep_first = 1, .keep_last = 1000, .mask_character = '#'}));
  CHECK((field("{ transform = 'hash', bits = 256 }") ==
         Transform{.action = Action::hash, .bits = 256}));
  CHECK((field("{ transform = 'redact', label = 'user name-2' }") ==
         Transform{.action = Action::redact, .label = "user name-2"}));
  CHECK((field("{ transform = 'generalize', unit = 'month', decimals = 6 }") ==
         Transform{.action = Action::generalize, .unit = TimeUnit::month, .decimals = 6}));
  CHECK((field("{ transform = 'generalize', band = 2.5 }") ==
         Transform{.action = Action::generalize, .band = 2.5}));
  CHECK((field("{ transform = 'drop', drop_record = true }") ==
         Transform{.action = Action::drop, .drop_record = true}));
}

TEST_CASE("field rules stand in the order of the file") {
  const Profile made =
      parsed("[profile.p.fields]\nzip = 'keep'\n'a.b' = 'hash'\n3 = 'drop'\n").profiles.at("p");
  Texts selectors;
  for (const auto& rule : made.fields) {
    selectors.push_back(rule.selector);
  }
  CHECK((selectors == Texts{"zip", "a.b", "3"}));
}

TEST_CASE("a pattern redacts by its name, in small letters, unless told otherwise") {
  const Profile made = parsed(
                           "[[profile.p.patterns]]\nname = 'Order'\nregex = 'ORD-[0-9]+'\n"
                           "[[profile.p.patterns]]\nname = 'ticket'\nregex = 'T(\\d+)'\n"
                           "transform = 'mask'\nkeep_last = 2\n")
                           .profiles.at("p");
  REQUIRE(made.patterns.size() == 2);
  CHECK(made.patterns[0].name == "Order");
  CHECK(made.patterns[0].regex == "ORD-[0-9]+");
  CHECK((made.patterns[0].transform == Transform{.action = Action::redact, .label = "order"}));
  CHECK((made.patterns[1].transform == Transform{.action = Action::mask, .keep_last = 2}));
}

TEST_CASE("tenants and the default refer to profiles and keys, wherever these stand") {
  const Settings settings = parsed(
      "[tenant.t]\nprofile = 'p'\nkey = 'k'\n[anonymize]\nprofile = 'p'\nthreads = 256\n"
      "min_parsed = 1\n[profile.p]\nkey = 'k'\n[keys]\nk = 'fd:3'\n");
  CHECK(settings.tenants.at("t").profile == "p");
  CHECK(settings.tenants.at("t").key == "k");
  CHECK(settings.anonymize.profile == "p");
  CHECK(settings.anonymize.threads == 256);
  CHECK(settings.anonymize.min_parsed == 1);
  CHECK(settings.profiles.at("p").key == "k");
  CHECK(settings.keys.at("k") == "fd:3");
}

TEST_CASE("each setting has its origin: the default, or file, line and column") {
  const Settings settings = parsed(
      "[anonymize]\n  threads = 2\n[keys]\n"
      "k = 'command:echo \"a\\b\"'\n");
  const auto origin = [&](std::string_view key) {
    const auto found = std::ranges::find(settings.origins, key, &Origin::key);
    REQUIRE(found != settings.origins.end());
    return found->value + " " + found->from;
  };
  CHECK(origin("anonymize.threads") == "2 c.toml:2:13");
  CHECK(origin("anonymize.min_parsed") == "0.9 default");
  CHECK(origin("anonymize.profile") == "\"\" default");
  CHECK(origin("keys.k") == "\"command:echo \\\"a\\\\b\\\"\" c.toml:4:5");
  CHECK(std::ranges::is_sorted(settings.origins, {}, &Origin::key));
}

TEST_CASE("an origin is a TOML string whatever it holds, and nothing a terminal obeys") {
  const Settings settings = parsed("[keys]\nk = \"command:\\u001b[31m \\u009b \\u202e \u00e9\"\n");
  const auto found = std::ranges::find(settings.origins, "keys.k", &Origin::key);
  REQUIRE(found != settings.origins.end());
  CHECK(found->value == "\"command:\\u001B[31m \\u009B \\u202E \u00e9\"");
  CHECK((parsed("[keys]\nk = " + found->value).keys == settings.keys));
}

TEST_CASE("the sample is right, and says what it seems to say") {
  const std::string path = std::string{TRACKIER_SOURCE_DIR} + "/samples/config.toml";
  const Settings settings = load_settings(os::posix(), {.named = path});
  CHECK(settings.file == path);
  CHECK(settings.keys.at("pseudonym") == "file:/etc/trackier-ctl/pseudonym.key");
  CHECK(settings.profiles.size() == 5);
  CHECK(settings.tenants.size() == 2);

  const Profile& web = settings.profiles.at("web");
  CHECK((web.format == Format::combined));
  CHECK((web.keep_networks == Texts{"10.0.0.0/8", "fd00::/8"}));
  CHECK((web.transforms[Kind::ipv4] == Transform{.action = Action::truncate, .ipv4_prefix = 16}));
  CHECK(web.patterns.at(0).regex == "ORD-[0-9]{8}");
  CHECK(web.patterns.at(0).transform.action == Action::hash);

  const Profile& clicks = settings.profiles.at("clicks");
  CHECK(clicks.unparsed == Profile::Unparsed::drop);
  CHECK(clicks.fields.at(3).selector == "user.contact.email");
  CHECK(clicks.fields.at(3).transform.bits == 256);
  CHECK(clicks.fields.back().transform.band == 5);

  CHECK(settings.profiles.at("edge").log_format.starts_with("$remote_addr "));
  CHECK((settings.profiles.at("orders").transforms[Kind::card] ==
         Transform{.action = Action::tokenize, .luhn = true}));
  CHECK((settings.profiles.at("orders").fields.at(0).transform ==
         Transform{.action = Action::tokenize, .alphabet = anonymize::Alphabet::digits}));

  const Profile& people = settings.profiles.at("people");
  CHECK(std::ranges::count(people.detect, true) == 6);
  CHECK(settings.tenants.at("adnetwork").profile == "clicks");
}

TEST_CASE("a named file has to be there, of the usual places the first that is there is read") {
  test::MemoryFs files;
  files.add("/home/config.toml", "[anonymize]\nthreads = 1\n");
  files.add("/etc/config.toml", "[anonymize]\nthreads = 2\n");
  const std::vector<std::filesystem::path> usual{"/none", "/home/config.toml", "/etc/config.toml"};
  CHECK(load_settings(files, {.usual = usual}).anonymize.threads == 1);
  CHECK(load_settings(files, {.named = "/etc/config.toml", .usual = usual}).anonymize.threads == 2);
  CHECK(load_settings(files, {.usual = {"/none"}}).file.empty());
  CHECK(error_of([&] { load_settings(files, {.named = "/none", .usual = usual}); }).code() ==
        Code::no_input);
}

TEST_CASE("a file of up to 1 MiB is read, a larger one is not") {
  test::MemoryFs files;
  const std::string comment = "# " + std::string(1024 * 1024 - 3, 'x') + "\n";
  REQUIRE(comment.size() == 1024 * 1024);
  files.add("/fits", comment);
  files.add("/large", comment + "\n");
  CHECK(load_settings(files, {.named = "/fits"}).file == "/fits");
  const Error error = error_of([&] { load_settings(files, {.named = "/large"}); });
  CHECK(error.code() == Code::config);
  CHECK(message_of(error) == "/large is larger than 1.0 MiB");
  // A device without end is not read to its end.
  CHECK(error_of([] { load_settings(os::posix(), {.named = "/dev/zero"}); }).code() ==
        Code::config);
}

}  // namespace
}  // namespace trackier::config
