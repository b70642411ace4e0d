#pragma once
/// A connection to a database for reading what it is at one moment, for one thread at a time. Of
/// interest inside this area, and to who restores.

#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/error.hpp"

struct sqlite3;

namespace trackier::sqlite {

class Connection {
 public:
  /// path: absolute. Waits up to `patience` for locks of others. Changes nothing but what SQLite
  /// has to: it rolls a hot journal back. keep_log: leaves a write-ahead log that is there as it
  /// is, instead of copying it into the database when nobody else has that open. Throws
  /// Error{Code::no_input}.
  Connection(const std::filesystem::path& path, std::chrono::milliseconds patience,
             std::stop_token stop, bool keep_log);
  /// For a file that nobody changes: takes no locks, asks for no log, makes no file beside it, and
  /// its name may be removed once it is open. Throws Error{Code::no_input}.
  Connection(const std::filesystem::path& path, std::stop_token stop);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  Connection(Connection&&) = delete;
  Connection& operator=(Connection&&) = delete;
  ~Connection();

  /// Reads the file as memory from now on, as much of it as SQLite does that with (2 GiB): checks
  /// look at most pages more than once, and a page read with a system call costs as much as looking
  /// at it. Of a file that nobody changes: one that is cut short, or a disk that fails, ends the
  /// process. Reads the schema, and throws what reading throws.
  void map_file();

  void execute(const char* sql);
  /// Reads on where SQLite would refuse: a file that is shorter than its header says.
  void tolerate_damage();
  /// The first column of all rows, as text.
  std::vector<std::string> column(const char* sql);
  /// The first column of the one row of a statement that only reads; none: NULL. parameters: for
  /// $1, $2, ... Throws Error{Code::verdict} for another number of rows, and a statement that
  /// writes or is not understood.
  std::optional<std::string> value(const std::string& sql,
                                   const std::vector<std::string>& parameters);

  /// All of the database into a new file, in one step. Throws what reading and writing throw.
  void copy_to(const std::filesystem::path& path);

  /// Of interest inside this area: SQLite's own, and an error of it.
  [[nodiscard]] sqlite3* handle() const noexcept { return database_; }
  [[noreturn]] void fail(int result, const std::string& what) const;

 private:
  void opened(int result);
  void set_up(bool keep_log);

  std::string shown_;
  std::stop_token stop_;
  std::chrono::milliseconds patience_;
  sqlite3* database_ = nullptr;
};

/// Has a database stand alone: what is in its log is copied into it, a journal is rolled back, and
/// both are gone when nobody else has it open. What is no database stays as it is. Throws
/// Error{Code::busy} when somebody uses it.
void settle(const std::filesystem::path& path);

}  // namespace trackier::sqlite
