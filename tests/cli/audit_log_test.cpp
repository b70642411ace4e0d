#include "audit_log.hpp"

#include <doctest/doctest.h>

#include <string>

namespace trackier::cli {
namespace {

// What ssh-keygen -l says of it.
const std::string key =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHgaDlkwh8YeptUH6wkcW7uL2+D0sZ1FyOaNfzuk43xe";
const std::string fingerprint = "SHA256:Qw/u2wDb/7gu0PYFZiQvK4Y3XaRIxMwthWAb4C6W8j4";

TEST_CASE("the key of a login is what ssh-keygen calls it") {
  CHECK(ssh_fingerprint("publickey " + key + "\n") == fingerprint);
  CHECK(ssh_fingerprint("publickey " + key) == fingerprint);
  CHECK(ssh_fingerprint("password\npublickey " + key + "\n") == fingerprint);
}

TEST_CASE("who has not logged in by a key has none") {
  CHECK(ssh_fingerprint("").empty());
  CHECK(ssh_fingerprint("\n\n").empty());
  CHECK(ssh_fingerprint("password\nkeyboard-interactive\n").empty());
  CHECK(ssh_fingerprint("publickey").empty());
  CHECK(ssh_fingerprint("publickey ").empty());
  CHECK(ssh_fingerprint("publickey ssh-ed25519").empty());
  CHECK(ssh_fingerprint("publickey ssh-ed25519 ").empty());
  CHECK(ssh_fingerprint("publickey ssh-ed25519 not base64\n").empty());
  CHECK(ssh_fingerprint("publickey ssh-ed25519-cert-v01@openssh.com AAAA\n").empty());
}

}  // namespace
}  // namespace trackier::cli
