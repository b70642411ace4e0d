#include "postgres/cluster_position.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "postgres/connection.hpp"

namespace trackier::postgres {

std::string ClusterPosition::text() const {
  return fmt::format("{}/{}/{}", system_identifier, timeline, lsn);
}

ClusterPosition position(Connection& connection) {
  // The first eight digits of a WAL file's name are the timeline. A server that recovers gives no
  // such names: there it is the timeline of the last restart point.
  const Rows rows = connection.query(
      "SELECT (pg_control_system()).system_identifier, "
      "CASE WHEN pg_is_in_recovery() "
      "THEN lpad(to_hex((pg_control_checkpoint()).timeline_id), 8, '0') "
      "ELSE lower(substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)) END, "
      "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() "
      "ELSE pg_current_wal_insert_lsn() END");
  const Row& row = rows.at(0);
  if (!row.at(0) || !row.at(1) || !row.at(2)) {
    throw Error{Code::unavailable, "PostgreSQL does not say where it is in its history"};
  }
  return {.system_identifier = *row[0], .timeline = *row[1], .lsn = *row[2]};
}

}  // namespace trackier::postgres
