#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <string>

#include "core/hexadecimal.hpp"
#include "lib/sqlite/contents.hpp"
#include "os/program.hpp"

namespace trackier::sqlite {
namespace {

using namespace made;
using namespace std::string_literals;

/// The digest of table t.
std::string t_of(const std::string& sql) {
  const auto found = find(content_after(sql), "table", "t");
  REQUIRE(found);
  return found->value;
}

TEST_CASE("rows are encoded as the manual says") {
  CHECK(t_of("CREATE TABLE t (a, b);"
             "INSERT INTO t VALUES (NULL, -2), (1.5, 'x' || char(0) || 'y'), (x'00ff', '')") ==
        digest_of("t", {integer(1) + "\0"s + integer(-2),
                        integer(2) + number('\2', 0x3ff8000000000000) + text("x\0y"s),
                        integer(3) + blob("\0\xff"s) + text("")}));
  CHECK(t_of("CREATE TABLE t (b, a PRIMARY KEY) WITHOUT ROWID; INSERT INTO t VALUES (7, 'k')") ==
        digest_of("t", {integer(7) + text("k")}));
}

TEST_CASE("values that only look the same are different, and places count") {
  const auto one = [](const std::string& values) {
    return t_of("CREATE TABLE t (a, b); INSERT INTO t VALUES " + values);
  };
  std::vector<std::string> all;
  for (const char* values : {"(1, 2)",
                             "(1.0, 2)",
                             "('1', 2)",
                             "(x'31', 2)",
                             "(NULL, 2)",
                             "('', 2)",
                             "(x'', 2)",
                             "(0, 2)",
                             "(0.0, 2)",
                             "(-0.0, 2)",
                             "(2, 1)",
                             "('ab', 'c')",
                             "('a', 'bc')",
                             "(1, 2), (1, 2)",
                             "(1, 3), (2, 4)",
                             "(1, 4), (2, 3)",
                             "(2, 3), (1, 4)",
                             "(9e999, 2)",
                             "(-9e999, 2)",
                             "(9223372036854775807, 2)",
                             "(-9223372036854775808, 2)",
                             "(9223372036854775808.0, 2)"}) {
    all.push_back(one(values));
  }
  std::ranges::sort(all);
  CHECK(std::ranges::adjacent_find(all) == all.end());
}

TEST_CASE("what SQLite makes of a number before it stores it is not undone") {
  const std::string zero = integer(1) + number('\2', 0);
  const std::string minus_zero = integer(1) + number('\2', std::uint64_t{1} << 63U);
  CHECK(t_of("CREATE TABLE t (a REAL); INSERT INTO t VALUES (-0.0)") == digest_of("t", {zero}));
  CHECK(t_of("CREATE TABLE t (a); INSERT INTO t VALUES (-0.0)") == digest_of("t", {minus_zero}));
  CHECK(t_of("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (2.0)") ==
        digest_of("t", {integer(1) + integer(2)}));
  CHECK(t_of("CREATE TABLE t (a); INSERT INTO t VALUES (9e999 - 9e999)") ==
        digest_of("t", {integer(1) + "\0"s}));
}

TEST_CASE("the order in which rows were written means nothing, their rowids do") {
  const std::string made = "CREATE TABLE t (a); INSERT INTO t (rowid, a) VALUES ";
  CHECK(t_of(made + "(1, 'x'), (2, 'y')") == t_of(made + "(2, 'y'), (1, 'x')"));
  CHECK(t_of(made + "(1, 'x'), (2, 'y')") != t_of(made + "(2, 'x'), (1, 'y')"));
  CHECK(t_of(made + "(1, 'x')") != t_of(made + "(2, 'x')"));
}

TEST_CASE("the rowid is read by a name that no column has, or not at all") {
  CHECK(t_of("CREATE TABLE t (RowID); INSERT INTO t VALUES (5)") ==
        digest_of("t", {integer(1) + integer(5)}));
  CHECK(t_of("CREATE TABLE t (rowid, oid); INSERT INTO t VALUES (5, 6)") ==
        digest_of("t", {integer(1) + integer(5) + integer(6)}));
  CHECK(t_of("CREATE TABLE t (rowid, _rowid_, OID); INSERT INTO t VALUES (5, 6, 7)") ==
        digest_of("t", {integer(5) + integer(6) + integer(7)}));
}

TEST_CASE("a table of as many columns as SQLite can have is read without its rowid") {
  std::string columns = "c0";
  std::string row = "\0"s;
  for (int i = 1; i < 2000; ++i) {
    columns += ", c" + std::to_string(i);
    row += "\0"s;
  }
  CHECK(t_of("CREATE TABLE t (" + columns + "); INSERT INTO t (c0) VALUES (NULL)") ==
        digest_of("t", {row}));
}

TEST_CASE("text is digested as it is stored, whether it is valid or not") {
  for (const auto& [encoding, stored] : std::map<std::string, std::string>{
           {"UTF-8", "a\xc5\xbc"}, {"UTF-16le", "a\0\x7c\x01"s}, {"UTF-16be", "\0a\x01\x7c"s}}) {
    const Content content =
        content_after("PRAGMA encoding = '" + encoding +
                      "'; CREATE TABLE t (a); INSERT INTO t VALUES ('a\xc5\xbc')");
    CHECK(value_of(content, "table", "t") == digest_of("t", {integer(1) + text(stored)}));
    CHECK(value_of(content, "setting", "encoding") == encoding);
  }
  CHECK(t_of("CREATE TABLE t (a); INSERT INTO t VALUES (CAST(x'ff00fe' AS TEXT))") ==
        digest_of("t", {integer(1) + text("\xff\0\xfe"s)}));
  // Half a character of UTF-16, and half of that.
  CHECK(t_of("PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (a);"
             "INSERT INTO t VALUES (CAST(x'00d8' AS TEXT)), (CAST(x'00d861' AS TEXT))") !=
        t_of("PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (a);"
             "INSERT INTO t VALUES (CAST(x'01d8' AS TEXT)), (CAST(x'00d861' AS TEXT))"));
}

/// A database of tables, columns, types and values by chance; its statements never fail for long.
class Chance {
 public:
  explicit Chance(std::uint32_t seed) : random_(seed) {}

