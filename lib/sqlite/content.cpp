#include "sqlite/content.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "content/multiset_digest.hpp"
#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "os/signals.hpp"
#include "sqlite/statement.hpp"

namespace trackier::sqlite {
namespace {

using content::Content;
using content::MultisetDigest;

constexpr std::size_t definition_digits = 32;
/// A statement has so many columns at most, as SQLite is built everywhere.
constexpr std::size_t most_columns = 2000;
/// Rows between two looks at whether to stop; SQLite looks by itself as well.
constexpr std::uint64_t rows_between_looks = 4096;

/// Types of values, in front of each in a row.
enum class Tag : std::uint8_t { null = 0, integer = 1, real = 2, text = 3, blob = 4 };

/// A row as bytes that two different rows do not have in common. Grows to the longest and stays.
class RowBytes {
 public:
  void clear() noexcept { size_ = 0; }
  [[nodiscard]] Bytes bytes() const noexcept { return Bytes{bytes_}.first(size_); }

  /// value: of a row of a statement. It is asked itself and not by its place in the row, for each
  /// question would look it up anew.
  void add(sqlite3_value* value) {
    switch (sqlite3_value_type(value)) {
      case SQLITE_INTEGER:
        number(Tag::integer, static_cast<std::uint64_t>(sqlite3_value_int64(value)));
        break;
      case SQLITE_FLOAT:
        number(Tag::real, std::bit_cast<std::uint64_t>(sqlite3_value_double(value)));
        break;
      case SQLITE_TEXT:
        // Not sqlite3_value_text: it would make UTF-8 of UTF-16, and a copy with a zero at the end.
        sized(Tag::text, value);
        break;
      case SQLITE_BLOB:
        sized(Tag::blob, value);
        break;
      default:
        *grow(1) = static_cast<std::byte>(Tag::null);
    }
  }

 private:
  static constexpr std::size_t number_bytes = 8;

  std::byte* grow(std::size_t bytes) {
    const std::size_t at = size_;
    size_ += bytes;
    if (size_ > bytes_.size()) {
      bytes_.resize(2 * size_);
    }
    return bytes_.data() + at;
  }

  void number(Tag tag, std::uint64_t number) {
    std::byte* const out = grow(1 + number_bytes);
    out[0] = static_cast<std::byte>(tag);
    for (std::size_t i = 0; i < number_bytes; ++i) {
      out[1 + i] = static_cast<std::byte>(number >> (8 * (number_bytes - 1 - i)));
    }
  }

  void sized(Tag tag, sqlite3_value* value) {
    const void* const data = sqlite3_value_blob(value);
    const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
    number(tag, size);
    if (size > 0) {
      std::memcpy(grow(size), data, size);
    }
  }

  std::vector<std::byte> bytes_;
  std::size_t size_ = 0;
};

/// One row of sqlite_schema.
struct Defined {
  std::string type;  ///< "table", "index", "view", "trigger"; of a forged schema anything
  std::string name;
  std::string table;
  std::string sql;
  bool has_rows = false;  ///< of its own: views and virtual tables have none
};

/// What a row of sqlite_schema is as an object.
std::string_view kind_of(const Defined& defined) {
  if (defined.type == "table") {
    return "columns";
  }
  for (const std::string_view kind : {"index", "view", "trigger"}) {
    if (defined.type == kind) {
      return kind;
    }
  }
  return "other";
}

std::set<std::string> in_lower_case(const std::set<std::string>& names) {
  std::set<std::string> made;
  for (const std::string& name : names) {
    made.insert(ascii_lower(name));
  }
  return made;
}

std::string quoted(const std::string& name) {
  std::string made = "\"";
  for (const char letter : name) {
    made += letter;
    if (letter == '"') {
      made += letter;
    }
  }
  return made + "\"";
}

class Describing {
 public:
  Describing(Connection& connection, const crypto::MacKey& key, const ContentOptions& options,
             const std::stop_token& stop)
      : connection_(connection), key_(key), skip_(in_lower_case(options.skip)), stop_(stop) {}

  Content all() {
    for (const Defined& each : definitions()) {
      os::throw_if_stopped(stop_);
      define(each);
      if (each.type == "table") {
        read(each);
      }
    }
    settings();
    content::sort(content_);
    return std::move(content_);
  }

 private:
  std::vector<Defined> definitions() {
    std::vector<Defined> all;
    std::set<std::pair<std::string_view, std::string>> seen;
    Statement statement{
        connection_,
        "SELECT type, name, tbl_name, sql,"
        " rootpage > 0 AND sql NOT LIKE 'create virtual %' FROM main.sqlite_schema"};
    while (statement.step()) {
      all.push_back({.type = statement.text(0),
                     .name = statement.text(1),
                     .table = statement.text(2),
                     .sql = statement.text(3),
                     .has_rows = statement.text(4) == "1"});
      if (!seen.emplace(kind_of(all.back()), all.back().name).second) {
        throw Error{Code::data, fmt::format("the schema has {} {} twice", kind_of(all.back()),
                                            printable(all.back().name))};
      }
    }
    return all;
  }

