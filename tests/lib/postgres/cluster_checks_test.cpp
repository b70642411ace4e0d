// What PostgreSQL's own programs say of sound clusters, and of damaged ones.
#include "postgres/cluster_checks.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "scratch_fixture.hpp"
#include "support/errors.hpp"

namespace trackier::postgres {
namespace {

namespace fs = std::filesystem;
using test::contains;
using test::error_of;
using test::PostgresServer;
using test_scratch::Place;

std::string said_of(const Judged& judged) {
  std::string said;
  for (const std::string& message : judged.messages) {
    said += message + "\n";
  }
  return said;
}

void flip_bit(const fs::path& path, std::uint64_t at) {
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekg(static_cast<std::streamoff>(at));
  const char byte = static_cast<char>(file.get());
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 1));
}

/// The cluster of the shared server as pg_basebackup copies it; it has the database "checked".
struct Copied : Place {
  std::string file;  ///< of the table, "base/16384/16385"

  Copied() {
    const PostgresServer* const server = PostgresServer::shared();
    server->create_database("checked");
    server->sql("CREATE TABLE t AS SELECT i, 'row ' || i AS text FROM generate_series(1, 5000) i",
                "checked");
    file = server->sql("SELECT pg_relation_filepath('t')", "checked");
    server->sql("CHECKPOINT");
    PostgresServer::run("pg_basebackup",
                        {"--pgdata=" + options.data.native(), "--dbname=" + server->conninfo(),
                         "--checkpoint=fast", "--no-sync", "--wal-method=fetch"});
  }
};

TEST_CASE("pg_verifybackup names each file that is not as the server sent it") {
  if (!test_scratch::is_installed()) {
    return;
  }
  const Copied copy;
  const Judged sound = verify_backup(copy.options);
  CHECK_MESSAGE(sound.is_sound, said_of(sound));
  CHECK(contains(sound.command, "pg_verifybackup"));
  std::uint64_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator{copy.options.data}) {
    files += entry.is_regular_file() && entry.path().filename() != "backup_manifest" ? 1U : 0U;
  }
  CHECK(sound.checked > 500);
  CHECK(sound.checked <= files);

  flip_bit(copy.options.data / copy.file, 12345);
  fs::remove(copy.options.data / "global" / "pg_filenode.map");
  std::ofstream{copy.options.data / "base" / "more"} << "x";
  copy.hand_over();
  const Judged damaged = verify_backup(copy.options);
  CHECK_FALSE(damaged.is_sound);
  for (const std::string& name :
       {copy.file, std::string{"global/pg_filenode.map"}, std::string{"base/more"}}) {
    CHECK_MESSAGE(contains(said_of(damaged), name), said_of(damaged));
  }
  CHECK_FALSE(contains(said_of(damaged), "pg_verifybackup: "));

  fs::remove(copy.options.data / "backup_manifest");
  CHECK(error_of([&] { verify_backup(copy.options); }).code() == Code::no_input);
}

TEST_CASE("pg_checksums counts blocks, and names those that are damaged") {
  if (!test_scratch::is_installed()) {
    return;
  }
  const Copied copy;
  ScratchServer{copy.options}.stop();
  const Judged sound = check_checksums(copy.options);
  CHECK_MESSAGE(sound.is_sound, said_of(sound));
  CHECK(sound.messages.empty());
  CHECK(sound.checked > 1000);
  flip_bit(copy.options.data / copy.file, 8192 + 4000);
  const Judged damaged = check_checksums(copy.options);
  CHECK_FALSE(damaged.is_sound);
  CHECK_MESSAGE(contains(said_of(damaged), copy.file + "\", block 1"), said_of(damaged));

  const Place without;
  without.make_cluster();
  const Error error = error_of([&] { check_checksums(without.options); });
  CHECK(error.code() == Code::unavailable);
  CHECK(contains(error.what(), "no checksums"));
}

TEST_CASE("pg_amcheck looks each row up in its indexes, in every database") {
  if (!test_scratch::is_installed()) {
    return;
  }
  const Place place;
  place.make_cluster();
  const ScratchServer server{place.options};
  Connection first{{.conninfo = server.conninfo("postgres")}};
  first.execute("CREATE DATABASE shop");
  first.execute("CREATE DATABASE closed ALLOW_CONNECTIONS false");
  CHECK(databases_of(first) == std::vector<std::string>{"postgres", "shop", "template1"});
  Connection shop{{.conninfo = server.conninfo("shop")}};
  shop.execute(
      "CREATE TABLE public.t AS SELECT i FROM generate_series(1, 1000) i;"
      "CREATE FUNCTION public.f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';"
      "CREATE INDEX wrong_order ON public.t (public.f(i))");
  const Judged sound = check_relations(server, 2);
  CHECK_MESSAGE(sound.is_sound, said_of(sound));
  CHECK(sound.messages.empty());
  CHECK(sound.checked > 300);
  shop.execute(
      "CREATE OR REPLACE FUNCTION public.f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT "
      "-$1'");
  const Judged damaged = check_relations(server, 2);
  CHECK_FALSE(damaged.is_sound);
  CHECK_MESSAGE(contains(said_of(damaged), "wrong_order"), said_of(damaged));
}

TEST_CASE("collations that sort otherwise than when an index was made are named") {
  if (!test_scratch::is_installed()) {
    return;
  }
  const Place place;
  place.make_cluster();
  const ScratchServer server{place.options};
  Connection connection{{.conninfo = server.conninfo("postgres")}};
  CHECK(collations_of(server).databases == 2);
  CHECK(collations_of(server).differing.empty());
  CHECK(facts_of(connection).at("PostgreSQL").starts_with(std::to_string(Place::major())));
  if (connection.value("SELECT count(*) FROM pg_collation WHERE collprovider = 'i'") == "0") {
    return;  // built without ICU
  }
  connection.execute(
      "CREATE COLLATION public.de (provider = icu, locale = 'de');"
      "UPDATE pg_catalog.pg_collation SET collversion = '1.2' WHERE collname = 'de'");
  const Collations found = collations_of(server);
  REQUIRE(found.differing.size() == 1);
  CHECK(found.differing[0].name == "collation public.de of postgres");
  CHECK(found.differing[0].recorded == "1.2");
  CHECK(found.differing[0].actual != "1.2");
}

TEST_CASE("a program that is not installed says nothing of the cluster") {
  if (!test_scratch::is_installed()) {
    return;
  }
  Place place;
  place.make_cluster();
  const test::TemporaryDirectory nothing;
  place.options.tools = {.directory = nothing.path()};
  for (const auto& check : {verify_backup, check_checksums}) {
    CHECK(error_of([&] { check(place.options); }).code() == Code::unavailable);
  }
}

}  // namespace
}  // namespace trackier::postgres
