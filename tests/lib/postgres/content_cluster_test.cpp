#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <atomic>
#include <chrono>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "content_fixture.hpp"
#include "postgres/base_backup.hpp"
#include "postgres/content_writes.hpp"
#include "postgres/ustar.hpp"
#include "postgres/wal_receiver.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::postgres {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using content::Content;
using test::contains;
using test::PostgresServer;
using test_content::differing;
using test_content::key;
using test_content::object_in;
using test_content::why_not;

const ContentOptions after_files{.after = ContentOptions::After::files};

/// With the database "shop" and tables for writers.
std::unique_ptr<PostgresServer> prepare() {
  auto made = PostgresServer::start();
  if (made) {
    made->sql(test_content::roles);
    test_content::make_shop(*made);
    made->sql(R"sql(
CREATE TABLE busy (id int PRIMARY KEY, n int); INSERT INTO busy SELECT i, 0 FROM generate_series(1, 200) i;
CREATE TABLE owed (id int PRIMARY KEY); INSERT INTO owed SELECT generate_series(1, 50);
CREATE TABLE owing (id int REFERENCES owed); CREATE TABLE emptied AS SELECT generate_series(1, 20) AS n;
CREATE TABLE held AS SELECT 1 AS n; CREATE TABLE late AS SELECT 1 AS n;
CREATE TABLE quiet AS SELECT generate_series(1, 1000) AS n; CREATE TABLE swapped AS SELECT 1 AS n;
CREATE TABLE vacuumed AS SELECT generate_series(1, 1000) AS n; DELETE FROM vacuumed WHERE n > 500;
)sql",
              "shop");
  }
  return made;
}

/// null when PostgreSQL is not there.
const PostgresServer* prepared() {
  static const std::unique_ptr<PostgresServer> server = prepare();
  return server.get();
}

bool is_exact(const Content& content, const std::string& table) {
  return object_in(content, "table", "shop: public." + table) != nullptr;
}

bool is_left_out(const Content& content, const std::string& table) {
  return !is_exact(content, table) && !why_not(content, "table shop: public." + table).empty();
}

TEST_CASE("a cluster that nobody writes to is described as it is") {
  const PostgresServer* const server = prepared();
  if (server == nullptr) {
    return;
  }
  const ConnectionOptions options{.conninfo = server->conninfo()};
  ClusterContent around{options, key(), after_files};
  const Content content = around.finish();
  const Content now = cluster_content(options, key(), after_files);
  CHECK(differing(content, now).empty());
  CHECK(content.unchecked == now.unchecked);
  CHECK(is_exact(content, "clicks"));
  CHECK(is_exact(content, "kept"));
  CHECK(object_in(content, "large-objects", "shop: all") != nullptr);
  CHECK(object_in(content, "role", "alice") != nullptr);
  CHECK(object_in(content, "database", "template1: properties") != nullptr);
  CHECK(why_not(content, "table shop: public.scratch") == "unlogged: recovery empties it");
  CHECK(why_not(content, "table shop: public.rates") == "a foreign table: its rows are elsewhere");
}

TEST_CASE("tables that were written to meanwhile are not compared, all others are") {
  const PostgresServer* const server = prepared();
  if (server == nullptr) {
    return;
  }
  const ConnectionOptions options{.conninfo = server->conninfo()};
  Connection open{{.conninfo = server->conninfo("shop")}};
  open.execute("BEGIN; INSERT INTO public.held VALUES (2)");
  ClusterContent around{options, key(), after_files};
  open.execute("COMMIT; BEGIN; INSERT INTO public.late VALUES (2); ROLLBACK");
  server->sql("INSERT INTO queue VALUES (1), (2)", "shop");
  server->sql("DELETE FROM queue", "shop");
  server->sql("UPDATE busy SET n = n + 1 WHERE id = 3", "shop");
  server->sql("INSERT INTO owing SELECT generate_series(1, 50)", "shop");  // locks rows of owed
  server->sql("TRUNCATE emptied; INSERT INTO emptied SELECT generate_series(1, 20)", "shop");
  server->sql(
      "BEGIN; CREATE TABLE new (LIKE swapped); INSERT INTO new VALUES (1); "
      "DROP TABLE swapped; ALTER TABLE new RENAME TO swapped; COMMIT",
      "shop");
  server->sql("VACUUM FREEZE vacuumed", "shop");
  server->sql("SELECT count(*) FROM quiet; ANALYZE quiet; CREATE INDEX ON quiet (n)", "shop");
  server->sql("CREATE TABLE newcomer AS SELECT 1 AS n; SELECT nextval('fresh')", "shop");
  server->sql("ALTER TABLE settings DISABLE ROW LEVEL SECURITY", "shop");
  server->sql("CREATE ROLE hasty");
  server->sql("CREATE DATABASE another");
  const Content content = around.finish();

  for (const char* const table :
       {"held", "late", "queue", "busy", "owing", "emptied", "swapped", "newcomer"}) {
    CHECK_MESSAGE(is_left_out(content, table), table << " is compared");
  }
  for (const char* const table : {"owed", "vacuumed", "quiet", "clicks", "settings", "parts_a"}) {
    CHECK_MESSAGE(is_exact(content, table), table << " is not compared");
  }
  CHECK(contains(why_not(content, "table shop: public.busy"), "200 rows afterwards"));
  CHECK(why_not(content, "index shop: public.quiet_n_idx") ==
        "it was changed while the backup was taken");
  CHECK_FALSE(why_not(content, "sequence shop: public.fresh").empty());
  CHECK_FALSE(why_not(content, "row-security shop: public.settings").empty());
  CHECK_FALSE(why_not(content, "role hasty").empty());
  CHECK_FALSE(why_not(content, "database another: properties").empty());
  // Whatever is described is so.
  const Content now = cluster_content(options, key(), after_files);
  for (const content::Object& each : content.objects) {
    const content::Object* const found = object_in(now, each.kind, each.name);
    REQUIRE(found != nullptr);
    CHECK(*found == each);
  }
  server->sql("DROP DATABASE another");
  server->sql("ALTER TABLE settings ENABLE ROW LEVEL SECURITY", "shop");
}

