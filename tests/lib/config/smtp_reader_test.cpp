// The section [smtp].
#include <doctest/doctest.h>

#include <map>
#include <string>

#include "config/settings.hpp"
#include "support/errors.hpp"

namespace trackier::config {
namespace {

using test::contains;
using test::error_of;

Smtp smtp(const std::string& text) {
  return parse_settings("[smtp]\n" + text, "c.toml").smtp;
}

std::string refusal(const std::string& text) {
  const Error error = error_of([&] { smtp(text); });
  CHECK(error.code() == Code::config);
  CHECK_FALSE(contains(error.hint(), "hunter2"));
  CHECK_FALSE(contains(error.what(), "hunter2"));
  return error.what();
}

std::map<std::string, std::string> origins(const std::string& text) {
  std::map<std::string, std::string> found;
  for (const Origin& each : parse_settings(text, "c.toml").origins) {
    if (each.key.starts_with("smtp.")) {
      found[each.key.substr(5)] = each.value + " " + each.from;
    }
  }
  return found;
}

TEST_CASE("without a section there is no mail server") {
  CHECK(parse_settings("", "c.toml").smtp.server.empty());
  CHECK(origins("").at("server") == "\"\" default");
}

TEST_CASE("a name is enough, and the port follows security") {
  const Smtp made = smtp("server = 'mail.example.org'");
  CHECK(made.server == "mail.example.org");
  CHECK(made.port == 587);
  CHECK(made.security == Smtp::Security::starttls);
  CHECK(made.timeout == std::chrono::seconds{60});
  CHECK(made.user.empty());
  CHECK(smtp("server = 'm'\nsecurity = 'tls'").port == 465);
  CHECK(smtp("server = 'm'\nsecurity = 'tls'\nport = 2465").port == 2465);
  CHECK(smtp("server = '2001:db8::25'").server == "2001:db8::25");
}

TEST_CASE("what is written is what is meant, and config show says where") {
  const std::string text =
      "server = 'm'\nport = 25\nsecurity = 'starttls'\nuser = 'u'\npassword = 'file:/p'\n"
      "ca_file = '/ca.pem'\ntimeout = '2m'\n";
  const Smtp made = smtp(text);
  CHECK(made.user == "u");
  CHECK(made.password == "file:/p");
  CHECK(made.ca_file == "/ca.pem");
  CHECK(made.timeout == std::chrono::minutes{2});
  const auto found = origins("[smtp]\n" + text);
  CHECK(found.size() == 7);
  CHECK(found.at("port") == "25 c.toml:3:8");
  CHECK(found.at("password") == "\"file:/p\" c.toml:6:12");
  CHECK(found.at("timeout") == "\"120s\" c.toml:8:11");
  CHECK(origins("[smtp]\nserver = 'm'").at("port") == "587 default");
}

TEST_CASE("what is wrong is told with its place") {
  CHECK(contains(refusal(""), "c.toml:1:1: smtp.server is missing"));
  for (const char* const host : {"", "a/b", "a@b", "m:25", "m b", "[::1]", "m?x", "m#x"}) {
    CAPTURE(host);
    CHECK(contains(refusal(std::string{"server = '"} + host + "'"), "c.toml:2:10: smtp.server: "));
  }
  const std::string server = "server = 'm'\n";
  CHECK(contains(refusal(server + "port = 0"), "c.toml:3:8: "));
  CHECK(contains(refusal(server + "port = 65536"), "c.toml:3:8: "));
  CHECK(contains(refusal(server + "security = 'none'"),
                 "c.toml:3:12: smtp.security: there is no none"));
  CHECK(contains(refusal(server + "ca_file = 'ca.pem'"), "is not an absolute path"));
  for (const char* const time : {"30", "0s", "2h", "-1s", "soon"}) {
    CHECK(contains(refusal(server + "timeout = '" + time + "'"), "c.toml:3:11: smtp.timeout: "));
  }
  CHECK(contains(refusal(server + "sender = 'x'"), "unknown key smtp.sender"));
}

TEST_CASE("a password is never in the settings, and goes with a user") {
  const std::string login = "server = 'm'\nuser = 'u'\n";
  CHECK(contains(refusal(login + "password = 'hunter2'"), "c.toml:4:12: smtp.password: "));
  CHECK(contains(refusal(login + "password = 'keyring:hunter2'"), "a keyring has keys"));
  CHECK(contains(refusal(login), "smtp.user goes with smtp.password"));
  CHECK(
      contains(refusal("server = 'm'\npassword = 'file:/p'"), "smtp.password goes with smtp.user"));
  CHECK(contains(refusal("server = 'm'\nuser = \"a\\nb\"\npassword = 'file:/p'"),
                 "more than one line"));
}

}  // namespace
}  // namespace trackier::config