  void fill(Database& database) {
    database.run("PRAGMA synchronous = OFF; PRAGMA page_size = " + one_of({"512", "4096"}) +
                 "; PRAGMA encoding = '" + one_of({"UTF-8", "UTF-8", "UTF-16le", "UTF-16be"}) +
                 "'");
    const std::size_t tables = 1 + below(4);
    for (std::size_t i = 0; i < tables; ++i) {
      const std::string table = quoted(
          one_of({"plain", "with space", "a\"b", "two\nlines", "zażółć", "'"}) + std::to_string(i));
      const std::size_t columns = 1 + below(5);
      const bool has_rowid = below(3) != 0;
      std::string sql = "CREATE TABLE " + table + " (";
      std::string values;
      for (std::size_t column = 0; column < columns; ++column) {
        const std::string type =
            has_rowid && column == 0 && below(3) == 0 ? "INTEGER PRIMARY KEY" : any_type();
        sql += (column > 0 ? ", " : "") + quoted(name(column)) + " " + type;
        values += column > 0 ? ", ?" : "?";
      }
      if (below(4) == 0) {
        sql += ", v AS (1 + " + quoted(name(0)) + ") VIRTUAL, s AS (typeof(" + quoted(name(0)) +
               ")) STORED";
      }
      sql += has_rowid ? ")" : ", PRIMARY KEY (" + quoted(name(columns - 1)) + ")) WITHOUT ROWID";
      database.run(sql);
      insert(database, "INSERT OR IGNORE INTO " + table + " VALUES (" + values + ")",
             static_cast<int>(columns));
      if (below(3) == 0) {
        database.run("ALTER TABLE " + table + " ADD COLUMN late DEFAULT 1.5");
      }
      if (below(3) == 0) {
        database.run("DELETE FROM " + table + " WHERE " + quoted(name(0)) + " > 0");
      }
    }
    database.run("ANALYZE");
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }

