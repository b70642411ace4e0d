// The section [encrypt], and recipients as people write them.
#include <doctest/doctest.h>
#include <algorithm>

#include <string>
#include <vector>

#include "config/recipient.hpp"
#include "config/settings.hpp"
#include "support/errors.hpp"

namespace trackier::config {
namespace {

using test::contains;
using test::error_of;
using test::message_of;

/// Of RFC 7748, section 6.1.
const std::string alice = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo";
const std::string bob = "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08";
const std::string alice_line =
    "tkr1 300c9c9603b92a4b acme/encrypt/3 hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo - -";

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

Settings parsed(const std::string& text) {
  return parse_settings(text, "c.toml");
}

std::string refusal(const std::string& text) {
  const Error error = error_of([&] { parsed(text); });
  CHECK(error.code() == Code::config);
  return message_of(error);
}

TEST_CASE("without a section nobody is a recipient, and that is shown") {
  const Settings settings = parsed("");
  CHECK(settings.encrypt.recipients.empty());
  CHECK(settings.encrypt.officers_threshold == 0);
  CHECK(std::ranges::count(settings.origins, "encrypt.escrow", &Origin::key) == 1);
}

TEST_CASE("recipients are lines or bare keys, one or several") {
  const Settings settings =
      parsed("[encrypt]\nrecipients = [" + quoted(alice_line) + ", " + quoted(bob) +
             "]\nescrow = " + quoted(bob) + "\n[tenant.acme]\nrecipients = " + quoted(alice) +
             "\nrecipients_file = \"f\"\n");
  CHECK(settings.encrypt.recipients == std::vector{alice_line, bob});
  CHECK(settings.encrypt.escrow == std::vector{bob});
  CHECK(settings.tenants.at("acme").recipients == std::vector{alice});
  CHECK(settings.tenants.at("acme").recipients_file == "f");
}

TEST_CASE("a recipient that is none is refused where it stands, and not repeated") {
  const std::string secret = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
  const std::string message =
      refusal("[encrypt]\nescrow = [" + quoted(alice) + ", " + quoted(secret) + "]\n");
  CHECK(message.starts_with("c.toml:2:10: encrypt.escrow, number 2: neither"));
  CHECK_FALSE(contains(message, "77076d0a"));
  CHECK(contains(refusal("[tenant.a]\nrecipients = \"tkr1 x\"\n"), "tenant.a.recipients: "));
  CHECK(contains(refusal("[encrypt]\nrecipients = 5\n"), "not a list of strings"));
}

TEST_CASE("officers need a threshold that they can reach") {
  const std::string two = "officers = [" + quoted(alice) + ", " + quoted(bob) + "]\n";
  CHECK(parsed("[encrypt]\nofficers_threshold = 2\n" + two).encrypt.officers_threshold == 2);
  CHECK(contains(refusal("[encrypt]\n" + two), "needs encrypt.officers_threshold"));
  CHECK(contains(refusal("[encrypt]\nofficers_threshold = 3\n" + two), "3 of 2 officers"));
  CHECK(contains(refusal("[encrypt]\nofficers_threshold = 1\n" + two), "officers_threshold"));
  CHECK(contains(refusal("[encrypt]\nofficers_threshold = 2\n"), "without officers"));
}

TEST_CASE("an officer may be a line with both keys") {
  const std::string line = "tko1 ana@example.com " + alice + " " + bob;
  CHECK((parse_officer(line).key == parse_recipient(alice).key));
  CHECK(error_of([&] { parse_recipient(line); }).code() == Code::data);
}

TEST_CASE("a signer is an Ed25519 key in base64") {
  CHECK(parsed("[encrypt]\nsigner = " + quoted(alice) + "\n").encrypt.signer == alice);
  CHECK(contains(refusal("[encrypt]\nsigner = \"abc\"\n"), "c.toml:2:10: encrypt.signer is no"));
  CHECK(contains(refusal("[encrypt]\nsinger = \"abc\"\n"), "unknown key encrypt.singer"));
}

TEST_CASE("a line is checked, a bare key has none") {
  CHECK(parse_recipient(alice_line).line.has_value());
  CHECK_FALSE(parse_recipient(alice).line.has_value());
  CHECK((parse_recipient(alice_line).key == parse_recipient(alice).key));
  std::string other = alice_line;
  other[5] = '4';
  CHECK(error_of([&] { parse_recipient(other); }).code() == Code::data);
}

}  // namespace
}  // namespace trackier::config
