#pragma once
/// A PostgreSQL server of a test's own: a new cluster in a temporary directory, reached by a socket
/// in it, gone with the object, and with the process however that ends.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "os/program.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::test {

class PostgresServer {
 public:
  /// Makes a cluster, with data checksums and the superuser `postgres`, and starts it. Trusts
  /// whoever may open the socket, except for roles in `pg_hba` lines, which go first. settings:
  /// "work_mem=1MB". When PostgreSQL is not installed, says so loudly, "SKIPPED: ...", and returns
  /// null: the test returns then, and passes. Root runs it as the user nobody.
  static std::unique_ptr<PostgresServer> start(const std::vector<std::string>& settings = {},
                                               std::string_view pg_hba = {});

  /// Starts a cluster that was restored: `data` is moved into the new object.
  static std::unique_ptr<PostgresServer> adopt(const std::filesystem::path& data);

  /// The one that the tests of a program share, as of start().
  static PostgresServer* shared();

  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  PostgresServer(PostgresServer&&) = delete;
  PostgresServer& operator=(PostgresServer&&) = delete;
  ~PostgresServer();

  /// For libpq: as `user`, without a password.
  [[nodiscard]] std::string conninfo(std::string_view database = "postgres",
                                     std::string_view user = "postgres") const;

  /// What psql prints, a row a line, columns between '|'. Throws std::runtime_error when a
  /// statement fails.
  std::string sql(std::string_view statements, std::string_view database = "postgres") const;

  /// Makes a database of that name, or makes it anew.
  void create_database(std::string_view name) const;

  /// Stops the server, as `pg_ctl stop -m fast` does, or starts it again.
  void stop();
  void start_again();

  /// A new directory that the server owns, for a tablespace.
  [[nodiscard]] std::filesystem::path make_directory(std::string_view name) const;

  [[nodiscard]] std::filesystem::path data() const { return directory_ / "data"; }
  [[nodiscard]] std::filesystem::path log() const { return directory_ / "log"; }
  [[nodiscard]] std::filesystem::path socket_directory() const { return directory_.path(); }
  [[nodiscard]] static std::filesystem::path programs();  ///< where postgres is; empty: nowhere

  /// Runs one of its programs as the user the server runs as, and returns what it prints on both
  /// streams. Throws std::runtime_error when it fails.
  static std::string run(std::string_view program, std::vector<std::string> arguments);

  /// Gives a path and what is below it to the user the server runs as.
  static void hand_over(const std::filesystem::path& path);

 private:
  explicit PostgresServer(std::vector<std::string> settings);
  void initialize(std::string_view pg_hba) const;

  TemporaryDirectory directory_;
  std::vector<std::string> settings_;
  std::unique_ptr<os::RunningProgram> server_;
};

}  // namespace trackier::test
