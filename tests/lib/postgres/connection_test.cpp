#include "postgres/connection.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "os/program.hpp"
#include "os/signals.hpp"
#include "support/errors.hpp"
#include "support/postgres_server.hpp"

namespace trackier::postgres {
namespace {

using test::contains;
using test::error_of;
using test::message_of;
using test::PostgresServer;
using namespace std::chrono_literals;

Error connecting(const std::string& conninfo, bool replication = false) {
  return error_of(
      [&] { const Connection connection{{.conninfo = conninfo, .replication = replication}}; });
}

/// A TCP socket of this machine that nobody else has.
class LocalPort {
 public:
  LocalPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    REQUIRE(::bind(socket_, any, size) == 0);
    REQUIRE(::getsockname(socket_, any, &size) == 0);
    number_ = ntohs(address.sin_port);
  }
  LocalPort(const LocalPort&) = delete;
  LocalPort& operator=(const LocalPort&) = delete;
  LocalPort(LocalPort&&) = delete;
  LocalPort& operator=(LocalPort&&) = delete;
  ~LocalPort() { ::close(socket_); }

  /// Takes connections and says nothing.
  void listen() const { REQUIRE(::listen(socket_, 5) == 0); }
  [[nodiscard]] std::string number() const { return std::to_string(number_); }

