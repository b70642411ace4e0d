#include "postgres/scratch_restore.hpp"

#include <doctest/doctest.h>

#include "postgres/connection.hpp"
#include "postgres/logical_dump.hpp"
#include "scratch_fixture.hpp"
#include "support/errors.hpp"
#include "support/streams.hpp"

namespace trackier::postgres {
namespace {

using test::contains;
using test::error_of;
using test::message_of;
using test::PostgresServer;
using test_scratch::Place;

/// A scratch server, and what a backup of a database of the shared server has.
struct Drill : Place {
  std::string database;
  ScratchRestore restore;
  std::unique_ptr<ScratchServer> server;

  explicit Drill(const std::string& name) : database(name) {
    const LogicalOptions source{
        .connection = {.conninfo = PostgresServer::shared()->conninfo(name)},
        .environment = {"PATH=/usr/bin:/bin", "HOME=/nonexistent", "LC_ALL=C.UTF-8"},
        .tools = {}};
    restore = {.globals = directory.write("globals", dump_globals(source)),
               .dump = directory / "dump",
               .database = name,
               .jobs = 1};
    LogicalDump dump{source};
    directory.write("dump", test::read_all(dump));
    dump.finish();
    make_cluster();
    hand_over();
    server = std::make_unique<ScratchServer>(options);
  }

  void run() const { restore_into(*server, restore); }
  [[nodiscard]] std::string value(const std::string& sql) const {
    Connection connection{{.conninfo = server->conninfo(database)}};
    return connection.value(sql);
  }
};

/// Databases and roles of the shared server that are gone afterwards.
struct Shop {
  const PostgresServer& server = *PostgresServer::shared();

  explicit Shop(std::string_view sql) {
    clear();
    server.sql("CREATE ROLE drill_owner LOGIN PASSWORD 'secret'; CREATE ROLE \"drill's\"");
    server.create_database("drilled");
    server.sql("ALTER DATABASE drilled OWNER TO drill_owner");
    server.sql(sql, "drilled");
  }
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;
  Shop(Shop&&) = delete;
  Shop& operator=(Shop&&) = delete;
  ~Shop() { clear(); }

  void clear() const {
    server.sql("DROP DATABASE IF EXISTS drilled");
    server.sql("DROP TABLESPACE IF EXISTS elsewhere");
    server.sql("DROP ROLE IF EXISTS drill_owner, \"drill's\"");
  }
};

TEST_CASE("a dump comes back under its own name, with its roles") {
  if (!test_scratch::is_installed()) {
    return;
  }
  const Shop shop{
      "CREATE TABLE t AS SELECT generate_series(1, 300) AS i; ALTER TABLE t OWNER TO \"drill's\";"
      "CREATE INDEX ON t (i); GRANT SELECT ON t TO drill_owner"};
  const auto place = shop.server.make_directory("elsewhere");
  shop.server.sql("CREATE TABLESPACE elsewhere LOCATION '" + place.native() + "'");
  shop.server.sql("CREATE TABLE far TABLESPACE elsewhere AS SELECT 1 AS n", "drilled");
  for (const int jobs : {1, 2}) {
    Drill drill{"drilled"};
    drill.restore.jobs = jobs;
    drill.run();
    CHECK(drill.value("SELECT count(*) FROM public.t") == "300");
    CHECK(drill.value("SELECT n FROM public.far") == "1");
    CHECK(drill.value("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 't'") ==
          "drill's");
    CHECK(drill.value("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = "
                      "current_database()") == "drill_owner");
    CHECK(drill.value("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'drill_owner'") == "t");
    // The place of the tablespace is another server's.
    CHECK(drill.value("SELECT pg_tablespace_location(oid) NOT LIKE '/%' FROM pg_tablespace WHERE "
                      "spcname = 'elsewhere'") == "t");
  }
}

TEST_CASE("a database that a new cluster has as well makes way") {
  if (!test_scratch::is_installed()) {
    return;
  }
  for (const char* name : {"postgres", "template1"}) {
    PostgresServer::shared()->sql("CREATE TABLE kept AS SELECT 7 AS n", name);
    const Drill drill{name};
    drill.run();
    CHECK(drill.value("SELECT n FROM public.kept") == "7");
    PostgresServer::shared()->sql("DROP TABLE kept", name);
  }
}

TEST_CASE("what cannot be loaded is named, and no row is") {
  if (!test_scratch::is_installed()) {
    return;
  }
  const Shop shop{
      "CREATE TABLE zz_known (n int); INSERT INTO zz_known VALUES (424242);"
      "CREATE FUNCTION known(v int) RETURNS bool LANGUAGE sql AS "
      "'SELECT EXISTS (SELECT FROM public.zz_known WHERE n = v)';"
      "CREATE TABLE aa_uses (n int CHECK (known(n))); INSERT INTO aa_uses VALUES (424242)"};
  const Drill drill{"drilled"};
  const Error error = error_of([&] { drill.run(); });
  CHECK(error.code() == Code::verdict);
  CHECK_MESSAGE(contains(error.what(), "pg_restore: "), message_of(error));
  CHECK_MESSAGE(contains(error.what(), "aa_uses"), message_of(error));
  CHECK_MESSAGE(!contains(error.what(), "424242"), message_of(error));
}

TEST_CASE("roles that cannot be made fail; what is missing on this host does not") {
  if (!test_scratch::is_installed()) {
    return;
  }
  const Shop shop{"CREATE TABLE t (n int)"};
  Drill drill{"drilled"};
  drill.restore.globals = drill.directory.write("twice", "CREATE ROLE a;\nCREATE ROLE a;\n");
  Error error = error_of([&] { drill.run(); });
  CHECK(error.code() == Code::verdict);
  CHECK_MESSAGE(contains(error.what(), "psql: role \"a\" already exists"), message_of(error));

  drill.restore.globals = drill.directory.write(
      "missing", "\\restrict x\nCREATE ROLE postgres;\nCREATE EXTENSION no_such_extension;\n");
  error = error_of([&] { drill.run(); });
  CHECK(error.code() == Code::unavailable);
  CHECK_MESSAGE(contains(error.what(), "no_such_extension"), message_of(error));

  drill.restore.globals = drill.directory.write("good", "CREATE ROLE drill_owner;");
  drill.restore.dump = drill.directory.write("no dump", "PGDMP and no more");
  drill.hand_over();
  error = error_of([&] { drill.run(); });
  CHECK(error.code() == Code::verdict);
  CHECK_MESSAGE(contains(error.what(), "pg_restore: "), message_of(error));
}

}  // namespace
}  // namespace trackier::postgres
