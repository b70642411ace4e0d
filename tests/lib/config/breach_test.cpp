// The section [breach], and what tenants are called in notices.
#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "support/errors.hpp"

namespace trackier::config {
namespace {

using test::contains;
using test::error_of;
using test::message_of;

using Facts = std::map<std::string, std::string>;

const std::string signer(43, 'A');

Breach breach(const std::string& text) {
  return parse_settings("[breach]\n" + text, "c.toml").breach;
}

Error refusal_of(const std::string& text) {
  const Error error = error_of([&] { parse_settings(text, "c.toml"); });
  CHECK(error.code() == Code::config);
  return error;
}

std::string refusal(const std::string& text) {
  return message_of(refusal_of("[breach]\n" + text));
}

std::map<std::string, std::pair<std::string, std::string>> origins(const std::string& text) {
  std::map<std::string, std::pair<std::string, std::string>> found;
  for (const Origin& each : parse_settings(text, "c.toml").origins) {
    if (each.key.starts_with("breach.") || each.key.starts_with("tenant.")) {
      CHECK(found.emplace(each.key, std::pair{each.value, each.from}).second);
    }
  }
  return found;
}

TEST_CASE("without a section there are defaults") {
  for (const char* const text : {"", "[breach]\n", "[breach.facts]\n"}) {
    CAPTURE(text);
    const Breach made = parse_settings(text, "c.toml").breach;
    CHECK(made.directory.empty());
    CHECK(made.zone == "UTC");
    CHECK(made.roles == std::vector<std::string>{"processor", "controller"});
    CHECK(made.regimes.empty());
    CHECK(made.holidays.empty());
    CHECK(made.texts.empty());
    CHECK(made.signers.empty());
    CHECK(made.facts.empty());
  }
}

TEST_CASE("what is written is what is meant") {
  const Breach made = breach(
      "directory = '/var/lib/incidents'\nzone = 'Asia/Kolkata'\nroles = ['controller']\n"
      "establishment = 'DE'\nregimes = '/etc/regimes.json'\nholidays = '/etc/holidays.json'\ntexts "
      "= '/etc/texts'\n"
      "signers = '" +
      signer + "'\n");
  CHECK(made.directory == "/var/lib/incidents");
  CHECK(made.zone == "Asia/Kolkata");
  CHECK(made.establishment == "DE");
  CHECK(made.roles == std::vector<std::string>{"controller"});
  CHECK(made.regimes == "/etc/regimes.json");
  CHECK(made.holidays == "/etc/holidays.json");
  CHECK(made.texts == "/etc/texts");
  CHECK(made.signers == std::vector{signer});
  CHECK(breach("signers = ['" + signer + "', '" + signer + "']").signers.size() == 2);
}

TEST_CASE("what is wrong is told with its place") {
  for (const std::string key : {"directory", "regimes", "holidays", "texts"}) {
    CAPTURE(key);
    CHECK(refusal(key + " = 'a/b'") == "c.toml:2:" + std::to_string(key.size() + 4) + ": breach." +
                                           key + ": a/b is not an absolute path");
    CHECK(contains(refusal(key + " = ''"), "is not an absolute path"));
    CHECK(contains(refusal(key + " = 3"), "breach." + key + ": not a string"));
  }
  CHECK(refusal("zone = 'Europe/Berlim'") ==
        "c.toml:2:8: breach.zone: there is no time zone Europe/Berlim");
  CHECK(refusal("zone = '../etc/passwd'") ==
        "c.toml:2:8: breach.zone: there is no time zone ../etc/passwd");
  CHECK(contains(refusal_of("[breach]\nzone = 'x'").hint(), "Europe/Berlin"));
  for (const std::string country : {"Germany", "de", "D", "DEU", "D1"}) {
    CHECK(refusal("establishment = '" + country + "'") ==
          "c.toml:2:17: breach.establishment: " + country + " is no code of a country");
  }
  CHECK(refusal("roles = ['processor', 'owner']") == "c.toml:2:9: breach.roles: owner is no role");
  CHECK(contains(refusal_of("[breach]\nroles = ['x']").hint(), "processor"));
  CHECK(refusal("roles = []") == "c.toml:2:9: breach.roles: a company has one or the other");
  CHECK(contains(refusal("roles = 'processor'"), "breach.roles: not a list of strings"));
  CHECK(refusal("signers = ['" + signer + "', 'x']") ==
        "c.toml:2:11: breach.signers: not a public key for signatures");
  CHECK(contains(refusal("signers = '" + std::string(44, 'A') + "'"), "not a public key"));
  CHECK(contains(refusal("signers = [1]"), "breach.signers"));
  CHECK(refusal("\nregime = '/x'") == "c.toml:3:1: unknown key breach.regime");
  CHECK(refusal_of("[breach]\nregime = '/x'").hint() == "did you mean regimes?");
  CHECK(message_of(refusal_of("breach = 3")) == "c.toml:1:10: breach: not a table");
  CHECK(contains(refusal("directory = '/a'\ndirectory = '/b'"), "c.toml:3"));
}

TEST_CASE("facts are named with dots, however they are written") {
  const Facts expected{{"org.name", "Trackier"}, {"org.address.city", "Gurugram"}};
  for (const char* const text :
       {"[breach.facts]\norg.name = 'Trackier'\norg.address.city = 'Gurugram'",
        "[breach.facts.org]\nname = 'Trackier'\n[breach.facts.org.address]\ncity = 'Gurugram'",
        "[breach.facts]\n'org.name' = 'Trackier'\n'org.address.city' = 'Gurugram'",
        "[breach]\nfacts = { org = { name = 'Trackier', address = { city = 'Gurugram' } } }",
        "[breach]\nfacts.org.name = 'Trackier'\nfacts.org.address.city = 'Gurugram'"}) {
    CAPTURE(text);
    CHECK(parse_settings(text, "c.toml").breach.facts == expected);
  }
  CHECK(breach("facts.x = \"\"").facts == Facts{{"x", ""}});
  CHECK(breach("facts.x = \"a \\\"b\\\"\\n\\u00e4\"").facts == Facts{{"x", "a \"b\"\n\u00e4"}});
}

TEST_CASE("a fact is text") {
  for (const std::string value : {"3", "true", "[]", "['x']", "1.5", "2026-11-28", "[{}]"}) {
    CAPTURE(value);
    const std::string message = refusal("facts.org.people = " + value);
    CHECK(contains(message, "c.toml:2:"));
    CHECK(contains(message, "breach.facts.org.people"));
  }
  CHECK(contains(refusal("facts = 'x'"), "c.toml:2:9: breach.facts: not a table"));
}

TEST_CASE("a fact that is written in two ways is one too many") {
  const std::string message =
      refusal("[breach.facts]\n'org.name' = 'A'\n[breach.facts.org]\nname = 'B'");
  CHECK(contains(message, "breach.facts.org.name"));
}

TEST_CASE("origins say what holds and where it stands") {
  const auto none = origins("");
  CHECK(none.size() == 8);
  CHECK(none.at("breach.zone") == std::pair<std::string, std::string>{"\"UTC\"", "default"});
  CHECK(none.at("breach.roles").first == "[\"processor\", \"controller\"]");
  CHECK(none.at("breach.directory").second == "default");
  const auto some = origins(
      "[breach]\nzone = 'Asia/Kolkata'\n[breach.facts]\norg.name = 'T'\n[tenant.acme]\n"
      "customer = 'Acme'\ncontact_name = 'A'\ncontact_email = 'a@acme.example'\n"
      "domains = ['acme.example']\n");
  CHECK(some.at("breach.zone") ==
        std::pair<std::string, std::string>{"\"Asia/Kolkata\"", "c.toml:2:8"});
  CHECK(some.at("breach.roles").second == "default");
  CHECK(some.at("breach.facts.org.name") ==
        std::pair<std::string, std::string>{"\"T\"", "c.toml:4:12"});
  CHECK(some.at("tenant.acme.customer") ==
        std::pair<std::string, std::string>{"\"Acme\"", "c.toml:6:12"});
  CHECK(some.at("tenant.acme.contact_name").first == "\"A\"");
  CHECK(some.at("tenant.acme.contact_email").first == "\"a@acme.example\"");
  CHECK(some.at("tenant.acme.domains") ==
        std::pair<std::string, std::string>{"[\"acme.example\"]", "c.toml:9:11"});
}

TEST_CASE("tenants are called what settings say, or nothing") {
  const auto tenant = [](const std::string& text) {
    return parse_settings("[tenant.acme]\n" + text, "c.toml").tenants.at("acme");
  };
  CHECK(tenant("").customer.empty());
  CHECK(tenant("").contact_name.empty());
  CHECK(tenant("").contact_email.empty());
  CHECK(tenant("").domains.empty());
  const Tenant acme = tenant(
      "customer = 'Acme GmbH'\ncontact_name = 'A. Person'\ncontact_email = 'a@acme.example'\n"
      "domains = 'acme.example'\n");
  CHECK(acme.customer == "Acme GmbH");
  CHECK(acme.contact_name == "A. Person");
  CHECK(acme.contact_email == "a@acme.example");
  CHECK(acme.domains == std::vector<std::string>{"acme.example"});
  CHECK(tenant("domains = ['a.example', 'b.example']").domains.size() == 2);
}

TEST_CASE("a name in a notice is a line") {
  for (const std::string key : {"customer", "contact_name", "contact_email"}) {
    for (const std::string value : {"\"a\\nb\"", "\"a\\r\"", "\"\"\"a\nb\"\"\""}) {
      CAPTURE(value);
      const std::string message = message_of(refusal_of("[tenant.acme]\n" + key + " = " + value));
      CHECK(message == "c.toml:2:" + std::to_string(key.size() + 4) + ": tenant.acme." + key +
                           ": more than one line");
    }
    CHECK(contains(message_of(refusal_of("[tenant.acme]\n" + key + " = 1")),
                   "tenant.acme." + key + ": not a string"));
  }
  CHECK(contains(message_of(refusal_of("[tenant.acme]\ndomains = [1]")), "tenant.acme.domains"));
  CHECK(refusal_of("[tenant.acme]\ncontact_mail = 'x'").hint() == "did you mean contact_email?");
}

}  // namespace
}  // namespace trackier::config
