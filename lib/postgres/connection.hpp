#pragma once
/// A connection to a PostgreSQL server, 13 or later.
///
/// Everything waits in steps of a tenth of a second and throws os::Interrupted when a signal asks
/// the run to end; the statement that runs on the server is cancelled then. Errors are those of the
/// server, by their SQLSTATE: see server_error.hpp. They repeat the first line of what it says,
/// never its details, which quote rows.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "postgres/conninfo.hpp"

struct pg_conn;  // of libpq
struct pg_result;

namespace trackier::postgres {

using Value = std::optional<std::string>;  ///< none: NULL
using Row = std::vector<Value>;
using Rows = std::vector<Row>;

struct ResultDeleter {
  void operator()(pg_result* result) const noexcept;
};
using Result = std::unique_ptr<pg_result, ResultDeleter>;

/// Notices and warnings, the first hundred of them, printable.
struct Notices {
  std::vector<std::string> texts;
  std::size_t count = 0;  ///< all there were
};

class Connection {
 public:
  /// Connects, within the time given. An ordinary session has search_path=pg_catalog, encoding
  /// UTF8, times ISO in UTC, floating-point numbers in full, bytea in hexadecimal, row_security off
  /// (a policy that would hide rows is an error), no statement timeout and a lock timeout of a
  /// minute. Throws what connection_parameters() throws; Error{Code::unavailable} when the server
  /// cannot be reached, is too old, or a TCP connection turns out not to be encrypted.
  explicit Connection(const ConnectionOptions& options);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  Connection(Connection&&) = delete;
  Connection& operator=(Connection&&) = delete;
  ~Connection();

  /// The rows of one statement; values as text. parameters: for $1, $2, ...; not in replication.
  Rows query(const std::string& sql, const std::vector<Value>& parameters = {});

  /// The one value of a statement. Throws Error{Code::bug} when it gives none, NULL, or several.
  std::string value(const std::string& sql, const std::vector<Value>& parameters = {});

  /// Runs statements, separated by semicolons, for what they do.
  void execute(const std::string& sql);

  [[nodiscard]] int server_version() const;  ///< 150018 for 15.18
  [[nodiscard]] int server_major() const { return server_version() / 10000; }
  [[nodiscard]] bool is_local_socket() const;
  [[nodiscard]] std::string database() const;
  [[nodiscard]] std::string user() const;

  /// What the server reports of itself, e.g. "server_encoding", "is_superuser"; none for a name it
  /// does not report.
  [[nodiscard]] std::optional<std::string> parameter_status(const std::string& name) const;

  /// For --dbname of the server's tools: the same server, database and user. Has no password in it.
  [[nodiscard]] std::string conninfo() const;

  [[nodiscard]] const Notices& notices() const noexcept { return notices_; }

  /// Of interest inside this area: a statement whose results are taken one by one, null after the
  /// last.
  void send(const std::string& sql);
  Result next_result();
  /// While a result is PGRES_COPY_OUT: the next message, empty at the end of the copy. next_result
  /// says then whether that was as it should be.
  std::string copied();

 private:
  struct Closer {
    void operator()(pg_conn* connection) const noexcept;
  };

  void connect();
  void check_server() const;
  void set_up();
  Result take_result();
  Result last_result();
  [[noreturn]] void fail(const pg_result* result) const;
  [[noreturn]] void fail_to_connect() const;
  [[noreturn]] void fail_lost() const;
  void take_arrived();
  void wait_for_more() const;
  void cancel() noexcept;
  /// Runs what may wait; on a signal cancels what the server does.
  template <typename Action>
  auto cancelling(const Action& action);

  ConnectionParameters parameters_;
  Notices notices_;
  std::unique_ptr<pg_conn, Closer> connection_;
};

}  // namespace trackier::postgres
