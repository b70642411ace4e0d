#include "backup/sqlite_source.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "content/content.hpp"
#include "crypto/mac.hpp"
#include "lib/sqlite/database.hpp"
#include "os/signals.hpp"
#include "support/temporary_directory.hpp"

using namespace trackier;
using backup::Finished;

namespace {

const crypto::MacKey key{as_bytes("the key of these digests")};

/// A table of 50,000 rows and two indexes.
class Clicks {
 public:
  Clicks() {
    test::Database database{path_};
    database.run(
        "CREATE TABLE click (id INTEGER PRIMARY KEY, visitor TEXT, cost REAL);"
        "CREATE INDEX by_visitor ON click (visitor); CREATE INDEX by_cost ON click (cost);"
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 50000)"
        "INSERT INTO click SELECT i, hex(i * 7919 % 50021), i / 8.0 FROM n;");
  }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  std::unique_ptr<backup::Snapshot> snapshot(const backup::Wanted& wanted,
                                             const std::stop_token& stop = {}) const {
    return backup::sqlite_database(os::posix(), {.path = path_})->snapshot(wanted, stop);
  }

  /// What is told of it when everything has been read.
  Finished finished(bool side_by_side) const {
    const backup::Wanted wanted{.check = true, .content = &key, .side_by_side = side_by_side};
    const auto snapshot = this->snapshot(wanted);
    const auto member = snapshot->next();
    REQUIRE(member);
    std::vector<std::byte> page(member->page_bytes);
    for (std::uint64_t at = 0; at < member->size; at += page.size()) {
      snapshot->read_at(at, page);
    }
    CHECK_FALSE(snapshot->next());
    return snapshot->finish();
  }

 private:
  test::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "clicks.sqlite";
};

}  // namespace

TEST_CASE("what is found beside the reading of pages is what is found after it") {
  const Clicks clicks;
  const Finished after = clicks.finished(false);
  const Finished beside = clicks.finished(true);
  REQUIRE(after.content);
  REQUIRE(beside.content);
  CHECK(*after.content == *beside.content);
  CHECK(std::ranges::any_of(after.content->objects, [](const content::Object& object) {
    return object.kind == "table" && object.name == "click" && object.rows == 50000;
  }));
  CHECK(after.check == "quick_check ok");
  CHECK(beside.check == "quick_check ok");
  CHECK(after.details == beside.details);
}

TEST_CASE("a damaged database is told of, whichever thread has seen it") {
  const Clicks clicks;
  std::fstream file{clicks.path(), std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(4096);  // where the table begins
  file << std::string(4096, 'x');
  file.close();
  for (const bool side_by_side : {false, true}) {
    const Finished finished = clicks.finished(side_by_side);
    CHECK(finished.damaged);
    CHECK_FALSE(finished.content);
    CHECK(finished.check == "quick_check failed");
  }
}

TEST_CASE("a snapshot that nobody finishes ends what goes on beside it") {
  const Clicks clicks;
  const auto snapshot = clicks.snapshot({.check = true, .content = &key, .side_by_side = true});
  CHECK(snapshot->next());
}

TEST_CASE("a stop ends what goes on beside the reading") {
  const Clicks clicks;
  std::stop_source stop;
  const auto snapshot = clicks.snapshot({.content = &key, .side_by_side = true}, stop.get_token());
  stop.request_stop();
  CHECK(snapshot->next());
  CHECK_THROWS_AS(snapshot->finish(), os::Interrupted);
}
