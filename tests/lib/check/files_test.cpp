#include "check/files.hpp"

#include <doctest/doctest.h>

#include "host.hpp"
#include "support/errors.hpp"

namespace trackier::check {
namespace {

using test::contains;
using test::FakeHost;
using test::finding_of;
namespace fs = std::filesystem;

FilesSubject subject(const FakeHost& fake) {
  return {.settings = fake.path("etc/config.toml"),
          .secrets = {{.name = "keys.web", .path = fake.path("etc/web.key")}},
          .keyring = fake.path("state/keyring.tke"),
          .state = fake.path("state"),
          .store = fake.path("store")};
}

void fill(const FakeHost& fake) {
  fake.write("etc/config.toml", "");
  fake.write("etc/web.key", "k", 0600);
  fake.write("state/keyring.tke", "k", 0600);
  fake.write("state/backup/signing.key", "k", 0600);
  fake.write("store/marker", "m", 0640);
  fs::permissions(fake.path("state/backup"), fs::perms::owner_all);
}

TEST_CASE("files of our own that nobody else can write to are well") {
  const FakeHost fake;
  fill(fake);
  for (const Finding& each : check_files(fake.host(), subject(fake))) {
    CAPTURE(each.id);
    CAPTURE(each.found);
    CHECK(each.status == Status::pass);
  }
}

TEST_CASE("a key is for its owner alone, and settings may be read") {
  const FakeHost fake;
  fill(fake);
  for (const unsigned mode : {0640U, 0604U, 0610U, 0666U, 0620U}) {
    CAPTURE(mode);
    fake.write("etc/web.key", "k", mode);
    fake.write("etc/config.toml", "", mode);
    const auto findings = check_files(fake.host(), subject(fake));
    CHECK(finding_of(findings, "files.keys").status == Status::fail);
    CHECK(contains(finding_of(findings, "files.keys").cure, "chmod go= '"));
    CHECK((finding_of(findings, "files.settings").status == Status::pass) == ((mode & 022U) == 0));
  }
}

TEST_CASE("a key that is missing, a directory or a link to nowhere fails") {
  const FakeHost fake;
  fill(fake);
  fs::remove(fake.path("etc/web.key"));
  CHECK(finding_of(check_files(fake.host(), subject(fake)), "files.keys").status == Status::fail);
  fs::create_symlink("nowhere", fake.path("etc/web.key"));
  CHECK(finding_of(check_files(fake.host(), subject(fake)), "files.keys").status == Status::fail);
  fs::remove(fake.path("etc/web.key"));
  fs::create_directory(fake.path("etc/web.key"));
  CHECK(finding_of(check_files(fake.host(), subject(fake)), "files.keys").status == Status::fail);
}

TEST_CASE("files of another user fail") {
  const FakeHost fake;
  fill(fake);
  Host host = fake.host();
  host.user = 4711;  // whose files these are not, unless root's
  const auto finding = finding_of(check_files(host, subject(fake)), "files.keys");
  CHECK((finding.status == Status::fail) == (::geteuid() != 0));
  if (::geteuid() == 0) {
    REQUIRE(::chown(fake.path("etc/web.key").c_str(), 4712, 0) == 0);
    CHECK(finding_of(check_files(host, subject(fake)), "files.keys").status == Status::fail);
  }
}

TEST_CASE("a directory above in which anybody can put another file fails, but for the sticky bit") {
  const FakeHost fake;
  fill(fake);
  fs::permissions(fake.path("etc"), fs::perms::all);
  const auto findings = check_files(fake.host(), subject(fake));
  CHECK(finding_of(findings, "files.settings").status == Status::fail);
  CHECK(finding_of(findings, "files.keys").status == Status::fail);
  CHECK(finding_of(findings, "files.keyring").status == Status::pass);
  fs::permissions(fake.path("etc"), fs::perms::all | fs::perms::sticky_bit);
  CHECK(finding_of(check_files(fake.host(), subject(fake)), "files.keys").status == Status::pass);
}

TEST_CASE("in the state directory everything is looked at, links included") {
  const FakeHost fake;
  fill(fake);
  fake.write("state/backup/a/b/c/chain", "c", 0600);
  for (const char* const each : {"state/backup/a", "state/backup/a/b", "state/backup/a/b/c"}) {
    fs::permissions(fake.path(each), fs::perms::owner_all);
  }
  CHECK(finding_of(check_files(fake.host(), subject(fake)), "files.state").status == Status::pass);
  fake.write("state/backup/a/b/c/chain", "c", 0604);
  CHECK(finding_of(check_files(fake.host(), subject(fake)), "files.state").status == Status::fail);
  fs::remove(fake.path("state/backup/a/b/c/chain"));
  fs::create_symlink("/dev/null", fake.path("state/audit"));
  const auto finding = finding_of(check_files(fake.host(), subject(fake)), "files.state");
  CHECK(finding.status == Status::fail);
  CHECK(contains(finding.found, "symbolic link"));
}

TEST_CASE("of many that are wrong some are named, and all are counted") {
  const FakeHost fake;
  fill(fake);
  for (int i = 0; i < 40; ++i) {
    fake.write("state/backup/" + std::to_string(i), "", 0666);
  }
  const auto finding = finding_of(check_files(fake.host(), subject(fake)), "files.state");
  CHECK(finding.status == Status::fail);
  CHECK(contains(finding.found, "and 35 more"));
}

TEST_CASE("names cannot get into the cure as commands or into the report as lines") {
  const FakeHost fake;
  fill(fake);
  FilesSubject made = subject(fake);
  made.secrets = {{.name = "keys.x", .path = fake.path("etc/a'; rm -rf ~; '\nb")}};
  fake.write("etc/a'; rm -rf ~; '\nb", "k", 0644);
  const auto finding = finding_of(check_files(fake.host(), made), "files.keys");
  CHECK(finding.status == Status::fail);
  CHECK(contains(finding.cure, "a'\\\\''; rm"));
  CHECK_FALSE(contains(finding.cure, "\n"));
  CHECK_FALSE(contains(finding.found, "\n"));
}

TEST_CASE("what there is none of does not pass") {
  const FakeHost fake;
  const auto findings = check_files(
      fake.host(), {.keyring = fake.path("none"), .state = fake.path("none"), .store = ""});
  for (const Finding& each : findings) {
    CAPTURE(each.id);
    CHECK(each.status == Status::not_applicable);
    CHECK_FALSE(each.found.empty());
  }
  CHECK_FALSE(is_well(findings));
  const auto store = finding_of(
      check_files(fake.host(), {.keyring = "/n", .state = "/n", .store = fake.path("gone")}),
      "files.store");
  CHECK(store.status == Status::error);
}

}  // namespace
}  // namespace trackier::check
