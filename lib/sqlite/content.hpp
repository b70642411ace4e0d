#pragma once
/// What is in a SQLite database: its tables row by row, and what is defined in it.
/// trackier-proof(5), DIGESTS.
///
/// A "table" is every one that stores rows, those of SQLite itself and the shadow tables of virtual
/// ones among them; its digest is a content::MultisetDigest. A row is its rowid, where it has one
/// that a column does not hide, and its columns as they were declared, without those generated
/// columns that are not stored. Each value is a byte and what follows it, numbers with the most
/// significant byte first:
///   0  NULL
///   1  INTEGER: 8 bytes, two's complement
///   2  REAL: 8 bytes, IEEE 754
///   3  TEXT: length in 8 bytes, and the bytes as they are stored, in the encoding of the database,
///      be they valid or not
///   4  BLOB: length in 8 bytes, and the bytes
/// What SQLite makes of a number before it stores it is not undone: 2.0 in a column of integers is
/// INTEGER, NaN is NULL, -0.0 is 0.0 in a column declared REAL. A table of 2000 columns, as many as
/// a query can ask for, is read without its rowid.
///
/// "columns" (of a table), "index", "view" and "trigger" are the rows of sqlite_schema: 32
/// hexadecimal digits of the HMAC of the ten letters "definition" and of type, name, tbl_name and
/// sql (NULL is the empty text), each after its length (8 bytes, least significant first).
/// "setting" is what a PRAGMA says.

#include <set>
#include <stop_token>
#include <string>

#include "content/content.hpp"
#include "crypto/mac.hpp"
#include "sqlite/connection.hpp"

namespace trackier::sqlite {

struct ContentOptions {
  std::set<std::string> skip;  ///< names of tables whose rows are not read; case is ignored
};

/// Reads all tables, in the transaction the connection is in. Nothing that a schema made by SQLite
/// says is run: no view, trigger, virtual table or function. A table that cannot be read without
/// what the application brings, as a collation it is sorted by, is named as unchecked. Throws
/// Error{Code::data} when the database is damaged, and Interrupted.
content::Content content_of(Connection& connection, const crypto::MacKey& key,
                            const ContentOptions& options, const std::stop_token& stop);

}  // namespace trackier::sqlite
