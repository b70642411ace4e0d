#include "postgres/base_backup.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>

#include "os/signals.hpp"
#include "postgres/connection.hpp"
#include "postgres/ustar.hpp"
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

const BaseBackupOptions fast{.label = "it's a test",
                             .checkpoint = BaseBackupOptions::Checkpoint::fast};

/// Adds rows for as long as it lives, in a session of its own.
class Writer {
 public:
  explicit Writer(const PostgresServer& server)
      : thread_([this, &server](const std::stop_token& stop) {
          Connection connection{{.conninfo = server.conninfo()}};
          while (!stop.stop_requested()) {
            connection.execute(
                "INSERT INTO public.clicks SELECT n, repeat('c', 200) FROM generate_series(1, 50) "
                "n;"
                "UPDATE public.clicks SET text = repeat('d', 190) WHERE ctid IN "
                "(SELECT ctid FROM public.clicks LIMIT 20)");
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

void unpack(Source& source, const fs::path& directory) {
  UstarReader reader{source};
  fs::create_directories(directory);
  while (const std::optional<TarEntry> entry = reader.next()) {
    const fs::path path = directory / entry->path;
    if (entry->kind == TarEntry::Kind::directory) {
      fs::create_directories(path);
    } else {
      REQUIRE(entry->kind == TarEntry::Kind::file);
      fs::create_directories(path.parent_path());
      std::ofstream out{path, std::ios::binary};
      std::array<std::byte, 8192> buffer{};
      while (const std::size_t count = reader.read(buffer)) {
        out << as_text(Bytes{buffer}.first(count));
      }
    }
    fs::permissions(path, fs::perms{entry->mode});
  }
}

/// Unpacks all of a backup; where each tablespace went.
std::map<std::string, fs::path> unpack(BaseBackup& backup, const fs::path& directory) {
  std::map<std::string, fs::path> tablespaces;
  bool manifest = false;
  while (const std::optional<Archive> archive = backup.next()) {
    CHECK_FALSE(manifest);
    if (archive->kind == Archive::Kind::manifest) {
      manifest = true;
      std::ofstream{directory / "data/backup_manifest"} << test::read_all(backup.content(), 1000);
    } else if (archive->kind == Archive::Kind::cluster) {
      CHECK(archive->oid.empty());
      unpack(backup.content(), directory / "data");
    } else {
      CHECK(fs::exists(archive->location));
      const fs::path place = directory / ("tablespace-" + archive->oid);
      tablespaces[archive->oid] = place;
      unpack(backup.content(), place);
    }
  }
  CHECK(manifest);
  fs::permissions(directory / "data", fs::perms::owner_all);
  return tablespaces;
}

/// Puts tablespaces where they were unpacked, as whoever restores does.
void link_tablespaces(const fs::path& data, const std::map<std::string, fs::path>& tablespaces) {
  fs::remove(data / "tablespace_map");
  for (const auto& [oid, place] : tablespaces) {
    fs::permissions(place, fs::perms::owner_all);
    fs::create_symlink(place, data / "pg_tblspc" / oid);
  }
}

std::unique_ptr<PostgresServer> prepare() {
  auto server = PostgresServer::start();
  if (server) {
    const fs::path place = server->make_directory("space");
    server->sql("CREATE TABLE clicks (n int, text text)");
    server->sql("CREATE TABLESPACE space LOCATION '" + place.string() + "'");
    server->sql("CREATE TABLE cold TABLESPACE space AS SELECT generate_series(1, 5000) AS n");
  }
  return server;
}

/// With two tables, one in a tablespace; null when PostgreSQL is not there.
const PostgresServer* prepared() {
  static const std::unique_ptr<PostgresServer> server = prepare();
  return server.get();
}

TEST_CASE("a backup taken while others write verifies, and comes up as a cluster") {
  const PostgresServer* const server = prepared();
  if (server == nullptr) {
    return;
  }
  const test::TemporaryDirectory directory;
  std::map<std::string, fs::path> tablespaces;
  {
    const Writer writer{*server};
    BaseBackup backup{{.conninfo = server->conninfo()}, fast};
    const BackupStart& start = backup.started();
    CHECK(start.system_identifier ==
          server->sql("SELECT system_identifier FROM pg_control_system()"));
    CHECK(start.timeline == 1);
    CHECK(contains(start.lsn, "/"));
    CHECK(start.server_version >= 130000);
    REQUIRE(start.tablespaces.size() == 1);
    tablespaces = unpack(backup, directory.path());
    CHECK(tablespaces.contains(start.tablespaces[0].oid));
    const BackupEnd end = backup.finish();
    CHECK(end.timeline == 1);
    CHECK(end.lsn != start.lsn);
    CHECK(end.warnings.empty());
  }
  const fs::path data = directory / "data";
  CHECK(contains(test::content_of(data / "backup_label"), "LABEL: it's a test"));
  CHECK(contains(test::content_of(data / "tablespace_map"), "/space"));
  link_tablespaces(data, tablespaces);
  PostgresServer::hand_over(directory.path());
  fs::permissions(directory.path(), fs::perms::owner_all);
  // It looks for WAL where it is: included.
  CHECK(contains(PostgresServer::run("pg_verifybackup", {"--ignore=tablespace_map", data}),
                 "successfully verified"));
  const auto restored = PostgresServer::adopt(data);
  CHECK(restored->sql("SELECT count(*) FROM cold") == "5000");
  CHECK(restored->sql("SELECT count(*) > 0, count(*) % 50 FROM clicks") == "t|0");
}

TEST_CASE("a page that is damaged makes the backup fail, and is named") {
  const auto server = prepare();  // its own, to be damaged
  if (!server) {
    return;
  }
  const std::string file = server->sql("SELECT pg_relation_filepath('cold')");
  server->sql("CHECKPOINT");
  {
    std::fstream damaged{server->data() / file, std::ios::binary | std::ios::in | std::ios::out};
    damaged.seekp(8192 + 4000);
    damaged << "damage";
  }
  const Error error = error_of([&] {
    BaseBackup backup{{.conninfo = server->conninfo()}, fast};
    while (backup.next()) {
      test::read_all(backup.content());
    }
    backup.finish();
  });
  CHECK(error.code() == Code::data);
  CHECK(contains(message_of(error), "checksum verification failure"));
  CHECK(contains(message_of(error), "block 1"));
  CHECK(contains(error.hint(), "damaged"));
}

TEST_CASE("a backup is read in order and to its end, or is none") {
  const PostgresServer* const server = prepared();
  if (server == nullptr) {
    return;
  }
  BaseBackup backup{{.conninfo = server->conninfo()}, fast};
  CHECK(error_of([&] { backup.finish(); }).code() == Code::bug);
  REQUIRE(backup.next());
  CHECK(error_of([&] { backup.next(); }).code() == Code::bug);
  std::array<std::byte, 3> some{};
  CHECK(backup.content().read(some) == 3);
  CHECK(error_of([&] { backup.next(); }).code() == Code::bug);
  CHECK(error_of([&] { backup.finish(); }).code() == Code::bug);
  test::read_all(backup.content());
  CHECK(backup.content().read(some) == 0);
  CHECK_NOTHROW(backup.next());
}

TEST_CASE("a backup that is left ends on the server as well") {
  const PostgresServer* const server = prepared();
  if (server == nullptr) {
    return;
  }
  {
    BaseBackup backup{{.conninfo = server->conninfo()}, fast};
    REQUIRE(backup.next());
  }
  const std::string senders =
      "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'walsender'";
  for (int i = 0; i < 200 && server->sql(senders) != "0"; ++i) {
    std::this_thread::sleep_for(20ms);
  }
  CHECK(server->sql(senders) == "0");
}

TEST_CASE("a server that stops in the middle of a backup makes it fail") {
  const PostgresServer* const server = prepared();
  if (server == nullptr) {
    return;
  }
  BaseBackup backup{{.conninfo = server->conninfo()}, fast};
  REQUIRE(backup.next());
  std::jthread killer{[&] {
    server->sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'walsender'");
  }};
  const Error error = error_of([&] {
    killer.join();
    test::read_all(backup.content());
    while (backup.next()) {
      test::read_all(backup.content());
    }
  });
  CHECK(error.code() == Code::unavailable);
}

TEST_CASE("a signal ends the wait for a checkpoint that takes its time") {
  const PostgresServer* const server = prepared();
  if (server == nullptr) {
    return;
  }
  server->sql("INSERT INTO clicks SELECT n, repeat('c', 200) FROM generate_series(1, 50000) n");
  const os::Interrupt interrupt;
  const auto begin = std::chrono::steady_clock::now();
  const std::jthread sender{[] {
    std::this_thread::sleep_for(100ms);
    ::kill(::getpid(), SIGTERM);
  }};
  CHECK_THROWS_AS((BaseBackup{{.conninfo = server->conninfo()}, {}}), os::Interrupted);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("a role that may not replicate is told so") {
  const PostgresServer* const server = PostgresServer::shared();
  if (server == nullptr) {
    return;
  }
  server->sql("DROP ROLE IF EXISTS plain; CREATE ROLE plain LOGIN");
  const Error error = error_of([&] {
    const BaseBackup backup{{.conninfo = server->conninfo("postgres", "plain")}, fast};
  });
  CHECK(error.code() == Code::no_permission);
}

}  // namespace
}  // namespace trackier::postgres
