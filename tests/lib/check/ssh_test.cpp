#include "check/ssh.hpp"

#include <doctest/doctest.h>

#include <map>

#include "host.hpp"
#include "support/errors.hpp"

namespace trackier::check {
namespace {

using test::contains;
using test::FakeHost;
using test::finding_of;

constexpr const char* key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== backup@far";

/// sshd -T as it prints by default, with these keywords changed.
struct Sshd {
  std::map<std::string, std::string> keywords{{"permitrootlogin", "prohibit-password"},
                                              {"passwordauthentication", "no"},
                                              {"kbdinteractiveauthentication", "no"},
                                              {"permitemptypasswords", "no"},
                                              {"authorizedkeyscommand", "none"},
                                              {"trustedusercakeys", "none"},
                                              {"authorizedkeysfile", ".ssh/authorized_keys"}};
  int status = 0;
  mutable std::vector<std::string> asked;

  os::Printed operator()(const os::ProgramOptions& options) const {
    asked.push_back(options.arguments.back());
    std::string text;
    for (const auto& [name, value] : keywords) {
      text += name + " " + value + "\n";
    }
    return {.output = status == 0 ? text : "",
            .ended = {.status = status, .complaints = "sshd: no hostkeys available -- exiting.\n"}};
  }
};

Findings look(const FakeHost& fake, const Sshd& sshd,
              const std::vector<std::string>& accounts = {"backup"}) {
  fake.write("usr/sbin/sshd", "", 0755);
  fake.write("etc/passwd", "root:x:0:0::/root:/bin/sh\nbackup:x:34:34::" +
                               fake.path("home").native() + ":/bin/sh\n");
  return check_ssh(fake.host([&sshd](const os::ProgramOptions& options, std::size_t /*most*/) {
    return sshd(options);
  }),
                   {.accounts = accounts});
}

void keys(const FakeHost& fake, const std::string& text) {
  fake.write("home/.ssh/authorized_keys", text, 0600);
}

TEST_CASE("an account with restricted keys and no passwords is well") {
  const FakeHost fake;
  keys(fake, std::string{"# copies\n\nrestrict,from=\"192.0.2.7,2001:db8::/64\",command=\"receive, "
                         "\\\"a b\\\"\" "} +
                 key + "\n");
  const Sshd sshd;
  const auto findings = look(fake, sshd);
  CHECK(is_well(findings));
  CHECK(findings.size() == 3);
  CHECK(sshd.asked.at(1) == "user=backup,addr=203.0.113.1,host=203.0.113.1");
}

TEST_CASE("each key needs restrict, from= and command=") {
  const FakeHost fake;
  for (const std::string options :
       {"", "restrict ", "restrict,from=\"192.0.2.7\" ", "from=\"192.0.2.7\",command=\"x\" ",
        "restrict,command=\"x\" ", "restrict,command=\"from=,restrict\" ",
        "command=\"restrict,from=\\\"192.0.2.7\\\"\" ", "restrict,from=\"*\",command=\"x\" ",
        "restrict,from=\"192.0.2.7,0.0.0.0/0\",command=\"x\" ",
        "restrict,from=\"?*.*\",command=\"x\" ", "restrict,from=\"::/0\",command=\"x\" ",
        "restrict,from=\"\",command=\"x\" ", "restrict,from=\"192.0.2.7, *\",command=\"x\" ",
        "restrict,from=\"192.0.2.7\",command=\"x\",port-forwarding ",
        "cert-authority,restrict,from=\"192.0.2.7\",command=\"x\" "}) {
    CAPTURE(options);
    keys(fake, "restrict,from=\"192.0.2.7\",command=\"x\" " + std::string{key} + "\n" + options +
                   key + "\n");
    const auto finding = finding_of(look(fake, {}), "ssh.keys");
    CHECK(finding.status == Status::fail);
    CHECK(contains(finding.found, "authorized_keys:2: "));
  }
}

TEST_CASE("passwords, questions and root are let in by nobody") {
  const FakeHost fake;
  for (const char* const keyword :
       {"passwordauthentication", "kbdinteractiveauthentication", "permitemptypasswords"}) {
    Sshd sshd;
    sshd.keywords[keyword] = "yes";
    CHECK(finding_of(look(fake, sshd), "ssh.password").status == Status::fail);
    sshd.keywords.erase(keyword);
    CHECK(finding_of(look(fake, sshd), "ssh.password").status == Status::error);
  }
  Sshd sshd;
  sshd.keywords["permitrootlogin"] = "yes";
  CHECK(finding_of(look(fake, sshd), "ssh.root").status == Status::fail);
  sshd.keywords["permitrootlogin"] = "no";
  CHECK(finding_of(look(fake, sshd), "ssh.root").status == Status::pass);
}

TEST_CASE("keys from elsewhere cannot be seen") {
  const FakeHost fake;
  keys(fake, "");
  for (const char* const keyword : {"authorizedkeyscommand", "trustedusercakeys"}) {
    Sshd sshd;
    sshd.keywords[keyword] = "/etc/ssh/x";
    CHECK(finding_of(look(fake, sshd), "ssh.keys").status == Status::not_checked);
  }
}

TEST_CASE("files are where sshd looks for them") {
  const FakeHost fake;
  fake.write("keys/backup.34", key, 0600);
  Sshd sshd;
  sshd.keywords["authorizedkeysfile"] =
      "none " + fake.path("keys").native() + "/%u.%U %h/.ssh/other";
  CHECK(finding_of(look(fake, sshd), "ssh.keys").status == Status::fail);
  sshd.keywords["authorizedkeysfile"] = "none";
  CHECK(finding_of(look(fake, sshd), "ssh.keys").status == Status::not_applicable);
}

TEST_CASE("garbage is no key that is well") {
  const FakeHost fake;
  keys(fake, test::garbage());
  CHECK(finding_of(look(fake, {}), "ssh.keys").status == Status::error);
  keys(fake, std::string(2'000'000, 'x'));
  CHECK(finding_of(look(fake, {}), "ssh.keys").status == Status::error);
  keys(fake, "restrict,from=\"1,command=\"x " + std::string{key} + "\n");
  CHECK(finding_of(look(fake, {}), "ssh.keys").status == Status::fail);
}

TEST_CASE("without sshd, or one that does not answer, nothing passes") {
  const FakeHost fake;
  for (const Finding& each : check_ssh(fake.host(), {.accounts = {"backup"}})) {
    CHECK(each.status == Status::not_checked);
  }
  for (const Finding& each : check_ssh(fake.host(), {})) {
    CHECK(each.status == Status::not_applicable);
  }
  Sshd sshd;
  sshd.status = 255;
  for (const Finding& each : look(fake, sshd)) {
    CHECK((each.status == Status::error || each.status == Status::not_checked));
    CHECK(contains(each.cure, "as root"));
  }
  CHECK(finding_of(look(fake, {}, {"nobody-there"}), "ssh.keys").status == Status::error);
}

}  // namespace
}  // namespace trackier::check
