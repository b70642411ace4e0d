#pragma once
/// What a drill has: a private directory, and an ordinary user when we are root.

#include <pwd.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "postgres/scratch_server.hpp"
#include "support/postgres_server.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::postgres::test_scratch {

inline std::optional<ScratchAccount> account() {
  const passwd* const nobody = ::geteuid() == 0 ? ::getpwnam("nobody") : nullptr;
  return nobody == nullptr ? std::nullopt
                           : std::optional{ScratchAccount{
                                 .uid = nobody->pw_uid, .gid = nobody->pw_gid, .name = "nobody"}};
}

struct Place {
  test::TemporaryDirectory directory;
  ScratchOptions options{.data = directory / "cluster",
                         .directory = directory.path(),
                         .tools = {.directory = test::PostgresServer::programs()},
                         .account = account()};

  Place() { hand_over(); }

  void hand_over() const {
    if (options.account) {
      postgres::hand_over(directory.path(), *options.account);
    }
  }

  /// The version that is installed, "/usr/lib/postgresql/15/bin".
  static int major() {
    return std::stoi(test::PostgresServer::programs().parent_path().filename().native());
  }

  void make_cluster() const { NewCluster{options, major()}.finish(); }
};

/// Says loudly that a test is passed over where PostgreSQL is not installed.
inline bool is_installed() {
  return test::PostgresServer::shared() != nullptr;
}

}  // namespace trackier::postgres::test_scratch
