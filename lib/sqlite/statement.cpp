#include "sqlite/statement.hpp"

#include <sqlite3.h>

#include "core/text.hpp"

namespace trackier::sqlite {

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

Statement::Statement(Connection& connection, const std::string& sql) : connection_(connection) {
  sqlite3_stmt* raw = nullptr;
  const int result = sqlite3_prepare_v2(connection.handle(), sql.c_str(),
                                        static_cast<int>(sql.size() + 1), &raw, nullptr);
  statement_.reset(raw);
  if (result == SQLITE_ERROR) {
    throw UnknownToLibrary{Code::data, printable(sqlite3_errmsg(connection.handle()))};
  }
  if (result != SQLITE_OK || raw == nullptr) {
    connection_.fail(result, "reading");
  }
}

void Statement::bind(int number, const std::string& text) {
  if (sqlite3_bind_text64(statement_.get(), number, text.data(), text.size(), SQLITE_TRANSIENT,
                          SQLITE_UTF8) != SQLITE_OK) {
    throw Error{Code::bug, "a parameter that the statement does not have"};
  }
}

int Statement::parameters() const noexcept {
  return sqlite3_bind_parameter_count(statement_.get());
}

bool Statement::is_read_only() const noexcept {
  return sqlite3_stmt_readonly(statement_.get()) != 0;
}

bool Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ERROR) {
    throw UnknownToLibrary{Code::data, printable(sqlite3_errmsg(connection_.handle()))};
  }
  if (result != SQLITE_ROW && result != SQLITE_DONE) {
    connection_.fail(result, "reading");
  }
  return result == SQLITE_ROW;
}

int Statement::columns() const noexcept {
  return sqlite3_column_count(statement_.get());
}

bool Statement::is_null(int column) const noexcept {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::string Statement::text(int column) const {
  const auto* const text = sqlite3_column_text(statement_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  // SQLite's text is unsigned char: the same bytes under another name.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  return text == nullptr ? std::string{} : std::string(reinterpret_cast<const char*>(text), size);
}

}  // namespace trackier::sqlite
