// The section [check].
#include <doctest/doctest.h>

#include <map>
#include <string>

#include "config/settings.hpp"
#include "support/errors.hpp"

namespace trackier::config {
namespace {

using test::contains;
using test::error_of;

Check check(const std::string& text) {
  return parse_settings("[check]\n" + text, "c.toml").check;
}

std::string refusal(const std::string& text) {
  const Error error = error_of([&] { check(text); });
  CHECK(error.code() == Code::config);
  return error.what();
}

TEST_CASE("without a section the host is checked for what it has anyway") {
  const Check made = parse_settings("", "c.toml").check;
  CHECK(made.endpoints.empty());
  CHECK(made.ssh_accounts.empty());
  CHECK_FALSE(made.may_redirect);
  CHECK(made.plain_port == 80);
  CHECK(made.key_days == std::chrono::days{365});
}

TEST_CASE("an endpoint is taken apart") {
  const Check made = check(
      "endpoints = ['https://a.example', 'https://b.example:8443/c?x=1', 'https://[2001:db8::1]/', "
      "'https://d.example?x']");
  REQUIRE(made.endpoints.size() == 4);
  CHECK(made.endpoints[0].host == "a.example");
  CHECK(made.endpoints[0].port == 443);
  CHECK(made.endpoints[0].path == "/");
  CHECK(made.endpoints[1].port == 8443);
  CHECK(made.endpoints[1].path == "/c?x=1");
  CHECK(made.endpoints[2].host == "2001:db8::1");
  CHECK(made.endpoints[3].path == "/?x");
}

TEST_CASE("what is no endpoint says where") {
  for (const char* const bad :
       {"http://a.example/", "https://", "https:///x", "a.example", "https://u:p@a.example/",
        "https://a.example:0/", "https://a.example:65536/", "https://a.example:/", "https://a b/",
        "https://a.example/#x", "https://[::1/", "https://[::1]x/", "https://a.example:443x/",
        "https://a.example\\\\@b/", "HTTPS://a.example/", "https://\xc3\xa4/"}) {
    CAPTURE(bad);
    CHECK(contains(refusal("endpoints = [\"" + std::string{bad} + "\"]"),
                   "c.toml:2:13: check.endpoints: "));
  }
  CHECK(contains(refusal("endpoints = ['https://a/', 'https://a/']"), "twice"));
}

TEST_CASE("accounts and addresses go to sshd as they are") {
  CHECK(check("ssh_accounts = ['backup', '_b.c-d']\nssh_from = '2001:db8::9'").ssh_from ==
        "2001:db8::9");
  for (const char* const bad : {"", "a b", "a,addr=::1", "-x", "a=b", "a\\nb", "a:b"}) {
    CAPTURE(bad);
    refusal("ssh_accounts = [\"" + std::string{bad} + "\"]");
  }
  for (const char* const bad : {"", "::1,user=root", "-1"}) {
    refusal("ssh_from = '" + std::string{bad} + "'");
  }
}

TEST_CASE("words and numbers in range, and no others") {
  CHECK(check("plain_http = 'redirect'").may_redirect);
  CHECK(contains(refusal("plain_http = 'allow'"), "c.toml:2:14"));
  CHECK(contains(refusal("plain_port = 0"), "c.toml:2"));
  CHECK(contains(refusal("certificate_days = 0"), "c.toml:2"));
  CHECK(contains(refusal("key_days = -1"), "c.toml:2"));
  CHECK(contains(refusal("drill_days = 40000"), "c.toml:2"));
  CHECK(contains(refusal("ca_file = 'ca.pem'"), "absolute"));
  CHECK(contains(refusal("endpoint = []"), "unknown key"));
}

TEST_CASE("config show says where each comes from") {
  std::map<std::string, std::string> found;
  for (const Origin& each : parse_settings("[check]\nkey_days = 90\n", "c.toml").origins) {
    found[each.key] = each.value + " " + each.from;
  }
  CHECK(found.at("check.key_days") == "90 c.toml:2:12");
  CHECK(found.at("check.drill_days") == "31 default");
  CHECK(found.at("check.plain_http") == "\"refuse\" default");
}

}  // namespace
}  // namespace trackier::config
