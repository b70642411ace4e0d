#pragma once
/// SQLite databases as something to back up: one file of pages.

#include <filesystem>
#include <memory>

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
};

std::unique_ptr<Database> sqlite_database(os::FileSystem& files, const SqliteOptions& options);

}  // namespace trackier::backup