 private:
  int socket_;
  unsigned number_ = 0;
};

TEST_CASE("a query gives rows of text, with NULL told from nothing") {
  const PostgresServer* const server = PostgresServer::shared();
  if (server == nullptr) {
    return;
  }
  Connection connection{{.conninfo = server->conninfo()}};
  const Rows rows = connection.query(
      "SELECT n, CASE WHEN n = 2 THEN NULL ELSE repeat('x', n - 1) END FROM "
      "generate_series(1, 3) n ORDER BY n");
  CHECK(rows == Rows{{"1", ""}, {"2", std::nullopt}, {"3", "xx"}});
  CHECK(connection.query("SELECT 1 WHERE false").empty());
  CHECK(connection.query("SELECT $1::text, $2::int + 1", {"it's; --", "41"}) ==
        Rows{{"it's; --", "42"}});
  CHECK(connection.query("SELECT $1::text", {std::nullopt}) == Rows{{std::nullopt}});
  CHECK(connection.value("SELECT count(*) FROM generate_series(1, 100000)") == "100000");
  CHECK(error_of([&] { connection.value("SELECT NULL"); }).code() == Code::bug);
  CHECK(error_of([&] { connection.value("SELECT 1, 2"); }).code() == Code::bug);
}

TEST_CASE("a session is the same wherever it is opened") {
  const PostgresServer* const server = PostgresServer::shared();
  if (server == nullptr) {
    return;
  }
  server->sql(
      "DROP ROLE IF EXISTS odd; CREATE ROLE odd LOGIN; ALTER ROLE odd SET timezone = 'Asia/Tokyo'; "
      "ALTER ROLE odd SET datestyle = 'SQL, DMY'; ALTER ROLE odd SET extra_float_digits = -2; "
      "ALTER ROLE odd SET search_path = public; ALTER ROLE odd SET bytea_output = 'escape'; "
      "ALTER ROLE odd SET statement_timeout = '5ms'; ALTER ROLE odd SET client_encoding = "
      "'LATIN1'");
  Connection connection{{.conninfo = server->conninfo("postgres", "odd")}};
  CHECK(connection.query(
            "SELECT '2026-02-01 12:00+00'::timestamptz, 0.1::float8 + 0.2, "
            "'\\x00ff'::bytea, current_schemas(false)::text, 'z\xC3\xBC' || pg_sleep(0.02)") ==
        Rows{{"2026-02-01 12:00:00+00", "0.30000000000000004", "\\x00ff", "{pg_catalog}",
              "z\xC3\xBC"}});
  CHECK(connection.value("SHOW row_security") == "off");
  CHECK(connection.value("SHOW lock_timeout") == "1min");
  CHECK(connection.value("SHOW application_name") == "trackier-ctl");
  CHECK(connection.is_local_socket());
  CHECK(connection.server_version() >= 130000);
  CHECK(connection.server_major() == connection.server_version() / 10000);
  CHECK(connection.database() == "postgres");
  CHECK(connection.user() == "odd");
  CHECK(connection.parameter_status("client_encoding") == "UTF8");
  CHECK(connection.parameter_status("is_superuser") == "off");
  CHECK_FALSE(connection.parameter_status("nonsense"));
}

TEST_CASE("what the server complains about has a code, its first line and its SQLSTATE") {
  const PostgresServer* const server = PostgresServer::shared();
  if (server == nullptr) {
    return;
  }
  server->sql(
      "DROP TABLE IF EXISTS secret; CREATE TABLE secret (n int UNIQUE); INSERT INTO secret VALUES "
      "(7); "
      "DROP ROLE IF EXISTS poor; CREATE ROLE poor LOGIN");
  Connection poor{{.conninfo = server->conninfo("postgres", "poor")}};
  const Error refused = error_of([&] { poor.query("SELECT * FROM public.secret"); });
  CHECK(refused.code() == Code::no_permission);
  CHECK(message_of(refused) == "permission denied for table secret (SQLSTATE 42501)");
  CHECK(contains(refused.hint(), "pg_read_all_data"));
  CHECK(poor.value("SELECT 1") == "1");  // and it goes on

  Connection owner{{.conninfo = server->conninfo()}};
  const Error twice = error_of([&] { owner.execute("INSERT INTO public.secret VALUES (7)"); });
  CHECK(twice.code() == Code::unavailable);
  CHECK_FALSE(contains(message_of(twice), "(n)=(7)"));  // the details are left out
  CHECK(error_of([&] { owner.query("SELEC"); }).code() == Code::unavailable);

  const Error missing = connecting(server->conninfo("nowhere"));
  CHECK(missing.code() == Code::no_input);
  CHECK(message_of(missing) ==
        "connecting to PostgreSQL: database \"nowhere\" does not exist (SQLSTATE 3D000)");
  CHECK(connecting(server->conninfo("postgres", "nobody_at_all")).code() == Code::no_permission);
  const Error not_replicating = connecting(server->conninfo("postgres", "poor"), true);
  CHECK(not_replicating.code() == Code::no_permission);
  CHECK(contains(not_replicating.hint(), "REPLICATION"));
}

TEST_CASE("notices are collected, not printed, and not without end") {
  const PostgresServer* const server = PostgresServer::shared();
  if (server == nullptr) {
    return;
  }
  Connection connection{{.conninfo = server->conninfo()}};
  connection.execute(
      "DO $$ BEGIN FOR i IN 1..150 LOOP RAISE WARNING E'w%\\033', i; END LOOP; END $$");
  CHECK(connection.notices().count == 150);
  REQUIRE(connection.notices().texts.size() == 100);
  CHECK(connection.notices().texts.front() == "w1\\x1B");
}

TEST_CASE("a server that is not there is unavailable") {
  const test::TemporaryDirectory directory;
  const Error socket = connecting("host=" + directory.path().string());
  CHECK(socket.code() == Code::unavailable);
  CHECK(contains(message_of(socket), "connecting to PostgreSQL: "));
  CHECK(contains(message_of(socket), "No such file or directory"));
  CHECK(contains(socket.hint(), "service"));
  const LocalPort port;  // bound, but nobody listens
  CHECK(connecting("host=127.0.0.1 port=" + port.number()).code() == Code::unavailable);
}

TEST_CASE("a server that takes the connection and says nothing is waited for, but not for ever") {
  const LocalPort port;
  port.listen();
  const auto begin = std::chrono::steady_clock::now();
  SUBCASE("until the time is over") {
    const Error error = connecting("host=127.0.0.1 connect_timeout=1 port=" + port.number());
    CHECK(error.code() == Code::unavailable);
    CHECK(message_of(error) == "PostgreSQL does not answer within 1 seconds");
  }
  SUBCASE("until a signal") {
    const os::Interrupt interrupt;
    const std::jthread sender{[] {
      std::this_thread::sleep_for(50ms);
      ::kill(::getpid(), SIGTERM);
    }};
    CHECK_THROWS_AS((Connection{{.conninfo = "host=127.0.0.1 port=" + port.number()}}),
                    os::Interrupted);
  }
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("a connection that is cut is an error, not an empty answer") {
  const PostgresServer* const server = PostgresServer::shared();
  if (server == nullptr) {
    return;
  }
  Connection connection{{.conninfo = server->conninfo()}};
  const std::string process = connection.value("SELECT pg_backend_pid()");
  SUBCASE("while it waits") {
    const std::jthread killer{[&] {
      std::this_thread::sleep_for(50ms);
      server->sql("SELECT pg_terminate_backend(" + process + ")");
    }};
    const Error error = error_of([&] { connection.query("SELECT pg_sleep(60)"); });
    CHECK(error.code() == Code::unavailable);
    CHECK(contains(message_of(error), "57P01"));
  }
  SUBCASE("between two statements") {
    server->sql("SELECT pg_terminate_backend(" + process + ", 5000)");
    CHECK(error_of([&] { connection.query("SELECT 1"); }).code() == Code::unavailable);
  }
}

TEST_CASE("a signal ends a query here and on the server") {
  const PostgresServer* const server = PostgresServer::shared();
  if (server == nullptr) {
    return;
  }
  const os::Interrupt interrupt;
  const auto begin = std::chrono::steady_clock::now();
  Connection connection{{.conninfo = server->conninfo()}};
  const std::string process = connection.value("SELECT pg_backend_pid()");
  const std::jthread sender{[] {
    std::this_thread::sleep_for(50ms);
    ::kill(::getpid(), SIGTERM);
  }};
  CHECK_THROWS_AS(connection.query("SELECT pg_sleep(60)"), os::Interrupted);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("the query of a run that was interrupted does not go on") {
  const PostgresServer* const server = PostgresServer::shared();
  if (server == nullptr) {
    return;
  }
  const std::string sleeping =
      "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%' AND state = "
      "'active'";
  for (int i = 0; i < 100 && server->sql(sleeping) != "0"; ++i) {
    std::this_thread::sleep_for(20ms);
  }
  CHECK(server->sql(sleeping) == "0");
}

TEST_CASE("passwords come from a file, and a wrong one is told from a missing one") {
  const auto server = PostgresServer::start({}, "local all guarded scram-sha-256\n");
  if (!server) {
    return;
  }
  server->sql("CREATE ROLE guarded LOGIN PASSWORD 'sesame'");
  const test::TemporaryDirectory directory;
  const auto right = directory.write("right", "*:*:*:guarded:sesame\n");
  const auto wrong = directory.write("wrong", "*:*:*:guarded:simsim\n");
  const auto empty = directory.write("empty", "");
  const std::string conninfo = server->conninfo("postgres", "guarded");
  Connection connection{{.conninfo = conninfo, .passfile = right}};
  CHECK(connection.value("SELECT current_user") == "guarded");
  CHECK_FALSE(contains(connection.conninfo(), "sesame"));
  const auto refusal = [&](const std::filesystem::path& passfile) {
    return error_of([&] { const Connection none{{.conninfo = conninfo, .passfile = passfile}}; });
  };
  CHECK(refusal(wrong).code() == Code::no_permission);
  CHECK(contains(message_of(refusal(wrong)), "28P01"));
  CHECK(refusal(empty).code() == Code::no_permission);
  CHECK(contains(message_of(refusal(empty)), "wants a password"));
  CHECK(contains(refusal(empty).hint(), ".pgpass"));
}

TEST_CASE("over TCP only a server that proves who it is is spoken to") {
  const test::TemporaryDirectory directory;
  const std::string certificate = directory / "certificate";
  const std::string key = directory / "key";
  const os::Printed made = os::run_program(
      {.program = "/usr/bin/openssl",
       .arguments = {"req", "-new", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj",
                     "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key,
                     "-out", certificate},
       .environment = {"PATH=/usr/bin:/bin"}},
      100000);
  REQUIRE(made.ended.well());
  const std::string other = directory.write("other", test::content_of(certificate));
  PostgresServer::hand_over(directory.path());
  std::string port;
  { port = LocalPort{}.number(); }
  const auto server =
      PostgresServer::start({"port=" + port, "listen_addresses=127.0.0.1", "ssl=on",
                             "ssl_cert_file=" + certificate, "ssl_key_file=" + key});
  if (!server) {
    return;
  }
  const std::string here =
      "host=localhost hostaddr=127.0.0.1 dbname=postgres user=postgres port=" + port;
  Connection verified{{.conninfo = here + " sslrootcert=" + other}};
  CHECK_FALSE(verified.is_local_socket());
  CHECK(verified.value("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == "t");
  CHECK(verified.value("SELECT repeat('x', 1000000)").size() == 1000000);

  const Error unknown = connecting(here + " sslrootcert=" + directory.path().string() + "/none");
  CHECK(unknown.code() == Code::unavailable);
  CHECK(contains(message_of(unknown), "does not exist"));
  CHECK(contains(unknown.hint(), "sslrootcert=FILE"));
  const Error named = connecting("host=127.0.0.1 dbname=postgres user=postgres port=" + port +
                                 " sslrootcert=" + other);
  CHECK(named.code() == Code::unavailable);
  CHECK(contains(message_of(named), "does not match"));

  const auto plain = PostgresServer::start({"port=" + port, "listen_addresses=127.0.0.2"});
  const Error open = connecting("host=localhost hostaddr=127.0.0.2 user=postgres port=" + port +
                                " sslrootcert=" + other);
  CHECK(open.code() == Code::unavailable);
  CHECK(contains(message_of(open), "server does not support SSL"));
}

}  // namespace
}  // namespace trackier::postgres
