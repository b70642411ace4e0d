#include "postgres/logical_dump.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "os/signals.hpp"
#include "support/errors.hpp"
#include "support/postgres_server.hpp"
#include "support/streams.hpp"

namespace trackier::postgres {
namespace {

namespace fs = std::filesystem;
using test::contains;
using test::error_of;
using test::message_of;
using test::PostgresServer;
using namespace std::chrono_literals;

LogicalOptions options_for(const PostgresServer& server, const std::string& database,
                           const std::string& user = "postgres") {
  return {.connection = {.conninfo = server.conninfo(database, user)},
          .environment = {"PATH=/usr/bin:/bin", "HOME=/nonexistent", "LC_ALL=C.UTF-8"},
          .tools = {}};
}

fs::path dump_into(const test::TemporaryDirectory& directory, const LogicalOptions& options) {
  LogicalDump dump{options};
  const fs::path path = directory.write("dump", test::read_all(dump));
  dump.finish();
  return path;
}

/// A database with a bit of everything; null when there is no server.
const PostgresServer* with_shop() {
  const PostgresServer* const server = PostgresServer::shared();
  if (server != nullptr) {
    server->create_database("shop");
    server->sql(
        "CREATE TABLE orders (id serial PRIMARY KEY, note text);"
        "CREATE TABLE items (id int REFERENCES orders, price numeric);"
        "CREATE VIEW totals AS SELECT id, sum(price) FROM items GROUP BY id;"
        "INSERT INTO orders (note) SELECT repeat('n', 100) FROM generate_series(1, 2000);"
        "INSERT INTO items SELECT id, id * 1.5 FROM orders;"
        "COMMENT ON DATABASE shop IS 'kept'",
        "shop");
  }
  return server;
}

TEST_CASE("a dump taken while others write is of one moment, the one that is counted") {
  const PostgresServer* const server = with_shop();
  if (server == nullptr) {
    return;
  }
  const test::TemporaryDirectory directory;
  std::string orders;
  std::string sum;
  {
    std::atomic<int> rounds = 0;
    const std::jthread writer{[&](const std::stop_token& stop) {
      Connection connection{{.conninfo = server->conninfo("shop")}};
      for (; !stop.stop_requested(); ++rounds) {
        connection.execute(
            "INSERT INTO public.orders (note) VALUES ('more'); "
            "UPDATE public.items SET price = price + 1 WHERE id = 5");
      }
    }};
    while (rounds < 5) {
      std::this_thread::sleep_for(1ms);
    }
    LogicalDump dump{options_for(*server, "shop")};
    const int before = rounds;
    while (rounds < before + 20) {
      std::this_thread::sleep_for(1ms);
    }
    orders = dump.snapshot().value("SELECT count(*) FROM public.orders");
    const std::string content = test::read_all(dump);
    sum = dump.snapshot().value("SELECT sum(price) FROM public.items");
    CHECK(content.starts_with("PGDMP"));
    CHECK(dump.tool().major >= 13);
    dump.finish();
    directory.write("dump", content);
  }
  server->create_database("shop_again");
  const Restored restored = restore_logical(
      {.target = options_for(*server, "shop_again"), .archive = directory / "dump"});
  CHECK(restored.tables == 2);
  CHECK(restored.filled_tables == 2);
  CHECK(restored.entries > 8);
  CHECK(server->sql("SELECT count(*) FROM orders", "shop_again") == orders);
  CHECK(server->sql("SELECT sum(price) FROM items", "shop_again") == sum);
  CHECK(server->sql("SELECT count(*) FROM orders", "shop") != orders);
}

TEST_CASE("a database is made anew with its name and its settings, by several jobs") {
  const PostgresServer* const server = with_shop();
  if (server == nullptr) {
    return;
  }
  const test::TemporaryDirectory directory;
  const fs::path dump = dump_into(directory, options_for(*server, "shop"));
  const RestoreOptions restore{
      .target = options_for(*server, "postgres"), .archive = dump, .create = true, .jobs = 2};
  const Error exists = error_of([&] { restore_logical(restore); });
  CHECK(contains(message_of(exists), "database \"shop\" already exists"));
  server->sql("DROP DATABASE shop");
  CHECK(restore_logical(restore).filled_tables == 2);
  CHECK(server->sql("SELECT count(*), max(id) FROM items", "shop") == "2000|2000");
  CHECK(server->sql("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = "
                    "'shop'") == "kept");
  CHECK(server->sql("SELECT nextval('orders_id_seq')", "shop") == "2001");
}

TEST_CASE("a database that has tables is not restored into, unless that is wanted") {
  const PostgresServer* const server = with_shop();
  if (server == nullptr) {
    return;
  }
  const test::TemporaryDirectory directory;
  const fs::path dump = dump_into(directory, options_for(*server, "shop"));
  RestoreOptions restore{.target = options_for(*server, "shop"), .archive = dump};
  const Error error = error_of([&] { restore_logical(restore); });
  CHECK(error.code() == Code::cannot_create);
  CHECK(message_of(error) == "the database shop has tables in it");

  restore.require_empty = false;
  CHECK(contains(message_of(error_of([&] { restore_logical(restore); })), "already exists"));
  server->create_database("other");
  server->sql("CREATE TABLE unrelated ()", "other");
  restore.target = options_for(*server, "other");
  CHECK(restore_logical(restore).tables == 2);
}

TEST_CASE("what is no dump is not restored") {
  const PostgresServer* const server = PostgresServer::shared();
  if (server == nullptr) {
    return;
  }
  server->create_database("empty");
  const test::TemporaryDirectory directory;
  const auto restoring = [&](const fs::path& archive) {
    return error_of(
        [&] { restore_logical({.target = options_for(*server, "empty"), .archive = archive}); });
  };
  CHECK(restoring(directory / "none").code() == Code::no_input);
  CHECK(restoring(directory.path()).code() == Code::no_input);
  CHECK(restoring(directory.write("text", "CREATE TABLE t ();")).code() == Code::data);
  CHECK(restoring(directory.write("void", "")).code() == Code::data);
}

TEST_CASE("a dump that is cut fails to restore, and says so") {
  const PostgresServer* const server = with_shop();
  if (server == nullptr) {
    return;
  }
  const test::TemporaryDirectory directory;
  const fs::path dump = dump_into(directory, options_for(*server, "shop"));
  fs::resize_file(dump, fs::file_size(dump) - 20000);
  server->create_database("cut");
  const Error error =
      error_of([&] { restore_logical({.target = options_for(*server, "cut"), .archive = dump}); });
  CHECK(error.code() == Code::unavailable);
  CHECK(contains(message_of(error), "pg_restore: error: "));
}

TEST_CASE("a role that may not read everything makes no dump") {
  const PostgresServer* const server = with_shop();
  if (server == nullptr) {
    return;
  }
  server->sql("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN");
  const auto dumping = [&] {
    LogicalDump dump{options_for(*server, "shop", "reader")};
    test::read_all(dump);
    dump.finish();
  };
  const Error error = error_of(dumping);
  CHECK(error.code() == Code::no_permission);
  CHECK(contains(message_of(error), "permission denied for table"));
  CHECK(contains(message_of(error), "status 1"));
  CHECK(contains(error.hint(), "pg_read_all_data"));

  server->sql(
      "GRANT USAGE ON SCHEMA public TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA public TO "
      "reader; "
      "GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO reader",
      "shop");
  CHECK_NOTHROW(dumping());

  server->sql("ALTER TABLE orders ENABLE ROW LEVEL SECURITY", "shop");
  const Error hidden = error_of(dumping);
  CHECK(hidden.code() == Code::no_permission);
  CHECK(contains(message_of(hidden), "row-level security"));
}

TEST_CASE("a dump whose program dies, or whose end nobody reads, is none") {
  const PostgresServer* const server = with_shop();
  if (server == nullptr) {
    return;
  }
  const test::TemporaryDirectory directory;
  LogicalOptions options = options_for(*server, "shop");
  const auto dumping = [&](const std::string& script) {
    directory.write(
        "pg_dump",
        "#!/bin/sh\ncase $1 in --version) echo 'pg_dump (PostgreSQL) 99.1'; exit;; esac\n" + script,
        0755);
    options.tools.directory = directory.path();
    return error_of([&] {
      LogicalDump dump{options};
      test::read_all(dump);
      dump.finish();
    });
  };
  const Error killed = dumping("printf PGDMP...; kill -KILL $$");
  CHECK(killed.code() == Code::unavailable);
  CHECK(contains(message_of(killed), "died of signal 9"));
  CHECK(contains(message_of(dumping("printf PGDMP; echo oops >&2; exit 1")),
                 "oops (ended with status 1)"));
  CHECK(contains(message_of(dumping("exit 0")), "is no dump"));
  CHECK(contains(message_of(dumping("printf PGDM")), "is no dump"));
  CHECK(contains(message_of(dumping("echo CREATE TABLE")), "is no dump"));

  LogicalDump unread{options_for(*server, "shop")};
  CHECK(error_of([&] { unread.finish(); }).code() == Code::bug);
}

TEST_CASE("a pg_dump that is killed in the middle leaves no dump") {
  const PostgresServer* const server = with_shop();
  if (server == nullptr) {
    return;
  }
  server->sql("INSERT INTO orders (note) SELECT repeat('x', 1000) FROM generate_series(1, 20000)",
              "shop");
  LogicalDump dump{options_for(*server, "shop")};
  std::array<std::byte, 100000> some{};
  REQUIRE(dump.read(some) > 0);
  server->sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pg_dump' "
      "OR query LIKE 'COPY %'");
  test::read_all(dump);
  const Error error = error_of([&] { dump.finish(); });
  CHECK(error.code() == Code::unavailable);
}

TEST_CASE("a dump that is left ends its program and its session") {
  const PostgresServer* const server = with_shop();
  if (server == nullptr) {
    return;
  }
  { LogicalDump dump{options_for(*server, "shop")}; }
  const std::string sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop'";
  for (int i = 0; i < 200 && server->sql(sessions) != "0"; ++i) {
    std::this_thread::sleep_for(20ms);
  }
  CHECK(server->sql(sessions) == "0");
}

TEST_CASE("a signal ends a dump that waits for a lock") {
  const PostgresServer* const server = with_shop();
  if (server == nullptr) {
    return;
  }
  Connection holder{{.conninfo = server->conninfo("shop")}};
  holder.execute("BEGIN; LOCK TABLE public.orders IN ACCESS EXCLUSIVE MODE");
  const os::Interrupt interrupt;
  const auto begin = std::chrono::steady_clock::now();
  LogicalDump dump{options_for(*server, "shop")};
  const std::jthread sender{[] {
    std::this_thread::sleep_for(100ms);
    ::kill(::getpid(), SIGTERM);
  }};
  CHECK_THROWS_AS(test::read_all(dump), os::Interrupted);
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
}

TEST_CASE("the password of a dump comes from the file, and is in no argument") {
  const auto server = PostgresServer::start({}, "local all guarded scram-sha-256\n");
  if (!server) {
    return;
  }
  server->sql(
      "CREATE ROLE guarded LOGIN PASSWORD 'sesame' IN ROLE pg_read_all_data; CREATE TABLE t AS "
      "SELECT 1 AS n");
  const test::TemporaryDirectory directory;
  LogicalOptions options = options_for(*server, "postgres", "guarded");
  options.connection.passfile = directory.write("passfile", "*:*:*:guarded:sesame\n");
  CHECK(test::content_of(dump_into(directory, options)).size() > 500);
  const std::string globals = dump_globals(options);
  CHECK(contains(globals, "CREATE ROLE guarded"));
  CHECK_FALSE(contains(globals, "SCRAM"));
}

TEST_CASE("roles are dumped without their passwords, and not in part") {
  const PostgresServer* const server = PostgresServer::shared();
  if (server == nullptr) {
    return;
  }
  server->sql("DROP ROLE IF EXISTS clerk; CREATE ROLE clerk LOGIN PASSWORD 'sesame'");
  const std::string globals = dump_globals(options_for(*server, "postgres", "clerk"));
  CHECK(contains(globals, "CREATE ROLE clerk"));
  CHECK_FALSE(contains(globals, "PASSWORD"));
}

}  // namespace
}  // namespace trackier::postgres
