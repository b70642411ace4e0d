// The section [keyring].
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "config/settings.hpp"
#include "support/errors.hpp"

namespace trackier::config {
namespace {

using test::contains;
using test::error_of;
using test::message_of;

Settings parsed(const std::string& text) {
  return parse_settings("[keyring]\n" + text, "c.toml");
}

std::string refusal(const std::string& text) {
  const Error error = error_of([&] { parsed(text); });
  CHECK(error.code() == Code::config);
  return message_of(error);
}

TEST_CASE("without a section nothing is said") {
  const Keyring keyring = parse_settings("", "c.toml").keyring;
  CHECK(keyring.path.empty());
  CHECK(keyring.unlock.empty());
  CHECK(keyring.roots.empty());
  CHECK_FALSE(keyring.quarantine_days);
}

TEST_CASE("one way to unlock or several, roots, and days") {
  const Keyring keyring = parsed(
                              "path = \"/k.tke\"\nunlock = [\"credential:k\", \"passphrase\"]\n"
                              "roots = [\"/a\", \"/b\"]\nquarantine_days = 0\n")
                              .keyring;
  CHECK(keyring.path == "/k.tke");
  CHECK(keyring.unlock == std::vector<std::string>{"credential:k", "passphrase"});
  CHECK(keyring.roots == std::vector<std::string>{"/a", "/b"});
  CHECK(keyring.quarantine_days == 0);
  CHECK(parsed("unlock = \"fd:3\"").keyring.unlock == std::vector<std::string>{"fd:3"});
}

TEST_CASE("what is wrong is told with its place, and no key is repeated") {
  CHECK(refusal("path = \"k.tke\"") == "c.toml:2:8: keyring.path: k.tke is not an absolute path");
  CHECK(contains(refusal("roots = [\"/a\", \"b\"]"), "keyring.roots: b is not an absolute path"));
  CHECK(contains(refusal("unlock = \"keyring:acme/encrypt\""),
                 "cannot be opened with a key that is in it"));
  const std::string secret(64, 'a');
  CHECK_FALSE(contains(refusal("unlock = \"" + secret + "\""), secret));
  CHECK(contains(refusal("quarantine_days = 4000"), "quarantine_days"));
  CHECK(contains(refusal("root = [\"/a\"]"), "unknown key keyring.root"));
}

}  // namespace
}  // namespace trackier::config
