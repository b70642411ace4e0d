#pragma once
/// A SQLite database as it is at one moment, while others write to it: all committed transactions,
/// none that came later, bytes as they are in its file.
///
/// Two ways lead there. `direct` holds a read transaction and reads the file, and for a database in
/// WAL mode its log, beside SQLite: nothing is copied, and only a database that is not in WAL mode
/// has its writers wait. `copy` has SQLite's Online Backup API copy everything in one step first;
/// it needs the space.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "os/file.hpp"
#include "sqlite/content.hpp"

namespace trackier::sqlite {

enum class SnapshotMethod : std::uint8_t { direct, copy };

struct SnapshotOptions {
  SnapshotMethod method = SnapshotMethod::direct;
  std::filesystem::path scratch;              ///< where a copy is made, a private directory
  std::chrono::milliseconds patience{30000};  ///< for locks of others
};

enum class CheckLevel : std::uint8_t {
  quick,  ///< PRAGMA quick_check
  full,   ///< PRAGMA integrity_check
};

/// By which files are known to be the same still. Only of use on file systems of this machine.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// The database and, if there is one, its log.
struct DatabaseIdentity {
  FileIdentity database;
  std::optional<FileIdentity> log;

  friend bool operator==(const DatabaseIdentity&, const DatabaseIdentity&) = default;
};

/// Throws Error{Code::no_input} when there is no such file.
DatabaseIdentity identity_of(os::FileSystem& files, const std::filesystem::path& path);

class DatabaseSnapshot {
 public:
  /// path: symbolic links are followed. Throws Error{Code::no_input}: it is not there, or no
  /// regular file; Error{Code::data}: not a database, encrypted, or empty; Error{Code::busy}: it
  /// was locked all the time; Interrupted.
  DatabaseSnapshot(os::FileSystem& files, const std::filesystem::path& path,
                   const SnapshotOptions& options, const std::stop_token& stop);
  DatabaseSnapshot(const DatabaseSnapshot&) = delete;
  DatabaseSnapshot& operator=(const DatabaseSnapshot&) = delete;
  DatabaseSnapshot(DatabaseSnapshot&&) = delete;
  DatabaseSnapshot& operator=(DatabaseSnapshot&&) = delete;
  ~DatabaseSnapshot();

  [[nodiscard]] std::uint32_t page_bytes() const noexcept;
  [[nodiscard]] std::uint64_t bytes() const noexcept;
  /// Pages its header speaks of and its file does not have; more than 0: it is damaged.
  [[nodiscard]] std::uint64_t missing_pages() const noexcept;
  /// "wal" or "rollback".
  [[nodiscard]] const std::string& journal_mode() const noexcept;
  /// Pages that are in the log alone.
  [[nodiscard]] std::uint64_t log_pages() const noexcept;
  [[nodiscard]] const os::FileStatus& file_status() const noexcept;

  /// Fills `into` with whole pages. Thread-safe.
  void read_at(std::uint64_t offset, MutBytes into);

  /// What the database says of itself, in this snapshot; empty: it is sound. At most 100 messages.
  std::vector<std::string> check(CheckLevel level);

  /// What is in it, in this snapshot. Throws as content_of().
  content::Content content(const crypto::MacKey& key, const ContentOptions& options);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trackier::sqlite
