#pragma once
/// Waiting until something happens to a file that may be renamed, replaced or not there yet.

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "os/pipe.hpp"

namespace trackier::os {

/// By inotify(7) on the directories the file is in. Where the kernel gives no inotify, or another
/// host may write to the file system without its knowing, time is all there is to wait for.
class ChangeWatch {
 public:
  /// How long wait() waits at most where changes are not told.
  static constexpr std::chrono::milliseconds poll_interval{250};

  ChangeWatch();

  /// Whatever is named `path`, and names that begin so, and what it leads to if it is a link; that
  /// is looked up now. Adding it again after the link has moved on adds where it leads then.
  void add(const std::filesystem::path& path);

  /// Returns when something was written to one of them, created, renamed or removed, since the
  /// last call or since it was added; at the latest after `most`. May return early. Throws
  /// Interrupted.
  void wait(std::chrono::milliseconds most);

  /// Whether changes are told in every directory.
  [[nodiscard]] bool is_told() const { return is_told_; }

 private:
  void add_name(const std::filesystem::path& path);
  bool concerns_us();

  Descriptor events_;
  std::vector<std::filesystem::path> directories_;
  std::vector<std::string> names_;
  bool is_told_;
};

}  // namespace trackier::os