  std::string one_of(const std::vector<std::string>& all) { return all[below(all.size())]; }

  static std::string quoted(const std::string& name) {
    std::string made = "\"";
    for (const char letter : name) {
      made += std::string(letter == '"' ? 2 : 1, letter);
    }
    return made + "\"";
  }

  static std::string name(std::size_t column) {
    static const std::vector<std::string> all{"rowid", "b \"\n", "OID", "_rowid_", "e"};
    return all[column];
  }

  std::string any_type() {
    return one_of({"", "INTEGER", "REAL", "TEXT", "BLOB", "NUMERIC", "BOOLEAN", "VARCHAR(3)"});
  }

  std::string any_bytes() {
    std::string bytes(below(10) == 0 ? below(3000) : below(20), '\0');
    const bool is_ascii = below(2) == 0;
    for (char& byte : bytes) {
      byte = static_cast<char>(is_ascii ? 'a' + below(26) : random_() % 256);
    }
    return bytes;
  }

  void bind(sqlite3_stmt* statement, int column) {
    static const std::vector<double> reals{
        0.0,      -0.0,      1.0,         -1.5, 1e300, 4.9e-324, 9007199254740993.0,
        HUGE_VAL, -HUGE_VAL, std::nan("")};
    static const std::vector<std::int64_t> integers{
        0, 1, -1, 127, 128, 32768, -8388609, INT64_MAX, INT64_MIN, std::int64_t{1} << 47U};
    const std::string bytes = any_bytes();
    switch (below(6)) {
      case 0:
        sqlite3_bind_null(statement, column);
        break;
      case 1:
        sqlite3_bind_double(statement, column, reals[below(reals.size())]);
        break;
      case 2:
        sqlite3_bind_int64(statement, column, integers[below(integers.size())]);
        break;
      case 3:
        sqlite3_bind_blob64(statement, column, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
        break;
      default:
        sqlite3_bind_text64(statement, column, bytes.data(), bytes.size(), SQLITE_TRANSIENT,
                            SQLITE_UTF8);
    }
  }

  void insert(Database& database, const std::string& sql, int columns) {
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(database.handle(), sql.c_str(), -1, &statement, nullptr) ==
            SQLITE_OK);
    const std::size_t rows = below(40);
    for (std::size_t row = 0; row < rows; ++row) {
      for (int column = 1; column <= columns; ++column) {
        bind(statement, column);
      }
      sqlite3_step(statement);  // a type that a key does not take: then there is a row less
      sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
  }

  std::minstd_rand random_;
};

TEST_CASE("digests are those that a program in another language computes") {
  const std::filesystem::path python = "/usr/bin/python3";
  if (!std::filesystem::exists(python)) {
    MESSAGE("SKIPPED: there is no /usr/bin/python3 to compare digests with");
    return;
  }
  const std::string key_bytes = "a key that both know of";
  std::uint64_t all_rows = 0;
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    INFO("seed ", seed);
    const TemporaryDirectory directory;
    const auto path = directory / "chance.db";
    {
      Database database{path};
      Chance{seed}.fill(database);
    }
    Connection connection{path, std::chrono::milliseconds{0}, {}, false};
    const Content content = content_of(connection, crypto::MacKey{as_bytes(key_bytes)}, {}, {});
    CHECK(content.unchecked.empty());
    std::string lines;
    for (const Object& each : content.objects) {
      if (each.kind == "table") {
        lines += hexadecimal(as_bytes(each.name)) + " " + std::to_string(*each.rows) + " " +
                 each.value + "\n";
        all_rows += *each.rows;
      }
    }
    const os::Printed said =
        os::run_program({.program = python,
                         .arguments = {TRACKIER_SOURCE_DIR "/tests/lib/sqlite/content_digest.py",
                                       path.native(), hexadecimal(as_bytes(key_bytes))}},
                        1U << 20U);
    REQUIRE_MESSAGE(said.ended.well(), said.ended.complaints);
    CHECK(said.output == lines);
  }
  CHECK(all_rows > 500);
}

}  // namespace
}  // namespace trackier::sqlite
