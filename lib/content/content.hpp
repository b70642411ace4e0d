#pragma once
/// What is in a database, in a form that can be compared after a restore: its objects, the rows of
/// its tables, and keyed digests of both. No value of a row is in it. trackier-proof(5), DIGESTS.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trackier::content {

/// Something that is compared.
struct Object {
  std::string kind;  ///< "table", "index", "trigger", "sequence", ...: one word, ASCII
  std::string name;  ///< as the database has it, qualified where it has schemas; any bytes
  std::optional<std::uint64_t> rows;  ///< of what has rows
  std::string value;  ///< digest in hexadecimal, or what it is in words; empty: only counted

  friend bool operator==(const Object&, const Object&) = default;
};

/// Something that is not compared.
struct Unchecked {
  std::string name;  ///< "foreign table public.rates"
  std::string why;   ///< "its rows are not in this database"

  friend bool operator==(const Unchecked&, const Unchecked&) = default;
};

struct Content {
  std::vector<Object> objects;  ///< in order of kind and name; no two have the same
  std::vector<Unchecked> unchecked;

  friend bool operator==(const Content&, const Content&) = default;
};

/// Puts everything in order. Throws Error{Code::bug} when two objects have one kind and name.
void sort(Content& content);

/// A table, trigger, ... that differs. Printable.
struct Difference {
  std::string object;  ///< "table clicks"
  std::string
      expected;  ///< "1000 rows, digest 9f86d081884c7d65...", a setting; "nothing": not there
  std::string found;

  friend bool operator==(const Difference&, const Difference&) = default;
};

/// What differs between two, both sorted, and how much was compared. The most telling first:
/// tables, sequences, large objects, columns, then the others by kind and name.
struct Comparison {
  std::size_t compared = 0;  ///< objects that one of the two has, or both
  std::vector<Difference> differences;
};
Comparison compare(const Content& expected, const Content& found);

/// JSON without white space, for what a backup remembers of its source:
/// {"objects":[[kind,name,rows or null,value],...],"unchecked":[[name,why],...]}. A text that is
/// not UTF-8 is {"hex":"its bytes in small digits"} instead. content: sorted.
std::string encode(const Content& content);
/// Throws Error{Code::data} for anything that encode() would not have written.
Content decode(std::string_view json);

}  // namespace trackier::content
