#pragma once
/// A log that is being written, read line by line across its rotation: by renaming (LOG becomes
/// LOG.1 or LOG-20260131) and by copying and truncating. Each line is handed out once, in order.
///
/// A file of which no line has been read yet cannot be told from what replaces its content.
/// Two more moments belong to the rotation and cannot be read by anyone: what a program writes
/// between copy and truncation, and a file that is truncated and then filled with the same first
/// bytes and more than was read. Programs write different times, so the second is theory.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "os/file.hpp"

namespace trackier::os {

/// How far a log has been read; enough to find the place again after a restart. Holds nothing of
/// the log itself as long as the fingerprint does not.
struct ReadPosition {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t offset = 0;      ///< bytes read, up to the end of a line
  std::uint64_t head_bytes = 0;  ///< how many of the first bytes the fingerprint is of, at most 256
  std::string fingerprint;
};

struct FollowOptions {
  /// Of the first bytes of a file; equal for equal bytes. Logs hold persons: use a keyed hash.
  std::function<std::string(Bytes)> fingerprint;
  /// Told when lines may have been missed, and why.
  std::function<void(const std::string&)> lost;
  std::size_t batch_bytes = std::size_t{1} << 20;
  std::size_t line_bytes = std::size_t{64} << 20;  ///< a longer line is an error
  /// How long a renamed file is read on after its last line, where the kernel does not tell
  /// whether a program still has it open for writing.
  std::chrono::milliseconds linger{2000};
};

class FollowedFile {
 public:
  struct Lines {
    std::string bytes;    ///< whole lines; the last of a rotated file may lack its line end
    bool begins = false;  ///< the first of a file: its format may be another
    ReadPosition after;   ///< where reading goes on once these have been taken care of
  };

  /// path: need not exist yet. from: where an earlier run ended; none is the beginning of `path`.
  /// Throws Error{Code::no_input} when the file of `from` is found neither under `path` nor beside
  /// it, as path.N or path-DATE: lines would be lost.
  FollowedFile(FileSystem& files, std::filesystem::path path, FollowOptions options,
               const std::optional<ReadPosition>& from = {});

  /// What has been added; none when there is nothing at the moment: ask again later.
  /// now: of a clock that does not go back. Throws Error: data (a line too long), io, no_input.
  std::optional<Lines> next(std::chrono::milliseconds now);

 private:
  struct Rotated {
    std::filesystem::path path;
    std::string suffix;
    FileStatus status;
  };

  [[nodiscard]] std::vector<Rotated> scan() const;
  [[nodiscard]] std::optional<std::vector<Rotated>> rotated() const;
  [[nodiscard]] bool holds(File& file, const ReadPosition& position) const;
  bool resume_at(const std::filesystem::path& path, const ReadPosition& position);
  void resume(const ReadPosition& position);
  bool begin(const std::filesystem::path& path, const FileStatus& expected);
  bool begin_newest();
  [[nodiscard]] bool replaced() const;
  void recover();
  void tell_truncated() const;
  std::optional<Lines> read_lines(bool to_the_end);
  [[nodiscard]] bool may_leave(std::chrono::milliseconds now);
  std::optional<Lines> leave(std::chrono::milliseconds now);
  [[nodiscard]] ReadPosition position() const;

  FileSystem& files_;
  std::filesystem::path path_;
  FollowOptions options_;
  std::unique_ptr<File> file_;
  FileStatus identity_;
  std::uint64_t offset_ = 0;
  std::string head_;   ///< the first bytes of the file, as far as they have been read
  bool copy_ = false;  ///< complete: made by a rotation that truncated the original
  std::optional<std::chrono::milliseconds> quiet_since_;
};

}  // namespace trackier::os