TEST_CASE("what was written before the last note does not count") {
  const PostgresServer* const server = prepared();
  if (server == nullptr) {
    return;
  }
  const ConnectionOptions options{.conninfo = server->conninfo()};
  ClusterContent around{options, key(), after_files};
  server->sql("UPDATE busy SET n = n + 1", "shop");
  around.note();
  const std::string end = server->sql("SELECT pg_current_wal_insert_lsn()");
  server->sql("INSERT INTO queue VALUES (1)", "shop");
  around.note();  // too late
  const Content content = around.finish(end);
  CHECK(is_exact(content, "busy"));
  CHECK(is_left_out(content, "queue"));
}

TEST_CASE("without its log nothing is said of a server that is written to") {
  const PostgresServer* const server = prepared();
  if (server == nullptr) {
    return;
  }
  server->sql("CREATE ROLE reader LOGIN SUPERUSER NOREPLICATION");
  ClusterContent around{{.conninfo = server->conninfo("postgres", "reader")}, key(), after_files};
  server->sql("INSERT INTO queue VALUES (1)", "shop");
  server->sql("SELECT pg_switch_wal()");
  for (int i = 0; i < 5; ++i) {  // what is not needed for recovery is removed
    server->sql("SELECT pg_switch_wal(); CHECKPOINT; CREATE TABLE x (); DROP TABLE x");
    server->sql("SELECT pg_switch_wal(); CHECKPOINT");
  }
  const Content content = around.finish();
  CHECK_FALSE(is_exact(content, "clicks"));
  CHECK(contains(why_not(content, "table shop: public.clicks"), "is not known: "));
  CHECK(object_in(content, "columns", "shop: public.clicks") != nullptr);
}

/// Runs statements again and again, in a session of its own.
class Writer {
 public:
  Writer(const PostgresServer& server, std::string sql)
      : thread_([this, &server, sql = std::move(sql)](const std::stop_token& stop) {
          Connection connection{{.conninfo = server.conninfo("shop")}};
          while (!stop.stop_requested()) {
            connection.execute(sql);
            ++rounds_;
          }
        }) {
    while (rounds_ == 0) {
      std::this_thread::sleep_for(1ms);
    }
  }

 private:
  std::atomic<int> rounds_ = 0;
  std::jthread thread_;
};

/// Unpacks all of a backup, with a note for each file.
void unpack(BaseBackup& backup, const fs::path& data, ClusterContent& around) {
  while (const std::optional<Archive> archive = backup.next()) {
    if (archive->kind == Archive::Kind::manifest) {
      std::array<std::byte, 8192> buffer{};
      while (backup.content().read(buffer) > 0) {
      }
      continue;
    }
    UstarReader reader{backup.content()};
    while (const std::optional<TarEntry> entry = reader.next()) {
      const fs::path path = data / entry->path;
      if (entry->kind == TarEntry::Kind::directory) {
        fs::create_directories(path);
        around.note();
        continue;
      }
      fs::create_directories(path.parent_path());
      std::ofstream out{path, std::ios::binary};
      std::array<std::byte, 65536> buffer{};
      while (const std::size_t count = reader.read(buffer)) {
        out << as_text(Bytes{buffer}.first(count));
      }
    }
  }
}

