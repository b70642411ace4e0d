/// How a Connection is opened; what is done with it is in connection.cpp.

#include <fmt/format.h>
#include <poll.h>

#include <charconv>
#include <new>
#include <string_view>

#include "core/error.hpp"
#include "core/text.hpp"
#include "postgres/connection.hpp"
#include "postgres/libpq.hpp"
#include "postgres/server_error.hpp"
#include "postgres/wait.hpp"

namespace trackier::postgres {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_notices = 100;
constexpr int oldest_version = 130000;
constexpr int version_14 = 140000;
constexpr int version_17 = 170000;

void note(void* argument, const PGresult* result) {
  auto& notices = *static_cast<Notices*>(argument);
  ++notices.count;
  const char* const text = libpq().result_error_field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (notices.texts.size() < most_notices) {
    notices.texts.push_back(printable(text == nullptr ? "" : text, 500));
  }
}

/// For what libpq says before the server says anything.
std::string unreachable_hint(std::string_view text) {
  if (text.find("certificate") != std::string_view::npos ||
      text.find("SSL") != std::string_view::npos) {
    return "sslrootcert=FILE in the connection string names the authority that signed the server's "
           "certificate; the name in the certificate has to be the host's";
  }
  return "host, port and service in the connection string say where the server is looked for";
}

std::chrono::seconds timeout_of(const ConnectionParameters& parameters) {
  const std::string& text = parameters.at("connect_timeout");
  long seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds > 0 ? std::chrono::seconds{seconds} : std::chrono::hours{24};  // 0: no limit
}

}  // namespace

Connection::Connection(const ConnectionOptions& options)
    : parameters_(connection_parameters(options)) {
  connect();
  check_server();
  if (!options.replication) {
    set_up();
  }
}

Connection::~Connection() = default;

void Connection::connect() {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : parameters_) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  connection_.reset(libpq().connect_start_params(keywords.data(), values.data(), 0));
  if (!connection_) {
    throw std::bad_alloc{};
  }
  libpq().set_notice_receiver(connection_.get(), &note, &notices_);
  libpq().set_error_verbosity(connection_.get(), PQERRORS_VERBOSE);  // with the SQLSTATE
  if (libpq().status(connection_.get()) == CONNECTION_BAD) {
    fail_to_connect();
  }
  const auto timeout = timeout_of(parameters_);
  const auto deadline = Clock::now() + timeout;
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    while (!is_ready(libpq().socket(connection_.get()), events)) {
      if (Clock::now() > deadline) {
        throw Error{Code::unavailable,
                    fmt::format("PostgreSQL does not answer within {} seconds", timeout.count())};
      }
      wait_a_step(libpq().socket(connection_.get()), events);
    }
    state = libpq().connect_poll(connection_.get());
    if (state == PGRES_POLLING_FAILED) {
      fail_to_connect();
    }
  }
}

void Connection::fail_to_connect() const {
  ServerComplaint complaint = parse_startup_complaint(libpq().error_message(connection_.get()));
  if (complaint.sqlstate.empty() && libpq().connection_needs_password(connection_.get()) != 0) {
    complaint = {.sqlstate = "28P01", .text = "the server wants a password, and there is none"};
  }
  const Error error = server_error(complaint, parameters_.contains("replication"));
  const std::string hint =
      complaint.sqlstate.empty() ? unreachable_hint(complaint.text) : error.hint();
  throw Error{error.code(), error.what(), hint}.within("connecting to PostgreSQL");
}

void Connection::check_server() const {
  if (!is_local_socket() && libpq().ssl_in_use(connection_.get()) == 0) {
    throw Error{Code::unavailable, "the connection to PostgreSQL is not encrypted",
                "leave gssencmode out of the connection string, and switch ssl on on the server"};
  }
  if (server_version() < oldest_version) {
    throw Error{Code::unavailable, fmt::format("PostgreSQL {} is too old", server_major()),
                "13 and later are supported"};
  }
}

void Connection::set_up() {
  std::string settings =
      "SET search_path = pg_catalog; SET client_encoding = 'UTF8'; SET DateStyle = 'ISO, YMD'; "
      "SET IntervalStyle = 'postgres'; SET TimeZone = 'UTC'; SET extra_float_digits = 3; "
      "SET bytea_output = 'hex'; SET row_security = off; SET statement_timeout = 0; "
      "SET lock_timeout = '60s'; SET idle_in_transaction_session_timeout = 0";
  if (server_version() >= version_14) {
    settings += "; SET idle_session_timeout = 0";
  }
  if (server_version() >= version_17) {
    settings += "; SET transaction_timeout = 0";
  }
  execute(settings);
}

}  // namespace trackier::postgres
