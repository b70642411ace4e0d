#pragma once
/// A prepared statement of a connection. Of interest inside this area only.

#include <memory>
#include <string>

#include "core/error.hpp"
#include "sqlite/connection.hpp"

struct sqlite3_stmt;

namespace trackier::sqlite {

/// SQLite does not understand a statement: a table, column, function or collation is not there. Its
/// code is Code::data.
class UnknownToLibrary : public Error {
 public:
  using Error::Error;
};

class Statement {
 public:
  /// Throws UnknownToLibrary, and what Connection throws.
  Statement(Connection& connection, const std::string& sql);

  /// number: of the parameter, from 1 on.
  void bind(int number, const std::string& text);
  [[nodiscard]] int parameters() const noexcept;
  [[nodiscard]] bool is_read_only() const noexcept;

  /// Goes to the next row; false after the last.
  bool step();
  [[nodiscard]] int columns() const noexcept;
  [[nodiscard]] bool is_null(int column) const noexcept;
  /// Of the row, from 0 on; of NULL empty.
  [[nodiscard]] std::string text(int column) const;

  [[nodiscard]] sqlite3_stmt* handle() const noexcept { return statement_.get(); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };

  Connection& connection_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace trackier::sqlite
