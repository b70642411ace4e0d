#pragma once
/// A file system in memory that forgets, on demand, what was not synced: a power cut.
///
/// Content of a file and names of a directory have two states each, the one that running programs
/// see and the one that is on the disk. File::sync makes the content durable, sync_directory the
/// names of one directory. There are no links; directories are there as soon as a file is made in
/// them.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "os/file.hpp"

namespace trackier::test {

class MemoryFs final : public os::FileSystem {
 public:
  /// What else a power cut leaves. Nothing says that a disk writes in order: names may be there
  /// before the content they lead to, and content before the name.
  enum class Survives {
    nothing,  ///< only what was synced
    names,    ///< and every name that was made, renamed or removed; content that was not synced is
              ///< lost
  };

  struct Content {
    std::string bytes;
    std::string durable;  ///< what was synced last
    os::FileStatus status;
    bool locked = false;
  };

  /// A file that was there before: durable in every respect.
  void add(const Path& path, std::string_view bytes, unsigned mode = 0600);

  /// What a reader finds. Throws Error{Code::no_input}.
  [[nodiscard]] std::string content(const Path& path) const;

  /// All files, whatever their directory.
  [[nodiscard]] std::vector<Path> names() const;

  /// Open files stay readable and writable, as nobody who could would be there any more.
  void power_cut(Survives survives);

  /// A power cut after which some of what was not synced is there: every name by itself, and of
  /// each content nothing, all, a part of what was added, or room that has zeros in it. state:
  /// which of these, from 0 on; returns how many there are. A state beyond them is one of them
  /// again.
  std::uint64_t power_cut(std::uint64_t state);

  /// Whether set_owner is permitted, as it is to root.
  bool may_change_owner = true;

  std::unique_ptr<os::File> open(const Path& path) override;
  std::unique_ptr<os::File> open_for_update(const Path& path) override;
  std::unique_ptr<os::File> open_device(const Path& path) override;
  std::unique_ptr<os::File> create_exclusive(const Path& path, unsigned mode) override;
  std::unique_ptr<os::File> create_unnamed(const Path& directory) override;
  void rename(const Path& from, const Path& to) override;
  bool rename_exclusive(const Path& from, const Path& to) override;
  void remove(const Path& path) override;
  using FileSystem::create_directories;
  void create_directories(const Path& path, unsigned mode) override;
  void create_symlink(const Path& target, const Path& path) override;
  std::vector<Path> list(const Path& directory) override;
  void sync_directory(const Path& path) override;
  std::optional<os::FileStatus> status(const Path& path) override;
  std::optional<os::FileStatus> entry(const Path& path) override;

 private:
  using Names = std::map<Path, std::shared_ptr<Content>>;

  [[nodiscard]] const std::shared_ptr<Content>& find(const Path& path, Code code) const;

  Names names_;
  Names durable_names_;
  std::uint64_t next_inode_ = 1;
};

}  // namespace trackier::test
