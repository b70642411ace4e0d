#include "sqlite/database_snapshot.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <fstream>
#include <random>
#include <stop_token>
#include <thread>

#include "lib/sqlite/database.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::sqlite {
namespace {

using test::contains;
using test::content_of;
using test::Database;
using test::error_of;
using test::message_of;
using test::TemporaryDirectory;

const std::string some_rows =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, x BLOB); CREATE INDEX i ON t (n);"
    "WITH RECURSIVE c (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM c WHERE v < 2000)"
    "INSERT INTO t SELECT v, v * 7919 % 5003, randomblob(100) FROM c;";

SnapshotOptions how(const TemporaryDirectory& directory, SnapshotMethod method) {
  return {
      .method = method, .scratch = directory.path(), .patience = std::chrono::milliseconds{300}};
}

std::string content(DatabaseSnapshot& snapshot) {
  std::string all(snapshot.bytes(), '\0');
  // In pieces, as it is read in earnest.
  const std::size_t piece = std::size_t{snapshot.page_bytes()} * 3;
  for (std::size_t at = 0; at < all.size(); at += piece) {
    snapshot.read_at(
        at, std::as_writable_bytes(std::span{all}.subspan(at, std::min(piece, all.size() - at))));
  }
  return all;
}

std::string snapshot_of(const TemporaryDirectory& directory, const std::filesystem::path& path,
                        SnapshotMethod method = SnapshotMethod::direct) {
  DatabaseSnapshot snapshot{os::posix(), path, how(directory, method), {}};
  return content(snapshot);
}

void check_sound(const TemporaryDirectory& directory, const std::string& bytes) {
  const auto path = directory.write("check.sqlite", bytes);
  Database database{path};
  CHECK(database.value("PRAGMA integrity_check") == "ok");
}

TEST_CASE("what nobody writes to comes back byte by byte, whatever its pages and journal") {
  for (const char* pages : {"512", "1024", "4096", "8192", "65536"}) {
    for (const char* more : {"PRAGMA journal_mode = DELETE;", "PRAGMA journal_mode = TRUNCATE;",
                             "PRAGMA auto_vacuum = FULL;", "PRAGMA auto_vacuum = INCREMENTAL;",
                             "PRAGMA encoding = 'UTF-16le';"}) {
      const TemporaryDirectory directory;
      const auto path = directory / "odd ? name %20 'x'.db";
      {
        Database database{path};
        database.run(std::string{"PRAGMA page_size = "} + pages + ";" + more + some_rows);
        database.run("DELETE FROM t WHERE id % 3 = 0");
      }
      CHECK(snapshot_of(directory, path) == content_of(path));
    }
  }
}

TEST_CASE("committed transactions that are in the log alone are in the snapshot") {
  const TemporaryDirectory directory;
  const auto path = directory / "wal.db";
  Database database{path};
  database.run("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;" + some_rows);
  database.run("UPDATE t SET n = -1 WHERE id = 7; INSERT INTO t (n) VALUES (123456)");
  // Nothing of it is in the file yet, which is what copying it would give.
  REQUIRE(std::filesystem::file_size(path) <= 8192);
  database.run("BEGIN; UPDATE t SET n = 99");  // not committed: not in it
  for (const auto method : {SnapshotMethod::direct, SnapshotMethod::copy}) {
    const std::string bytes = snapshot_of(directory, path, method);
    check_sound(directory, bytes);
    Database copy{directory / "check.sqlite"};
    CHECK(copy.value("SELECT n FROM t WHERE id = 7") == "-1");
    CHECK(copy.value("SELECT count(*) FROM t") == "2001");
    CHECK(copy.value("SELECT count(*) FROM t WHERE n = 99") !=
          copy.value("SELECT count(*) FROM t"));
  }
  database.run("COMMIT; PRAGMA wal_checkpoint(PASSIVE)");
  CHECK(snapshot_of(directory, path) == content_of(path));  // all of it is in the file now
}

TEST_CASE("the database and its log are as they were after the snapshot") {
  const TemporaryDirectory directory;
  const auto path = directory / "wal.db";
  {
    Database database{path};
    database.run("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;" + some_rows);
    const std::string file = content_of(path);
    const std::string log = content_of(directory / "wal.db-wal");
    snapshot_of(directory, path);
    CHECK(content_of(path) == file);
    CHECK(content_of(directory / "wal.db-wal") == log);
  }
}

