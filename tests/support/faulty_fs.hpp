#pragma once
/// A file system that fails on demand: the Nth operation, once or from then on.

#include <cerrno>
#include <cstdint>
#include <string>

#include "os/file.hpp"

namespace trackier::test {

struct Fault {
  std::uint64_t operation = 0;  ///< which one fails, counted from 1; 0: none
  int number = ENOSPC;          ///< errno, for the message
  bool from_then_on = false;    ///< every later one fails too, as after a power cut
};

/// Passes every operation on to `inner`, but for those that fail. Operations are the calls of
/// FileSystem and File; closing is none, for it is silent. A write that fails has written the first
/// half of its bytes, as on a disk that fills up; any other failure changes nothing. The Error has
/// the code which os/file.hpp promises for the operation.
class FaultyFs final : public os::FileSystem {
 public:
  FaultyFs(os::FileSystem& inner, Fault fault) : inner_(inner), fault_(fault) {}

  /// How many operations there were.
  [[nodiscard]] std::uint64_t operations() const noexcept { return operations_; }

  /// The name of the operation that failed first; empty: none did.
  [[nodiscard]] const std::string& failed() const noexcept { return failed_; }

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

  /// Counts one operation; true when it has to fail. For files, too.
  bool fails(const char* operation);

  /// What fails: an Error of `code`.
  [[nodiscard]] Error failure(Code code, const std::string& operation) const;

 private:
  std::unique_ptr<os::File> wrap(std::unique_ptr<os::File> file);
  void step(const char* operation, Code code, const Path& path);

  os::FileSystem& inner_;
  Fault fault_;
  std::uint64_t operations_ = 0;
  std::string failed_;
};

}  // namespace trackier::test
