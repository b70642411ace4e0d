#include "postgres/tools.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::postgres {
namespace {

using test::contains;
using test::error_of;
using test::message_of;

/// Stands in for an installation: programs that print their version.
class Installation {
 public:
  std::filesystem::path add(const std::string& folder, const std::string& name,
                            const std::string& prints, unsigned mode = 0755) const {
    std::filesystem::create_directories(directory_ / folder);
    return directory_.write(folder + "/" + name, "#!/bin/sh\n" + prints + "\n", mode);
  }
  std::filesystem::path add_version(const std::string& folder, const std::string& version) const {
    return add(folder, "pg_dump", "echo 'pg_dump (PostgreSQL) " + version + "'");
  }
  [[nodiscard]] ToolSearch search() const { return {.usr = directory_ / "usr"}; }
  [[nodiscard]] std::filesystem::path path(const std::string& name) const {
    return directory_ / name;
  }

 private:
  test::TemporaryDirectory directory_;
};

TEST_CASE("the tool of the server's version is taken, then the nearest later one") {
  const Installation installation;
  const auto at_14 = installation.add_version("usr/lib/postgresql/14/bin", "14.9");
  const auto at_17 = installation.add_version("usr/lib/postgresql/17/bin", "17.2");
  const auto at_16 = installation.add_version("usr/lib/postgresql/16/bin", "16.1 (Debian 16.1-1)");
  installation.add_version("usr/lib/postgresql/99x/bin", "99.1");
  CHECK(find_tool("pg_dump", 14, installation.search()).path == at_14);
  const Tool tool = find_tool("pg_dump", 15, installation.search());
  CHECK(tool.path == at_16);
  CHECK(tool.version == "16.1");
  CHECK(tool.major == 16);
  CHECK(find_tool("pg_dump", 17, installation.search()).path == at_17);
  CHECK(find_tool("pg_dump", 14, installation.search(), ToolVersion::exactly).path == at_14);
  CHECK_THROWS_AS(find_tool("pg_dump", 15, installation.search(), ToolVersion::exactly), Error);
}

TEST_CASE("the packages of the PGDG are found, and the directories of PATH") {
  const Installation installation;
  const auto in_path = installation.add_version("path", "16beta2");
  ToolSearch search = installation.search();
  search.path = {"relative", installation.path("nowhere"), installation.path("path")};
  CHECK(find_tool("pg_dump", 15, search).path == in_path);
  CHECK(find_tool("pg_dump", 16, search).version == "16beta2");
  const auto pgdg = installation.add_version("usr/pgsql-15/bin", "15.3");
  CHECK(find_tool("pg_dump", 15, search).path == pgdg);
}

TEST_CASE("a directory that is named is the only one that is looked at") {
  const Installation installation;
  installation.add_version("usr/lib/postgresql/15/bin", "15.3");
  const auto named = installation.add_version("opt", "16.0");
  ToolSearch search = installation.search();
  search.directory = installation.path("opt");
  CHECK(find_tool("pg_dump", 15, search).path == named);
  const Error error = error_of([&] { find_tool("pg_dump", 17, search); });
  CHECK(error.code() == Code::unavailable);
  CHECK(message_of(error) == "there is no pg_dump 17 or later in " +
                                 installation.path("opt").string() + "; " + named.string() +
                                 " is 16.0");
}

TEST_CASE("what is no such program is passed over") {
  const Installation installation;
  installation.add("usr/lib/postgresql/15/bin", "pg_dump", "echo pg_dump, or so");
  installation.add("usr/lib/postgresql/16/bin", "pg_dump", "echo '(PostgreSQL) 16.1'; exit 1");
  installation.add("usr/lib/postgresql/17/bin", "pg_dump", "echo '(PostgreSQL) 17.1'", 0644);
  std::filesystem::create_directories(installation.path("usr/lib/postgresql/18/bin/pg_dump"));
  installation.add("usr/lib/postgresql/19/bin", "pg_dump", "yes");
  const auto good = installation.add_version("usr/lib/postgresql/20/bin", "20.1");
  CHECK(find_tool("pg_dump", 15, installation.search()).path == good);
}

TEST_CASE("a tool that is not there is named with its package") {
  const Installation installation;
  const Error client = error_of([&] { find_tool("pg_dump", 15, installation.search()); });
  CHECK(message_of(client) == "there is no pg_dump 15 or later");
  CHECK(client.hint() == "apt-get install postgresql-client-15, or name the directory it is in");
  const Error server =
      error_of([&] { find_tool("initdb", 15, installation.search(), ToolVersion::exactly); });
  CHECK(message_of(server) == "there is no initdb 15");
  CHECK(contains(server.hint(), "postgresql-15"));
}

}  // namespace
}  // namespace trackier::postgres