TEST_CASE("a database that nobody has open is left without files beside it") {
  const TemporaryDirectory directory;
  const auto path = directory / "closed.db";
  {
    Database database{path};
    database.run("PRAGMA journal_mode = WAL;" + some_rows);
  }
  const std::string before = content_of(path);
  REQUIRE(directory.names() == std::vector<std::string>{"closed.db"});
  for (const auto method : {SnapshotMethod::direct, SnapshotMethod::copy}) {
    snapshot_of(directory, path, method);
    CHECK(directory.names() == std::vector<std::string>{"closed.db"});
    CHECK(content_of(path) == before);
  }
}

TEST_CASE("snapshots under writers and checkpoints are sound and of one moment") {
  for (const char* journal : {"WAL", "DELETE"}) {
    const TemporaryDirectory directory;
    const auto path = directory / "live.db";
    {
      Database database{path};
      database.run(std::string{"PRAGMA journal_mode = "} + journal + ";" + some_rows);
      database.run(
          "CREATE TABLE account (id INTEGER PRIMARY KEY, money INTEGER);"
          "INSERT INTO account SELECT id, 100 FROM t");
    }
    std::atomic<bool> stop = false;
    std::atomic<int> commits = 0;
    std::vector<std::jthread> writers;
    for (unsigned seed = 1; seed <= 2; ++seed) {
      writers.emplace_back([&, seed] {
        Database database{path};
        database.try_run("PRAGMA synchronous = OFF");
        std::minstd_rand random{seed};
        while (!stop) {
          const std::string from = std::to_string(1 + random() % 2000);
          const std::string to = std::to_string(1 + random() % 2000);
          if (database.try_run(
                  "BEGIN IMMEDIATE; UPDATE account SET money = money - 1 WHERE id = " + from +
                  "; UPDATE account SET money = money + 1 WHERE id = " + to +
                  "; UPDATE t SET x = randomblob(100) WHERE id = " + from + "; COMMIT")) {
            ++commits;
          } else {
            database.try_run("ROLLBACK");
          }
          if (random() % 50 == 0) {
            const char* const kinds[] = {"PASSIVE", "RESTART", "TRUNCATE"};
            database.try_run(std::string{"PRAGMA wal_checkpoint("} + kinds[random() % 3] + ")");
          }
          std::this_thread::sleep_for(std::chrono::microseconds{300});
        }
      });
    }
    const SnapshotOptions options{.scratch = directory.path(),
                                  .patience = std::chrono::milliseconds{20000}};
    for (int i = 0; i < 25 || (commits <= 50 && i < 2000); ++i) {
      std::string bytes;
      {
        DatabaseSnapshot snapshot{os::posix(), path, options, {}};
        bytes = content(snapshot);
      }
      check_sound(directory, bytes);
      Database copy{directory / "check.sqlite"};
      CHECK(copy.value("SELECT sum(money) FROM account") == "200000");
      for (const char* suffix : {"-wal", "-shm"}) {
        std::filesystem::remove(directory / (std::string{"check.sqlite"} + suffix));
      }
    }
    stop = true;
    writers.clear();
    CHECK(commits > 50);
  }
}

TEST_CASE("what is no database is refused by what it is") {
  const TemporaryDirectory directory;
  const auto refused = [&](const std::filesystem::path& path) {
    return error_of([&] { snapshot_of(directory, path); });
  };
  const auto empty = refused(directory.write("empty.db", ""));
  CHECK(empty.code() == Code::data);
  CHECK(contains(message_of(empty), "is empty"));
  const auto text = refused(directory.write("text.db", std::string(5000, 'x')));
  CHECK(text.code() == Code::data);
  CHECK(contains(message_of(text), "not a SQLite database, or it is encrypted"));
  CHECK(refused(directory.write("short.db", "SQLite format 3")).code() == Code::data);
  CHECK(refused(directory / "nothing").code() == Code::no_input);
  CHECK(refused(directory.path()).code() == Code::no_input);
  CHECK(refused("/dev/null").code() == Code::no_input);
}

