#include "postgres/cluster_position.hpp"

#include <doctest/doctest.h>

#include <string>

#include "postgres/connection.hpp"
#include "support/errors.hpp"
#include "support/postgres_server.hpp"

namespace trackier::postgres {
namespace {

TEST_CASE("the position of a cluster moves when something is written, and only then") {
  const auto server = test::PostgresServer::start();
  if (!server) {
    return;
  }
  server->sql(
      "CREATE TABLE kept (n int); CREATE UNLOGGED TABLE loose (n int); CREATE ROLE plain LOGIN; "
      "CHECKPOINT");
  Connection connection{{.conninfo = server->conninfo("postgres", "plain")}};
  const ClusterPosition first = position(connection);
  CHECK(first.text() == first.system_identifier + "/00000001/" + first.lsn);
  CHECK(first.system_identifier ==
        server->sql("SELECT system_identifier FROM pg_control_system()"));
  CHECK(position(connection) == first);
  server->sql("INSERT INTO kept VALUES (1)");
  const ClusterPosition second = position(connection);
  CHECK(second != first);
  server->sql("INSERT INTO loose VALUES (1)");
  CHECK(position(connection) != second);
}

}  // namespace
}  // namespace trackier::postgres
