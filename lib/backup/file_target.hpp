#pragma once
/// Restoring into one file, as a SQLite database.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "backup/restore.hpp"
#include "os/file.hpp"
#include "os/replace_file.hpp"

namespace trackier::backup {

class FileTarget final : public RestoreTarget {
 public:
  /// member: which one it is to be. Throws Error{Code::cannot_create} when `path` is there and may
  /// not be replaced, or when beside it is what SQLite would take for the log or journal of the
  /// restored database ("-wal", "-shm", "-journal").
  FileTarget(os::FileSystem& files, std::filesystem::path path, std::string member, bool replace);

  os::File* begin(const Member& member) override;
  void end(const Member& member) override;

  /// Puts the file in its place, logs and journals of the one before out of the way first: at no
  /// moment is there one beside a database it does not belong to. Throws what writing throws.
  void finish();

 private:
  os::FileSystem& files_;
  std::filesystem::path path_;
  std::string member_;
  bool replace_;
  std::vector<std::filesystem::path> sidecars_;
  std::unique_ptr<os::ReplaceFile> file_;
};

}  // namespace trackier::backup