  void define(const Defined& each) {
    const Bytes what = as_bytes("definition");
    std::vector<std::byte> framed{what.begin(), what.end()};
    for (const std::string* part : {&each.type, &each.name, &each.table, &each.sql}) {
      for (unsigned shift = 0; shift < 64; shift += 8) {
        framed.push_back(static_cast<std::byte>(part->size() >> shift));
      }
      const Bytes bytes = as_bytes(*part);
      framed.insert(framed.end(), bytes.begin(), bytes.end());
    }
    content_.objects.push_back(
        {.kind = std::string{kind_of(each)},
         .name = each.name,
         .rows = std::nullopt,
         .value = hexadecimal(key_.mac(framed)).substr(0, definition_digits)});
  }

  void read(const Defined& table) {
    if (!table.has_rows) {
      leave_out("virtual table ", table,
                "its rows are in its shadow tables, which are compared, or not in this database");
      return;
    }
    if (skip_.contains(ascii_lower(table.name))) {
      leave_out("table ", table, "the settings leave it out");
      return;
    }
    try {
      digest(table);
    } catch (const UnknownToLibrary& error) {
      leave_out("table ", table,
                fmt::format("SQLite cannot read it without its application: {}", error.what()));
    }
  }

  void digest(const Defined& table) {
    Statement statement{connection_, select(table.name)};
    MultisetDigest digest{key_};
    RowBytes row;
    const int columns = statement.columns();
    while (statement.step()) {
      if (digest.rows() % rows_between_looks == 0) {
        os::throw_if_stopped(stop_);
      }
      row.clear();
      for (int column = 0; column < columns; ++column) {
        row.add(sqlite3_column_value(statement.handle(), column));
      }
      digest.add(row.bytes());
    }
    content_.objects.push_back({.kind = "table",
                                .name = table.name,
                                .rows = digest.rows(),
                                .value = digest.finish(table.name)});
  }

  /// All that is stored of a table: its rowid where it has one, and its columns. Generated columns
  /// that are not stored are computed, perhaps by functions that are not here.
  std::string select(const std::string& table) {
    constexpr std::string_view ordinary = "0";
    constexpr std::string_view stored = "3";
    std::vector<std::string> names;
    std::vector<std::string> all;
    // Not pragma_table_xinfo(): the database may have a table of that name.
    Statement info{connection_, fmt::format("PRAGMA main.table_xinfo({})", quoted(table))};
    constexpr int at_name = 1;
    constexpr int at_hidden = 6;
    while (info.step()) {
      all.push_back(ascii_lower(info.text(at_name)));
      if (info.text(at_hidden) == ordinary || info.text(at_hidden) == stored) {
        // Without the table, SQLite would take a name that is not there for a text.
        names.push_back("t." + quoted(info.text(at_name)));
      }
    }
    for (const char* rowid : {"rowid", "oid", "_rowid_"}) {
      if (std::ranges::find(all, rowid) == all.end()) {
        if (names.size() < most_columns && has_rowid(table, rowid)) {
          names.insert(names.begin(), fmt::format("t.{}", rowid));
        }
        break;
      }
    }
    // An index that has all columns would do for SQLite; it is the table that is to be read.
    return fmt::format("SELECT {} FROM main.{} AS t NOT INDEXED", fmt::join(names, ", "),
                       quoted(table));
  }

  bool has_rowid(const std::string& table, const char* name) {
    try {
      const Statement probe{connection_,
                            fmt::format("SELECT {} FROM main.{}", name, quoted(table))};
      return true;
    } catch (const UnknownToLibrary&) {
      return false;
    }
  }

  void leave_out(std::string_view what, const Defined& table, std::string why) {
    content_.unchecked.push_back({.name = std::string{what} + table.name, .why = std::move(why)});
  }

  void settings() {
    for (const char* name :
         {"user_version", "application_id", "encoding", "auto_vacuum", "page_size"}) {
      Statement statement{connection_, fmt::format("PRAGMA main.{}", name)};
      content_.objects.push_back(
          {.kind = "setting",
           .name = name,
           .rows = std::nullopt,
           .value = statement.step() ? in_words(name, statement.text(0)) : ""});
    }
  }

  /// https://www.sqlite.org/pragma.html#pragma_auto_vacuum
  static std::string in_words(std::string_view setting, const std::string& value) {
    constexpr std::array<std::string_view, 3> ways{"none", "full", "incremental"};
    for (std::size_t i = 0; setting == "auto_vacuum" && i < ways.size(); ++i) {
      if (value == std::to_string(i)) {
        return std::string{ways.at(i)};
      }
    }
    return value;
  }

  Connection& connection_;
  const crypto::MacKey& key_;
  std::set<std::string> skip_;  ///< in lower case
  const std::stop_token& stop_;
  Content content_;
};

}  // namespace

Content content_of(Connection& connection, const crypto::MacKey& key, const ContentOptions& options,
                   const std::stop_token& stop) {
  return Describing{connection, key, options, stop}.all();
}

}  // namespace trackier::sqlite
