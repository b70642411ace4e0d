#include "check/logrotate.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <vector>

#include "host.hpp"
#include "support/errors.hpp"

namespace trackier::check {
namespace {

using test::contains;
using test::FakeHost;
namespace fs = std::filesystem;

const fs::path audit = "/var/lib/trackier-ctl/audit";

Finding look(const FakeHost& fake, const fs::path& path = audit) {
  return check_logrotate(fake.host(), path).at(0);
}

Status with(const std::string& text) {
  const FakeHost fake;
  fake.write("etc/logrotate.d/app", text);
  return look(fake).status;
}

TEST_CASE("patterns that can be a file of the audit log fail") {
  for (const char* const pattern :
       {"/var/lib/trackier-ctl/audit/log", "/var/lib/trackier-ctl/audit/*.log",
        "/var/lib/*/audit/*", "/var/lib/trackier-c[st]l/*/x", "/*/*/*/*/*",
        "/var/lib/trackier-ctl/audit", "/var/lib/trackier-ctl//audit/./a",
        "/var/lib/x/../trackier-ctl/audit/a", "\"/var/lib/trackier-ctl/audit/a b\"",
        "'/var/lib/trackier-ctl/au'dit/a", "/var/lib/trackier\\-ctl/audit/a",
        "/var/lib/trackier-ctl/audit/2026/*", "/var/log/a /var/lib/trackier-ctl/audit/a /var/log/b",
        "/var/log/a\n/var/lib/trackier-ctl/audit/a\n# between\n/var/log/b"}) {
    CAPTURE(pattern);
    CHECK(with(std::string{pattern} + " {\n  weekly\n}\n") == Status::fail);
    CHECK(with(std::string{pattern} + "\n{\n  weekly\n}\n") == Status::fail);
    CHECK(with(std::string{pattern} + "{ }\n/var/log/x { }\n") == Status::fail);
  }
}

TEST_CASE("patterns of other files pass") {
  for (const char* const pattern :
       {"/var/log/*.log", "/var/lib/*/log", "/var/lib/*", "/var/lib/trackier-ctl/*.log",
        "/var/lib/trackier-ctl/audit2/*", "/srv/var/lib/trackier-ctl/audit/*"}) {
    CAPTURE(pattern);
    CHECK(with(std::string{pattern} + " {\n  weekly\n}\n") == Status::pass);
  }
}

TEST_CASE("scripts are no patterns, and do not hide those that follow") {
  const std::string scripts =
      "/var/log/a {\n  postrotate\n    if true; then {\n/var/lib/trackier-ctl/audit/x {\n }\n  "
      "endscript\n  prerotate\n } \n endscript\n}\n";
  CHECK(with(scripts) == Status::pass);
  CHECK(with(scripts + "/var/lib/trackier-ctl/audit/x {\n}\n") == Status::fail);
  CHECK(with("/var/log/a {\n  daily }\n/var/lib/trackier-ctl/audit/x {\n}\n") == Status::fail);
  CHECK(with("weekly\n# /var/lib/trackier-ctl/audit/x { }\n/var/log/a { }\n") == Status::pass);
}

TEST_CASE("what cannot be read as logrotate would is an error") {
  for (const std::string& text :
       {std::string{"/var/log/a {\n"}, std::string{"/var/log/a\n"},
        std::string{"\"/var/log/a {\n}\n"}, std::string{"/var/log/a {\n postrotate\n}\n"},
        std::string{"~/log { }\n"}, std::string{"/var/log/a {\n/var/log/b {\n}\n"}, test::garbage(),
        std::string(2'000'000, '#'), std::string{"include /gone\n"}}) {
    CAPTURE(text.substr(0, 40));
    CHECK(with(text) == Status::error);
  }
}

TEST_CASE("nothing that is read hides a rule that follows") {
  CHECK(rc::check([] {
    const auto parts = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "/var/log/a", "{", "}", "\n", "\n", "\n", " ", "postrotate", "endscript", "prerotate", "#",
        "\"", "'", "daily", "\\", "~", "/x", ",", "{ }", "\n}\n", "\nendscript\n"));
    std::string text;
    for (const std::string& part : parts) {
      text += part;
    }
    RC_ASSERT(with(text + "\n/var/lib/trackier-ctl/audit/x {\n}\n") != Status::pass);
  }));
}

TEST_CASE("includes are followed, round and round once") {
  const FakeHost fake;
  fake.write("etc/logrotate.conf", "weekly\ninclude /etc/more\n");
  fake.write("etc/more/a", "include /etc/logrotate.conf\n/var/log/a { }\n");
  CHECK(look(fake).status == Status::pass);
  fake.write("etc/more/b", "include " + fake.path("elsewhere").native() + "\n");
  fake.write("elsewhere", "/var/lib/trackier-ctl/audit/* { }\n");
  CHECK(look(fake).status == Status::fail);
  CHECK(contains(look(fake).found, "elsewhere:1"));
  CHECK(contains(look(fake).cure, "take /var/lib/trackier-ctl/audit/* out of"));
}

TEST_CASE("a pattern that goes through a symbolic link to the directory fails") {
  const FakeHost fake;
  fs::create_directories(fake.path("state/audit"));
  fs::create_directory_symlink("state/audit", fake.path("link"));
  fake.write("etc/logrotate.d/a", fake.path("link/x.log").native() + " { }\n");
  CHECK(look(fake, fake.path("state/audit")).status == Status::fail);
  fake.write("etc/logrotate.d/a", fake.path("state/x.log").native() + " { }\n");
  CHECK(look(fake, fake.path("state/audit")).status == Status::pass);
}

TEST_CASE("without logrotate there is nothing to rotate; without its configuration nobody knows") {
  const FakeHost fake;
  CHECK(look(fake).status == Status::not_applicable);
  fake.write("usr/sbin/logrotate", "", 0755);
  CHECK(look(fake).status == Status::not_checked);
  fs::create_directories(fake.path("etc/logrotate.d"));
  CHECK(look(fake).status == Status::pass);
}

}  // namespace
}  // namespace trackier::check