TEST_CASE("what is compared of a backup under load is in the restored cluster as it was said") {
  const PostgresServer* const server = prepared();
  if (server == nullptr) {
    return;
  }
  const ConnectionOptions options{.conninfo = server->conninfo()};
  const test::TemporaryDirectory directory;
  Content expected;
  {
    const Writer queue{*server, "INSERT INTO public.queue VALUES (1); DELETE FROM public.queue"};
    const Writer busy{*server,
                      "UPDATE public.busy SET n = n + 1 WHERE id = 5; SELECT pg_sleep(0.01)"};
    const Writer big{*server,
                     "BEGIN; INSERT INTO public.late VALUES (1); "
                     "SELECT lo_put(4711, 5, 'x'); SELECT pg_sleep(0.3); COMMIT"};
    Connection held{{.conninfo = server->conninfo("shop")}};
    held.execute("BEGIN; UPDATE public.held SET n = n + 10");
    ClusterContent around{options, key(), after_files};
    BaseBackup backup{options, {.checkpoint = BaseBackupOptions::Checkpoint::fast}};
    unpack(backup, directory / "data", around);
    const BackupEnd end = backup.finish();
    held.execute("COMMIT");  // after the end, before the look
    expected = around.finish(end.lsn);
  }
  CHECK(is_exact(expected, "clicks"));
  CHECK(is_exact(expected, "quiet"));
  for (const char* const table : {"queue", "held", "late"}) {
    CHECK_MESSAGE(is_left_out(expected, table), table << " is compared");
  }
  CHECK_FALSE(why_not(expected, "large-objects shop: all").empty());

  const auto restored = PostgresServer::adopt(directory / "data");
  const Content found = cluster_content({.conninfo = restored->conninfo()}, key(), after_files);
  for (const content::Object& each : expected.objects) {
    const content::Object* const is = object_in(found, each.kind, each.name);
    REQUIRE_MESSAGE(is != nullptr, each.kind << " " << each.name);
    CHECK_MESSAGE(*is == each, each.kind << " " << each.name);
  }
}

TEST_CASE("a log is read the same in whatever pieces it comes, and a damaged one is noticed") {
  const PostgresServer* const server = prepared();
  if (server == nullptr) {
    return;
  }
  Connection connection{{.conninfo = server->conninfo("shop")}};
  const auto file_of = [&](const char* table) {
    return static_cast<std::uint32_t>(
        std::stoul(connection.value("SELECT pg_relation_filenode($1)", {table})));
  };
  server->sql("SELECT pg_switch_wal()");
  const std::uint64_t begin = wal_position(connection);
  const std::string name = connection.value("SELECT pg_walfile_name(pg_current_wal_insert_lsn())");
  server->sql("UPDATE busy SET n = n + 1; SELECT * FROM quiet FOR UPDATE", "shop");
  server->sql("VACUUM vacuumed", "shop");
  server->sql("CHECKPOINT; INSERT INTO late SELECT generate_series(1, 3000)", "shop");
  const std::uint64_t end = wal_position(connection);
  REQUIRE(connection.value("SELECT pg_walfile_name(pg_current_wal_insert_lsn())") == name);
  server->sql("SELECT pg_switch_wal()");
  const WalLayout layout = wal_layout(connection);
  const std::string file = test::content_of(server->data() / "pg_wal" / name);
  const std::string log = file.substr(begin % layout.segment_bytes, end - begin);
  const auto database = static_cast<std::uint32_t>(std::stoul(
      connection.value("SELECT oid FROM pg_database WHERE datname = current_database()")));

  std::mt19937 random{7};  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time
  for (const std::size_t most : {log.size(), std::size_t{1}, std::size_t{100}}) {
    WalWrites writes{begin, layout};
    for (std::size_t at = 0; at < log.size();) {
      const std::size_t count = std::min(log.size() - at, 1 + random() % most);
      writes.add(as_bytes(log).subspan(at, count));
      at += count;
    }
    CHECK(writes.is_sound());
    CHECK(writes.position() == begin + log.size());
    CHECK(writes.contains(database, file_of("public.busy")));
    CHECK(writes.contains(database, file_of("public.late")));
    CHECK_FALSE(writes.contains(database, file_of("public.quiet")));
    CHECK_FALSE(writes.contains(database, file_of("public.vacuumed")));
    CHECK_FALSE(writes.contains(database, file_of("public.clicks")));
  }
  // Whatever the bytes are, they are read within their bounds.
  for (int i = 0; i < 200; ++i) {
    std::string damaged = log;
    for (int j = 0; j < 20; ++j) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    WalWrites writes{begin, layout};
    writes.add(as_bytes(damaged));
    WalWrites elsewhere{begin + 8 * (random() % 100), layout};
    elsewhere.add(as_bytes(log));
  }
  std::string cut = log;
  cut.erase(cut.size() / 2, 8);
  WalWrites writes{begin, layout};
  writes.add(as_bytes(cut));
  CHECK_FALSE(writes.is_sound());
}

}  // namespace
}  // namespace trackier::postgres
