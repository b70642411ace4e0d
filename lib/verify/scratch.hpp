#pragma once
/// Where drills restore to: a private directory of their own below one that the settings name,
/// gone when the drill is over, and on the next run when that was killed.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "os/file.hpp"

namespace trackier::verify {

class Scratch {
 public:
  /// Makes a directory below `parent`, 0700, having removed those whose drills are no more; see
  /// left().
  /// The parent is made when it is missing, for everybody to pass through: PostgreSQL does not run
  /// as root. Throws Error{Code::cannot_create}, and Error{Code::unavailable} when the parent
  /// cannot be read.
  Scratch(os::FileSystem& files, std::filesystem::path parent);
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  Scratch(Scratch&&) = delete;
  Scratch& operator=(Scratch&&) = delete;
  /// Removes it with everything in it.
  ~Scratch();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  /// What drills that are no more have left and could not be removed; the next one tries again.
  [[nodiscard]] const std::vector<std::filesystem::path>& left() const noexcept { return left_; }

  /// Throws Error{Code::unavailable} when there is no room for so many bytes.
  void require_room(std::uint64_t bytes) const;

 private:
  void make();
  void sweep();
  [[nodiscard]] std::unique_ptr<os::File> open_lock(const std::filesystem::path& path) const;
  bool take_name();
  [[nodiscard]] std::filesystem::path lock_path() const;

  os::FileSystem& files_;
  std::filesystem::path parent_;
  std::filesystem::path path_;
  std::vector<std::filesystem::path> left_;
  std::unique_ptr<os::File> lock_;  ///< by which others see that it is used
};

}  // namespace trackier::verify
