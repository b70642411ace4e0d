#pragma once
/// One database as pg_dump writes it, and back: the way that crosses versions and machines.
///
/// The tools are given no password: like libpq they take it from ~/.pgpass or a service file. They
/// are handed an environment, which HOME, PATH and the PG* variables have to come from.

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/stream.hpp"
#include "postgres/connection.hpp"
#include "postgres/tools.hpp"

namespace trackier::os {
class RunningProgram;
}  // namespace trackier::os

namespace trackier::postgres {

struct LogicalOptions {
  ConnectionOptions connection;
  std::vector<std::string> environment;  ///< NAME=VALUE, of the tools
  ToolSearch tools;
};

/// A dump in pg_dump's custom format, not compressed, read as it is made. It shows the database as
/// of the moment of construction, whatever is written meanwhile, and so does what snapshot() is
/// asked. Roles and tablespaces are not in it: see dump_globals.
class LogicalDump final : public Source {
 public:
  /// Throws what Connection and find_tool throw.
  explicit LogicalDump(const LogicalOptions& options);
  LogicalDump(const LogicalDump&) = delete;
  LogicalDump& operator=(const LogicalDump&) = delete;
  LogicalDump(LogicalDump&&) = delete;
  LogicalDump& operator=(LogicalDump&&) = delete;
  /// Ends pg_dump when it still runs.
  ~LogicalDump() override;

  /// A read-only transaction with the dump's snapshot: counts and sums taken here are those of the
  /// dump. Until finish().
  [[nodiscard]] Connection& snapshot() noexcept { return connection_; }

  [[nodiscard]] const Tool& tool() const noexcept { return tool_; }

  /// The end says nothing about how it went: ask expect_whole().
  std::size_t read(MutBytes into) override;

  /// After the end was read. Throws Error{Code::no_permission} when pg_dump may not read something
  /// and Error{Code::unavailable} when it failed otherwise, with what it said; Error{Code::bug}
  /// when the end was not read.
  void expect_whole();

  /// expect_whole(), and ends the transaction. Throws as well when its connection has ended.
  /// Without it there is no dump.
  void finish();

 private:
  static constexpr std::size_t magic_bytes = 5;

  Connection connection_;
  Tool tool_;
  std::unique_ptr<os::RunningProgram> program_;
  std::array<char, magic_bytes> begin_{};  ///< what it begins with
  std::size_t begin_size_ = 0;
  bool ended_ = false;
  bool is_whole_ = false;  ///< pg_dump has said so
};

/// Roles without their passwords, tablespaces, and rights on them, as SQL from pg_dumpall. Throws
/// as LogicalDump::finish does.
std::string dump_globals(const LogicalOptions& options);

struct RestoreOptions {
  LogicalOptions target;          ///< with `create`: any database of the server
  std::filesystem::path archive;  ///< a regular file, for it is read in several places
  bool create = false;  ///< make the database, with the name and the settings it had; otherwise
                        ///< they are not restored
  bool require_empty = true;  ///< refuse a database that has tables; not with `create`, where the
                              ///< database must not exist in any case
  int jobs = 1;               ///< connections that restore at the same time
};

struct Restored {
  std::size_t entries = 0;  ///< of the archive's table of contents
  std::size_t tables = 0;
  std::size_t filled_tables = 0;  ///< those with data in the archive
};

/// Restores a dump with pg_restore, which stops at the first error; what was restored before that
/// stays. An archive is a program: its functions and rules run with the rights of the role.
/// Throws Error{Code::cannot_create} when the database is not empty; Error{Code::data} for a file
/// that is no dump; otherwise as LogicalDump::finish does.
Restored restore_logical(const RestoreOptions& options);

}  // namespace trackier::postgres
