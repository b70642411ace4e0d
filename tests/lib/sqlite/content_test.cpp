#include "sqlite/content.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <stop_token>
#include <string>

#include "core/hexadecimal.hpp"
#include "lib/sqlite/contents.hpp"
#include "os/signals.hpp"
#include "support/errors.hpp"

namespace trackier::sqlite {
namespace {

using namespace made;
using test::contains;
using test::error_of;
using namespace std::string_literals;

std::string why_unchecked(const Content& content, const std::string& name) {
  const auto found = std::ranges::find(content.unchecked, name, &content::Unchecked::name);
  return found == content.unchecked.end() ? "it is checked" : found->why;
}

TEST_CASE("every table, definition and setting is an object") {
  const Content content = content_after(
      "PRAGMA page_size = 1024; PRAGMA auto_vacuum = INCREMENTAL;"
      "PRAGMA application_id = 99; PRAGMA user_version = -7;"
      "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, n UNIQUE); CREATE INDEX i ON t (n);"
      "CREATE VIEW v AS SELECT n FROM t;"
      "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;"
      "CREATE TABLE empty (x INTEGER PRIMARY KEY) WITHOUT ROWID;"
      "INSERT INTO t (n) VALUES (1), (2), (3); ANALYZE");
  std::map<std::string, std::size_t> kinds;
  for (const Object& each : content.objects) {
    ++kinds[each.kind];
    if (each.kind == "table") {
      CHECK(each.value.size() == 64);
      CHECK(each.rows);
    } else if (each.kind != "setting") {
      CHECK(each.value.size() == 32);
    }
  }
  // ANALYZE makes one table or two, as SQLite was built.
  CHECK(kinds["table"] >= 4);
  CHECK(kinds["columns"] == kinds["table"]);
  CHECK(kinds["index"] == 2);
  CHECK(kinds["view"] == 1);
  CHECK(kinds["trigger"] == 1);
  CHECK(kinds["setting"] == 5);
  CHECK(kinds.size() == 6);
  CHECK(find(content, "table", "t")->rows == 3);
  CHECK(find(content, "table", "empty")->rows == 0);
  CHECK(find(content, "table", "sqlite_sequence")->rows == 1);
  CHECK(find(content, "table", "sqlite_stat1")->rows == 2);
  CHECK(find(content, "index", "sqlite_autoindex_t_1"));
  CHECK(value_of(content, "setting", "user_version") == "-7");
  CHECK(value_of(content, "setting", "application_id") == "99");
  CHECK(value_of(content, "setting", "encoding") == "UTF-8");
  CHECK(value_of(content, "setting", "auto_vacuum") == "incremental");
  CHECK(value_of(content, "setting", "page_size") == "1024");
  CHECK(content.unchecked.empty());
}

TEST_CASE("a definition is the HMAC that the manual says") {
  std::string message = "definition";
  for (const std::string part : {"view", "v", "v", "CREATE VIEW v AS SELECT 1"}) {
    message += static_cast<char>(part.size()) + std::string(7, '\0') + part;
  }
  const crypto::Mac mac = key.mac(as_bytes(message));
  const std::string digits = value_of(content_after("CREATE VIEW v AS SELECT 1"), "view", "v");
  CHECK(digits == hexadecimal(Bytes{mac}.first(16)));
  CHECK(digits != value_of(content_after("CREATE VIEW v AS SELECT  1"), "view", "v"));
}

TEST_CASE("names may be any bytes") {
  const TemporaryDirectory directory;
  const auto path = directory / "names.db";
  const std::vector<std::string> names{"a \"quoted\" table",
                                       "two\nlines",
                                       "[brackets]",
                                       "t",
                                       "\xff\xfe",
                                       "'",
                                       "zażółć",
                                       "rowid",
                                       "pragma_table_xinfo",
                                       "select",
                                       "",
                                       " ",
                                       "a;b--",
                                       "\xed\xa0\x80"};
  {
    Database database{path};
    database.run("PRAGMA synchronous = OFF");
    for (const std::string& name : names) {
      std::string quoted;
      for (const char letter : name) {
        quoted += std::string(letter == '"' ? 2 : 1, letter);
      }
      database.run("CREATE TABLE \"" + quoted + "\" (\"" + quoted + "\", other);" +
                   "INSERT INTO \"" + quoted + "\" VALUES (7, 8)");
    }
  }
  const Content content = content_in(path);
  CHECK(content.unchecked.empty());
  for (const std::string& name : names) {
    // A column named rowid hides it; there is another name.
    CHECK_MESSAGE(
        value_of(content, "table", name) == digest_of(name, {integer(1) + integer(7) + integer(8)}),
        name);
  }
}

TEST_CASE("tables that are skipped, and virtual ones, are named as unchecked") {
  const std::string sql =
      "CREATE TABLE Logs (a); INSERT INTO logs VALUES (1);"
      "CREATE TABLE t (a);"
      "CREATE VIRTUAL TABLE place USING rtree (id, least, most);"
      "INSERT INTO place VALUES (1, 2, 3);"
      // What no module is there for, as with a program that brings one.
      "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES"
      "  ('table', 'odd', 'odd', 0, 'CREATE VIRTUAL TABLE odd USING nowhere (a)')";
  const Content content = content_after(sql, {.skip = {"LOGS", "not there"}});
  CHECK(content.unchecked.size() == 3);
  CHECK(why_unchecked(content, "table Logs") == "the settings leave it out");
  CHECK(contains(why_unchecked(content, "virtual table place"), "in its shadow tables"));
  CHECK(contains(why_unchecked(content, "virtual table odd"), "in its shadow tables"));
  CHECK_FALSE(find(content, "table", "Logs"));
  CHECK_FALSE(find(content, "table", "place"));
  CHECK(find(content, "columns", "Logs"));
  CHECK(find(content, "columns", "odd"));
  CHECK(find(content, "table", "place_node")->rows == 1);
  CHECK(find(content, "table", "t")->rows == 0);
}

void answer(sqlite3_context* context, int /*count*/, sqlite3_value** values) {
  sqlite3_result_value(context, *values);
}
int compare_nothing(void* /*context*/, int, const void*, int, const void*) {
  return 0;
}

TEST_CASE("functions and collations of the application are not needed, where there is a way") {
  const TemporaryDirectory directory;
  const auto path = directory / "own.db";
  {
    Database database{path};
    REQUIRE(sqlite3_create_function(database.handle(), "own", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                    nullptr, answer, nullptr, nullptr) == SQLITE_OK);
    REQUIRE(sqlite3_create_collation(database.handle(), "own", SQLITE_UTF8, nullptr,
                                     compare_nothing) == SQLITE_OK);
    database.run(
        "CREATE TABLE generated (a, v AS (own(a)) VIRTUAL, s AS (own(a)) STORED, b CHECK (own(b)));"
        "INSERT INTO generated (a, b) VALUES (5, 6);"
        "CREATE INDEX by_own ON generated (own(a));"
        "CREATE TABLE sorted (a TEXT COLLATE own PRIMARY KEY); INSERT INTO sorted VALUES ('x');"
        "CREATE TABLE tree (a TEXT COLLATE own PRIMARY KEY) WITHOUT ROWID;"
        "INSERT INTO tree VALUES ('x');"
        "CREATE VIEW v AS SELECT own(a) FROM generated");
  }
  const Content content = content_in(path);
  CHECK(value_of(content, "table", "generated") ==
        digest_of("generated", {integer(1) + integer(5) + integer(5) + integer(6)}));
  CHECK(value_of(content, "table", "sorted") == digest_of("sorted", {integer(1) + text("x")}));
  CHECK(content.unchecked.size() == 1);
  CHECK(contains(why_unchecked(content, "table tree"), "SQLite cannot read it"));
}

TEST_CASE("an index that has all columns is not read in the place of its table") {
  const TemporaryDirectory directory;
  const auto path = directory / "covered.db";
  // A table that is wider than its index, whose row is changed while SQLite does not know of that.
  for (const char* sql :
       {"CREATE TABLE t (a INTEGER, wide TEXT AS ('x') VIRTUAL); CREATE INDEX i ON t (a);"
        "INSERT INTO t VALUES (1), (2); PRAGMA writable_schema = ON;"
        "CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = 'i';"
        "DELETE FROM sqlite_schema WHERE name = 'i'",
        "UPDATE t SET a = 3 WHERE a = 2; PRAGMA writable_schema = ON;"
        "INSERT INTO sqlite_schema SELECT * FROM kept"}) {
    Database database{path};
    database.run(sql);
  }
  {
    Database database{path};
    REQUIRE(database.value("SELECT group_concat(a) FROM t") == "1,2");
  }
  CHECK(value_of(content_in(path), "table", "t") ==
        digest_of("t", {integer(1) + integer(1), integer(2) + integer(3)}));
}

TEST_CASE("damage is an error of the data, in a table and in the schema") {
  const TemporaryDirectory directory;
  const auto path = directory / "damaged.db";
  {
    Database database{path};
    database.run(
        "PRAGMA page_size = 1024; CREATE TABLE t (a);"
        "WITH RECURSIVE c (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM c WHERE v < 500)"
        "INSERT INTO t SELECT randomblob(100) FROM c");
  }
  const std::string sound = test::content_of(path);
  std::string bytes = sound;
  std::fill(bytes.begin() + 1024 * 20, bytes.begin() + 1024 * 21, '\x5a');
  CHECK(error_of([&] { content_in(directory.write("table.db", bytes)); }).code() == Code::data);
  bytes = sound;
  std::fill(bytes.begin() + 100, bytes.begin() + 1024, '\0');
  CHECK(error_of([&] { content_in(directory.write("schema.db", bytes)); }).code() == Code::data);
  const std::string row = "INSERT INTO sqlite_schema VALUES ";
  for (const std::string& forged :
       {row + "('table', 'x', 'x', 2, 'CREATE TABLE x (')",
        row + "('table', 't', 't', 2, 'CREATE TABLE t (a)')",
        row + "('index', 'x', 'nothing', 2, 'CREATE INDEX x ON nothing (a)')",
        row + "('what is this', 'x', 'x', 0, 'CREATE')", row + "('view', 'x', 'x', 999, NULL)",
        "UPDATE sqlite_schema SET name = 'not its own'"s}) {
    {
      Database database{directory.write("forged.db", sound)};
      database.run("PRAGMA writable_schema = ON; " + forged);
    }
    const auto error = error_of([&] { content_in(directory / "forged.db"); });
    CHECK_MESSAGE(error.code() == Code::data, forged);
  }
}

TEST_CASE("a stop request ends it") {
  const TemporaryDirectory directory;
  const auto path = directory / "long.db";
  {
    Database database{path};
    database.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  }
  std::stop_source stop;
  stop.request_stop();
  Connection connection{path, std::chrono::milliseconds{0}, {}, false};
  CHECK_THROWS_AS(content_of(connection, key, {}, stop.get_token()), os::Interrupted);
}

}  // namespace
}  // namespace trackier::sqlite