TEST_CASE("a locked database is waited for as long as was asked") {
  const TemporaryDirectory directory;
  const auto path = directory / "locked.db";
  Database database{path};
  database.run(some_rows);
  database.run("BEGIN EXCLUSIVE");
  const auto error = error_of([&] { snapshot_of(directory, path); });
  CHECK(error.code() == Code::busy);
  database.run("COMMIT");
  CHECK(snapshot_of(directory, path) == content_of(path));
}

TEST_CASE("a hot journal is rolled back before anything is read") {
  const TemporaryDirectory directory;
  const auto path = directory / "hot.db";
  std::string before;
  std::string journal;
  std::string torn;
  {
    Database database{path};
    database.run(some_rows);
    before = content_of(path);
    database.run(
        "PRAGMA cache_size = 5; PRAGMA cache_spill = 5; BEGIN;"
        "UPDATE t SET x = randomblob(100)");
    journal = content_of(directory / "hot.db-journal");
    torn = content_of(path);
    database.run("ROLLBACK");
  }
  REQUIRE(torn != before);
  directory.write("hot.db", torn);
  directory.write("hot.db-journal", journal);
  const std::string bytes = snapshot_of(directory, path);
  check_sound(directory, bytes);
  CHECK(bytes == before);
}

TEST_CASE("damage is told by the database's own check, and does not stop the snapshot") {
  const TemporaryDirectory directory;
  const auto path = directory / "damaged.db";
  {
    Database database{path};
    database.run("PRAGMA page_size = 1024;" + some_rows);
  }
  std::string bytes = content_of(path);
  std::fill(bytes.begin() + 1024 * 20, bytes.begin() + 1024 * 21, '\x5a');
  directory.write("damaged.db", bytes);
  {
    DatabaseSnapshot snapshot{os::posix(), path, how(directory, SnapshotMethod::direct), {}};
    CHECK(content(snapshot) == bytes);
    CHECK_FALSE(snapshot.check(CheckLevel::quick).empty());
  }
  std::fill(bytes.begin() + 100, bytes.begin() + 1024, '\0');  // the schema
  directory.write("damaged.db", bytes);
  {
    DatabaseSnapshot snapshot{os::posix(), path, how(directory, SnapshotMethod::direct), {}};
    CHECK(content(snapshot) == bytes);
    CHECK_FALSE(snapshot.check(CheckLevel::full).empty());
  }
  {
    Database database{directory / "cut.db"};
    database.run("PRAGMA page_size = 1024;" + some_rows);
  }
  bytes = content_of(directory / "cut.db");
  bytes.resize(bytes.size() - 10 * 1024);
  directory.write("cut.db", bytes);
  DatabaseSnapshot snapshot{
      os::posix(), directory / "cut.db", how(directory, SnapshotMethod::direct), {}};
  CHECK(snapshot.missing_pages() == 10);
  CHECK(content(snapshot) == bytes);
  CHECK_FALSE(snapshot.check(CheckLevel::quick).empty());
}

TEST_CASE("symbolic links are followed, and the log is looked for where the file is") {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "real");
  const auto path = directory / "real" / "wal.db";
  Database database{path};
  database.run("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;" + some_rows);
  std::filesystem::create_symlink(path, directory / "link.db");
  check_sound(directory, snapshot_of(directory, directory / "link.db"));
  const auto identity = identity_of(os::posix(), directory / "link.db");
  CHECK(identity.log.has_value());
  database.run("UPDATE t SET n = 5 WHERE id = 5");
  CHECK(identity_of(os::posix(), directory / "link.db") != identity);
}

TEST_CASE("a stop request ends the waiting for a lock") {
  const TemporaryDirectory directory;
  const auto path = directory / "locked.db";
  Database database{path};
  database.run(some_rows);
  database.run("BEGIN EXCLUSIVE");
  std::stop_source stop;
  const std::jthread asking{[&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    stop.request_stop();
  }};
  const auto begun = std::chrono::steady_clock::now();
  error_of([&] {
    const DatabaseSnapshot snapshot{
        os::posix(),
        path,
        {.scratch = directory.path(), .patience = std::chrono::milliseconds{60000}},
        stop.get_token()};
  });
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds{20});
}

}  // namespace
}  // namespace trackier::sqlite
