#include "postgres/server_error.hpp"

#include <doctest/doctest.h>

#include <string>

#include "support/errors.hpp"

namespace trackier::postgres {
namespace {

TEST_CASE("what keeps a connection from being made is told by its SQLSTATE and its first line") {
  const ServerComplaint refused = parse_startup_complaint(
      "connection to server at \"db1\" (10.0.0.1), port 5432 failed: FATAL:  28P01: password "
      "authentication failed for user \"backup\"\nLOCATION:  auth_failed, auth.c:335\n");
  CHECK(refused.sqlstate == "28P01");
  CHECK(refused.text == "password authentication failed for user \"backup\"");

  const ServerComplaint german = parse_startup_complaint(
      "Verbindung fehlgeschlagen: SCHWERWIEGEND:  3D000: Datenbank \xC2\xBBx\xC2\xAB fehlt");
  CHECK(german.sqlstate == "3D000");

  const ServerComplaint unreachable = parse_startup_complaint(
      "connection to server at \"db1\", port 5432 failed: Connection refused\n\tIs the server "
      "running on that host and accepting TCP/IP connections?\n");
  CHECK(unreachable.sqlstate.empty());
  CHECK(unreachable.text ==
        "connection to server at \"db1\", port 5432 failed: Connection refused");
  CHECK(parse_startup_complaint("").text.empty());
  CHECK(parse_startup_complaint("x:  12345:").sqlstate.empty());
  CHECK(parse_startup_complaint("x:  abcde: y").sqlstate.empty());
}

TEST_CASE("a SQLSTATE has a code, a hint, and is shown") {
  const auto code = [](const char* sqlstate) {
    return server_error({.sqlstate = sqlstate, .text = "t"}, false).code();
  };
  CHECK(code("28000") == Code::no_permission);
  CHECK(code("28P01") == Code::no_permission);
  CHECK(code("42501") == Code::no_permission);
  CHECK(code("3D000") == Code::no_input);
  CHECK(code("57P03") == Code::unavailable);
  CHECK(code("55P03") == Code::busy);
  CHECK(code("XX001") == Code::data);
  CHECK(code("53100") == Code::io);
  CHECK(code("53300") == Code::unavailable);
  CHECK(code("42P01") == Code::unavailable);
  CHECK(code("") == Code::unavailable);
  const Error error = server_error({.sqlstate = "42501", .text = "no\033[2J"}, true);
  CHECK(test::message_of(error) == "no\\x1B[2J (SQLSTATE 42501)");
  CHECK(error.hint() == "ALTER ROLE ... REPLICATION gives the role the right");
  CHECK(test::message_of(server_error({.sqlstate = {}, .text = "gone"}, true)) == "gone");
}

TEST_CASE("tools are judged by what they hand on") {
  CHECK(code_of_tool("pg_dump: error: query failed: ERROR:  permission denied for table t") ==
        Code::no_permission);
  CHECK(code_of_tool("pg_dump: error: server closed the connection") == Code::unavailable);
}

}  // namespace
}  // namespace trackier::postgres
