#include <doctest/doctest.h>

#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "lib/sqlite/contents.hpp"
#include "sqlite/database_snapshot.hpp"

namespace trackier::sqlite {
namespace {

using namespace made;
using namespace std::string_literals;

const std::string some_rows =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, x BLOB); CREATE INDEX i ON t (n);"
    "WITH RECURSIVE c (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM c WHERE v < 500)"
    "INSERT INTO t SELECT v, v * 7919 % 5003, randomblob(100) FROM c;";

SnapshotOptions how(const TemporaryDirectory& directory, SnapshotMethod method) {
  return {
      .method = method, .scratch = directory.path(), .patience = std::chrono::milliseconds{20000}};
}

/// What is in the database that is restored from a snapshot.
Content restored(const TemporaryDirectory& directory, DatabaseSnapshot& snapshot) {
  std::string bytes(snapshot.bytes(), '\0');
  snapshot.read_at(0, std::as_writable_bytes(std::span{bytes}));
  for (const char* name : {"restored.db", "restored.db-wal", "restored.db-shm"}) {
    std::filesystem::remove(directory / name);
  }
  return content_in(directory.write("restored.db", bytes));
}

/// Threads that change rows and definitions all the time, until the object goes.
class Writers {
 public:
  explicit Writers(const std::filesystem::path& path) {
    for (unsigned seed = 1; seed <= 2; ++seed) {
      threads_.emplace_back([this, path, seed](const std::stop_token& stop) {
        Database database{path};
        database.try_run("PRAGMA synchronous = OFF");
        std::minstd_rand random{seed};
        while (!stop.stop_requested()) {
          const std::string id = std::to_string(1 + random() % 600);
          const std::string number = std::to_string(seed);
          if (database.try_run("BEGIN IMMEDIATE; INSERT OR REPLACE INTO t VALUES (" + id + ", " +
                               std::to_string(random()) + ", randomblob(100)); COMMIT")) {
            ++commits_;
          } else {
            database.try_run("ROLLBACK");
          }
          if (random() % 20 == 0) {
            database.try_run("DROP VIEW IF EXISTS v" + number);
            database.try_run("CREATE VIEW v" + number + " AS SELECT " + id);
          }
          if (random() % 50 == 0) {
            database.try_run("PRAGMA wal_checkpoint(TRUNCATE)");
          }
          std::this_thread::sleep_for(std::chrono::microseconds{300});
        }
      });
    }
  }
  [[nodiscard]] int commits() const { return commits_; }

 private:
  std::atomic<int> commits_ = 0;
  std::vector<std::jthread> threads_;
};

TEST_CASE("the content of a snapshot is that of the bytes it gives, while others write") {
  for (const char* journal : {"WAL", "DELETE"}) {
    for (const auto method : {SnapshotMethod::direct, SnapshotMethod::copy}) {
      const TemporaryDirectory directory;
      const auto path = directory / "live.db";
      {
        Database database{path};
        database.run("PRAGMA journal_mode = "s + journal + ";" + some_rows);
      }
      const Writers writers{path};
      Content before;
      int changes = 0;
      for (int i = 0; i < 12 || (changes < 5 && i < 500); ++i) {
        DatabaseSnapshot snapshot{os::posix(), path, how(directory, method), {}};
        const int commits = writers.commits();
        for (int wait = 0; writers.commits() < commits + 3 && journal == "WAL"s && wait < 1000;
             ++wait) {
          std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
        const Content content = snapshot.content(key, {});
        REQUIRE(content == restored(directory, snapshot));
        CHECK(snapshot.check(CheckLevel::full).empty());
        CHECK(snapshot.content(key, {}) == content);
        changes += content != before ? 1 : 0;
        before = content;
      }
      CHECK(changes >= 5);
    }
  }
}

TEST_CASE("what is asked of a copy is the copy, which leaves no file behind") {
  for (const char* journal : {"WAL", "DELETE"}) {
    const TemporaryDirectory directory;
    const TemporaryDirectory scratch{};
    const auto path = directory / "live.db";
    Database database{path};
    database.run("PRAGMA page_size = 1024; PRAGMA journal_mode = "s + journal + ";" + some_rows);
    database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    DatabaseSnapshot snapshot{os::posix(), path, how(scratch, SnapshotMethod::copy), {}};
    CHECK(scratch.names().empty());
    const Content content = snapshot.content(key, {});
    CHECK(scratch.names().empty());
    // Nobody is kept from writing, and the copy knows nothing of it.
    database.run("UPDATE t SET n = 0; CREATE VIEW v AS SELECT 1");
    CHECK(snapshot.content(key, {}) == content);
    CHECK(content == restored(directory, snapshot));
    database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    std::string bytes = test::content_of(path);
    std::fill(bytes.begin() + 1024 * 20, bytes.begin() + 1024 * 21, '\x5a');
    directory.write("live.db", bytes);
    CHECK(snapshot.check(CheckLevel::full).empty());
    CHECK(snapshot.content(key, {}) == content);
  }
}

TEST_CASE("a copy is made where paths have letters that addresses have not") {
  const TemporaryDirectory directory;
  const auto odd = directory / "100% odd?#&name=%41";
  std::filesystem::create_directory(odd);
  Database database{directory / "live.db"};
  database.run(some_rows);
  DatabaseSnapshot snapshot{
      os::posix(), directory / "live.db", {.method = SnapshotMethod::copy, .scratch = odd}, {}};
  CHECK(snapshot.content(key, {}) == content_in(directory / "live.db"));
  CHECK(std::filesystem::is_empty(odd));
}

}  // namespace
}  // namespace trackier::sqlite
