#pragma once
/// PostgreSQL as something to back up: a whole cluster as its files, or one database as pg_dump
/// writes it, with the roles of the cluster.

#include <memory>

#include "backup/snapshot.hpp"
#include "postgres/base_backup.hpp"
#include "postgres/logical_dump.hpp"

namespace trackier::backup {

/// Members of a logical backup.
inline constexpr const char* dump_member = "database.dump";
inline constexpr const char* globals_member = "globals.sql";

/// All databases of the cluster: its data directory, with tablespaces below pg_tblspc/OID, and what
/// the server says its files are, backup_manifest.
std::unique_ptr<Database> postgres_cluster(const postgres::ConnectionOptions& connection,
                                           const postgres::BaseBackupOptions& options);

/// The database of the connection.
std::unique_ptr<Database> postgres_dump(const postgres::LogicalOptions& options);

}  // namespace trackier::backup
