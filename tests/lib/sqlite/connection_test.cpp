// What an operator's own statements give: Connection::value.
#include "sqlite/connection.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>

#include "database.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::sqlite {
namespace {

using test::contains;
using test::error_of;
using namespace std::string_literals;

struct Shop {
  test::TemporaryDirectory directory;
  std::filesystem::path path = directory / "shop.sqlite";

  explicit Shop(const std::string& mode = "delete") {
    test::Database database{path};
    database.run("PRAGMA journal_mode = " + mode);
    database.run(
        "CREATE TABLE t (n); INSERT INTO t VALUES (1), (NULL), (x'616263'), ('zażółć'), (1.5);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
        "INSERT INTO t SELECT 'row ' || i FROM n; CREATE INDEX t_n ON t (n)");
  }
};

TEST_CASE("the first column of the one row, as text, and NULL is none") {
  const Shop shop;
  Connection connection{shop.path, {}};
  const auto value = [&](const std::string& sql, const std::vector<std::string>& more = {}) {
    return connection.value(sql, more);
  };
  CHECK(value("SELECT count(*) FROM t") == "5005");
  CHECK(value("SELECT 1.5, 2") == "1.5");
  CHECK(value("SELECT n FROM t WHERE typeof(n) = 'blob'") == "abc");
  CHECK(value("SELECT 'zażółć'") == "zażółć");
  CHECK(value("SELECT ''") == "");
  CHECK(value("SELECT CAST(x'610062' AS TEXT)") == "a\0b"s);
  CHECK_FALSE(value("SELECT NULL"));
  CHECK(value("SELECT $1 || '/' || $2", {"it's; --", "b"}) == "it's; --/b");
  CHECK(value("SELECT $1", {"a", "b"}) == "a");
  CHECK(value("SELECT 1", {"a", "b"}) == "1");
  CHECK(value("PRAGMA user_version") == "0");
}

TEST_CASE("a statement that gives no answer, more than one, or would write is a verdict") {
  const Shop shop;
  Connection connection{shop.path, std::chrono::milliseconds{0}, {}, false};
  const auto refusal = [&](const std::string& sql) {
    const Error error = error_of([&] { connection.value(sql, {"slot", "taken"}); });
    CHECK_MESSAGE(error.code() == Code::verdict, sql);
    return std::string{error.what()};
  };
  CHECK(refusal("SELECT n FROM t WHERE n = 7") == "the statement gives no row");
  CHECK(refusal("SELECT 1 UNION SELECT 2") == "the statement gives more than one row");
  CHECK(refusal("SELECT $1, $2, $3") == "the statement has 3 parameters, and there are 2");
  for (const char* writing : {"DELETE FROM t", "INSERT INTO t VALUES (1) RETURNING n",
                              "CREATE TABLE u (a)", "PRAGMA user_version = 3", "VACUUM"}) {
    CHECK(refusal(writing) == "the statement would write");
  }
  CHECK(contains(refusal("SELECT FROM"), "syntax error"));
  const std::string said = refusal("SELECT 1 FROM nowhere");
  CHECK_MESSAGE(contains(said, "no such table: nowhere"), said);
  CHECK(connection.value("SELECT count(*) FROM t", {}) == "5005");
}

TEST_CASE("a file that nobody changes is read as memory, with the same result") {
  for (const char* mode : {"delete", "wal"}) {
    const Shop shop{mode};
    Connection plain{shop.path, {}};
    Connection mapped{shop.path, {}};
    mapped.map_file();
    CHECK(std::stoll(mapped.column("PRAGMA mmap_size").at(0)) >= (1LL << 30));
    for (const char* sql : {"PRAGMA integrity_check", "SELECT n FROM t ORDER BY n"}) {
      CHECK(mapped.column(sql) == plain.column(sql));
    }
    CHECK(shop.directory.names() == std::vector<std::string>{"shop.sqlite"});
  }
}

TEST_CASE("damage is found in what is mapped, too") {
  const Shop shop;
  {
    std::fstream file{shop.path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(shop.path) / 2));
    file << std::string(300, 'x');
  }
  const auto verdict = [&](bool mapped) {
    Connection connection{shop.path, {}};
    if (mapped) {
      connection.map_file();
    }
    try {
      return connection.column("PRAGMA integrity_check(100)");
    } catch (const Error& error) {
      CHECK(error.code() == Code::data);
      return std::vector<std::string>{error.what()};
    }
  };
  CHECK(verdict(true) == verdict(false));
  CHECK(verdict(true) != std::vector<std::string>{"ok"});
}

}  // namespace
}  // namespace trackier::sqlite
