#pragma once
/// PostgreSQL as something to back up: a whole cluster as its files, or one database as pg_dump
/// writes it, with the roles of the cluster.

#include <memory>
#include <set>
#include <string>

#include "backup/snapshot.hpp"
#include "postgres/base_backup.hpp"
#include "postgres/logical_dump.hpp"

namespace trackier::backup {

/// Members of a logical backup.
inline constexpr const char* dump_member = "database.dump";
inline constexpr const char* globals_member = "globals.sql";

/// All databases of the cluster: its data directory, with tablespaces below pg_tblspc/OID, and what
/// the server says its files are, backup_manifest.
/// skip: "schema.table" in any of the databases, without digests of their rows.
std::unique_ptr<Database> postgres_cluster(const postgres::ConnectionOptions& connection,
                                           const postgres::BaseBackupOptions& options,
                                           const std::set<std::string>& skip = {});

/// The database of the connection.
std::unique_ptr<Database> postgres_dump(const postgres::LogicalOptions& options,
                                        const std::set<std::string>& skip = {});

/// What is in the cluster of the connection, or with is_dump in its database and of the cluster's
/// roles, as a backup of it would describe it: in one read-only transaction a database.
content::Content postgres_content(const postgres::ConnectionOptions& connection,
                                  const crypto::MacKey& key, const std::set<std::string>& skip,
                                  bool is_dump);

}  // namespace trackier::backup
