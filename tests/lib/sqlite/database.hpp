#pragma once
/// A database as others use it; the code under test has a connection of its own.

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <filesystem>
#include <string>

namespace trackier::test {

class Database {
 public:
  explicit Database(const std::filesystem::path& path) {
    REQUIRE(sqlite3_open(path.c_str(), &handle_) == SQLITE_OK);
    sqlite3_busy_timeout(handle_, 20000);
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  Database(Database&&) = delete;
  Database& operator=(Database&&) = delete;
  ~Database() { sqlite3_close(handle_); }

  bool try_run(const std::string& sql) {
    return sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  }
  void run(const std::string& sql) {
    const bool done = try_run(sql);
    REQUIRE_MESSAGE(done, sqlite3_errmsg(handle_));
  }
  std::string value(const std::string& sql) {
    std::string text;
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    if (sqlite3_step(statement) == SQLITE_ROW) {
      text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    }
    sqlite3_finalize(statement);
    return text;
  }

  [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }

 private:
  sqlite3* handle_ = nullptr;
};

}  // namespace trackier::test
