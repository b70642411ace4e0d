#include "postgres/connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>

#include "core/error.hpp"
#include "os/signals.hpp"
#include "postgres/libpq.hpp"
#include "postgres/server_error.hpp"
#include "postgres/wait.hpp"

namespace trackier::postgres {
namespace {

std::string field(const pg_result* result, int code) {
  const char* const text = libpq().result_error_field(result, code);
  return text == nullptr ? std::string{} : std::string{text};
}

}  // namespace

void ResultDeleter::operator()(pg_result* result) const noexcept {
  libpq().clear(result);
}

void Connection::Closer::operator()(pg_conn* connection) const noexcept {
  libpq().finish(connection);
}

void Connection::fail(const pg_result* result) const {
  ServerComplaint complaint{.sqlstate = field(result, PG_DIAG_SQLSTATE),
                            .text = field(result, PG_DIAG_MESSAGE_PRIMARY)};
  if (complaint.sqlstate.empty()) {
    fail_lost();  // a result that libpq has made itself
  }
  throw ServerError{server_error(complaint, parameters_.contains("replication")),
                    complaint.sqlstate};
}

void Connection::fail_lost() const {
  ServerComplaint complaint = parse_startup_complaint(libpq().error_message(connection_.get()));
  if (complaint.text.empty()) {
    complaint.text = "the connection was lost";
  }
  throw server_error(complaint, false).within("talking to PostgreSQL");
}

/// Takes what has arrived, without waiting; encrypted data may have been read before, so that
/// poll(2) knows nothing of it.
void Connection::take_arrived() {
  if (libpq().consume_input(connection_.get()) == 0) {
    fail_lost();
  }
}

void Connection::wait_for_more() const {
  const int socket = libpq().socket(connection_.get());
  if (socket == -1) {
    fail_lost();
  }
  wait_a_step(socket, POLLIN);
}

void Connection::cancel() noexcept {
  PGcancel* const handle = libpq().get_cancel(connection_.get());
  if (handle != nullptr) {
    std::array<char, 256> complaint{};  // of no interest: we are leaving
    libpq().cancel(handle, complaint.data(), static_cast<int>(complaint.size()));
    libpq().free_cancel(handle);
  }
}

template <typename Action>
auto Connection::cancelling(const Action& action) {
  try {
    return action();
  } catch (const os::Interrupted&) {
    cancel();
    throw;
  }
}

void Connection::send(const std::string& sql) {
  os::throw_if_interrupted();
  if (libpq().send_query(connection_.get(), sql.c_str()) == 0) {
    fail_lost();
  }
}

Result Connection::take_result() {
  return cancelling([&] {
    for (bool looked = false; libpq().is_busy(connection_.get()) != 0; looked = true) {
      if (looked) {
        wait_for_more();
      }
      take_arrived();
    }
    return Result{libpq().get_result(connection_.get())};
  });
}

Result Connection::next_result() {
  Result result = take_result();
  if (result && libpq().result_status(result.get()) == PGRES_FATAL_ERROR) {
    fail(result.get());
  }
  return result;
}

std::string Connection::copied() {
  return cancelling([&] {
    for (bool looked = false;; looked = true) {
      char* message = nullptr;
      const int size = libpq().get_copy_data(connection_.get(), &message, 1);
      if (size > 0) {
        std::string copy{message, static_cast<std::size_t>(size)};
        libpq().freemem(message);
        return copy;
      }
      if (size == -1) {
        return std::string{};
      }
      if (size == -2) {
        fail_lost();
      }
      if (looked) {
        wait_for_more();
      }
      take_arrived();
    }
  });
}

/// Of a statement that was sent. All results are taken, also after an error, so that another
/// statement can follow.
Result Connection::last_result() {
  Result last;
  Result failed;
  while (Result result = take_result()) {
    const ExecStatusType status = libpq().result_status(result.get());
    if (status == PGRES_COPY_OUT || status == PGRES_COPY_IN || status == PGRES_COPY_BOTH) {
      throw Error{Code::bug, "a COPY is not run this way"};
    }
    (status == PGRES_FATAL_ERROR && !failed ? failed : last) = std::move(result);
  }
  if (failed) {
    fail(failed.get());
  }
  return last;
}

Rows Connection::query(const std::string& sql, const std::vector<Value>& parameters) {
  if (parameters.empty()) {
    send(sql);
  } else {
    os::throw_if_interrupted();
    std::vector<const char*> values;
    values.reserve(parameters.size());
    for (const Value& parameter : parameters) {
      values.push_back(parameter ? parameter->c_str() : nullptr);
    }
    if (libpq().send_query_params(connection_.get(), sql.c_str(), static_cast<int>(values.size()),
                                  nullptr, values.data(), nullptr, nullptr, 0) == 0) {
      fail_lost();
    }
  }
  const Result result = last_result();
  const int columns = libpq().nfields(result.get());
  Rows rows(static_cast<std::size_t>(libpq().ntuples(result.get())));
  for (int row = 0; row < libpq().ntuples(result.get()); ++row) {
    for (int column = 0; column < columns; ++column) {
      Value value;
      if (libpq().getisnull(result.get(), row, column) == 0) {
        value.emplace(libpq().getvalue(result.get(), row, column),
                      static_cast<std::size_t>(libpq().getlength(result.get(), row, column)));
      }
      rows[static_cast<std::size_t>(row)].push_back(std::move(value));
    }
  }
  return rows;
}

std::string Connection::value(const std::string& sql, const std::vector<Value>& parameters) {
  Rows rows = query(sql, parameters);
  if (rows.size() != 1 || rows.front().size() != 1 || !rows.front().front()) {
    throw Error{Code::bug, "a statement did not give one value"};
  }
  return std::move(*rows.front().front());
}

void Connection::execute(const std::string& sql) {
  send(sql);
  last_result();
}

int Connection::server_version() const {
  return libpq().server_version(connection_.get());
}

bool Connection::is_local_socket() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  // A socket's address is one structure or another of the same beginning.
  return ::getsockname(libpq().socket(connection_.get()), reinterpret_cast<sockaddr*>(&address),
                       &size) == 0 &&
         address.ss_family == AF_UNIX;
}

std::string Connection::database() const {
  return libpq().db(connection_.get());
}

std::string Connection::user() const {
  return libpq().user(connection_.get());
}

std::optional<std::string> Connection::parameter_status(const std::string& name) const {
  const char* const value = libpq().parameter_status(connection_.get(), name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

std::string Connection::conninfo() const {
  ConnectionParameters parameters = parameters_;
  parameters["dbname"] = database();
  parameters["user"] = user();
  return conninfo_of(parameters);
}

}  // namespace trackier::postgres
