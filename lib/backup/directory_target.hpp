#pragma once
/// Restoring into a new directory, as a data directory of PostgreSQL.

#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "backup/restore.hpp"
#include "os/file.hpp"

namespace trackier::backup {

class DirectoryTarget final : public RestoreTarget {
 public:
  /// Restores beside `path`; finish() puts it there. id: of the backup. Throws
  /// Error{Code::cannot_create} when `path` is there, unless it is an empty directory, or `replace`
  /// is set.
  DirectoryTarget(os::FileSystem& files, const std::filesystem::path& path, const std::string& id,
                  bool replace);
  DirectoryTarget(const DirectoryTarget&) = delete;
  DirectoryTarget& operator=(const DirectoryTarget&) = delete;
  DirectoryTarget(DirectoryTarget&&) = delete;
  DirectoryTarget& operator=(DirectoryTarget&&) = delete;
  /// Removes what was not finished.
  ~DirectoryTarget() override;

  os::File* begin(const Member& member) override;
  void end(const Member& member) override;
  // begin() throws Error{Code::data} for a member below a symbolic link of the backup, by which it
  // would leave the directory.

  /// What is appended to names that are put aside; empty unless `replace` was set.
  [[nodiscard]] std::string aside() const { return may_replace_ ? aside_ : std::string{}; }

  /// Where everything is until finish(): for what has to be changed before anybody sees it.
  [[nodiscard]] const std::filesystem::path& partial() const noexcept { return partial_; }

  /// Has everything on the disk and puts it in its place. Returns where the directory is now that
  /// was there before; empty: there was none.
  std::filesystem::path finish();

 private:
  void refuse_below_links(const std::string& name) const;

  os::FileSystem& files_;
  std::filesystem::path path_;
  std::filesystem::path partial_;
  std::filesystem::path before_;
  std::set<std::string> links_;  ///< names of symbolic links that were made
  std::string aside_;
  bool may_replace_;
  bool replaces_ = false;
  bool finished_ = false;
  std::unique_ptr<os::File> file_;
};

}  // namespace trackier::backup
