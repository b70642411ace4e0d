#pragma once
/// SQLite databases as something to back up: one file of pages.

#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "backup/snapshot.hpp"
#include "os/file.hpp"
#include "sqlite/database_snapshot.hpp"

namespace trackier::backup {

/// Name of the one member.
inline constexpr const char* database_member = "database";

struct SqliteOptions {
  std::filesystem::path path;
  sqlite::SnapshotOptions snapshot;
  sqlite::CheckLevel check = sqlite::CheckLevel::quick;
  std::set<std::string> skip;  ///< tables without digests of their rows
};

std::unique_ptr<Database> sqlite_database(os::FileSystem& files, const SqliteOptions& options);

}  // namespace trackier::backup
