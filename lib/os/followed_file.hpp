#pragma once
/// A log that is being written, read line by line across its rotation: by renaming (LOG becomes
/// LOG.1 or LOG-20260131), by a symbolic link that moves on from one dated name to the next, and by
/// copying and truncating. Each line is handed out once, in order.
///
/// A file that was empty when it was last looked at cannot be told from what replaces its content.
/// A file that is found shorter than what was read of it, with the same beginning and no copy, has
/// lost its end to a power cut: what was read of it was written down, and reading goes on behind
/// it. Two more moments belong to the rotation and cannot be read by anyone: what a program writes
/// between copy and truncation, and a file that is truncated and then filled with the same first
/// bytes and more than was read. Programs write different times, so the second is theory.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "os/file.hpp"
#include "os/rotated_files.hpp"

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
  /// What a rotated file holds that was compressed (its name ends in .gz or .zst); its status
  /// `size` is that of the content. Throws Error{Code::data} when it is damaged.
  std::function<std::unique_ptr<File>(std::unique_ptr<File>)> decompressed;
  std::size_t batch_bytes = std::size_t{1} << 20;  ///< a longer line is handed out in pieces
  /// How long a renamed file is read on after its last line, where the kernel does not tell
  /// whether a program still has it open for writing.
  std::chrono::milliseconds linger{2000};
};

class FollowedFile {
 public:
  struct Lines {
    /// Whole lines, or a piece of one that is longer than a batch; the last of a rotated file may
    /// lack its line end. Valid until the next call.
    std::string_view bytes;
    bool begins = false;  ///< the first of a file
    bool ends = false;    ///< the last of a file, as far as can be told
    ReadPosition after;   ///< where reading goes on once these have been taken care of
  };

  /// path: need not exist yet. from: where an earlier run ended; none is the beginning of `path`.
  /// Throws Error{Code::no_input} when the file of `from` is found neither under `path` nor beside
  /// it, as path.N or path-DATE (also .gz, .zst), nor beside what a link leads to: lines would be
  /// lost.
  FollowedFile(FileSystem& files, std::filesystem::path path, FollowOptions options,
               const std::optional<ReadPosition>& from = {});

  /// What has been added; none when there is nothing at the moment: ask again later.
  /// now: of a clock that does not go back. Throws Error: io, no_input, data (compressed).
  std::optional<Lines> next(std::chrono::milliseconds now);

  /// Whether the place of `from` was found, or there was none: what came after it comes again.
  [[nodiscard]] bool is_resumed() const { return is_resumed_; }

  /// Where reading stands; opens `path` if nothing is open yet. {} when it is not there.
  ReadPosition here();

  /// Reads what the file at hand holds from `offset` on, until `into` is full or it ends.
  std::size_t read_at(std::uint64_t offset, MutBytes into) { return file_->read_at(offset, into); }

  /// The file at hand, for who has to sync it; null when there is none.
  [[nodiscard]] std::shared_ptr<File> file() const { return file_; }

 private:
  [[nodiscard]] std::unique_ptr<File> open(const RotatedFile& rotated) const;
  std::unique_ptr<File> open_soon(const RotatedFile& rotated);
  [[nodiscard]] std::optional<std::vector<RotatedFile>> rotated() const;
  [[nodiscard]] bool holds(File& file, const ReadPosition& position) const;
  [[nodiscard]] bool is_ours(const RotatedFile& rotated) const;
  bool resume_at(const RotatedFile& rotated, const ReadPosition& position, bool is_it);
  bool find_itself(const ReadPosition& position);
  bool find_copy(const ReadPosition& position);
  void resume(const ReadPosition& position);
  bool begin(const RotatedFile& rotated);
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
  std::shared_ptr<File> file_;
  FileStatus identity_;
  bool is_resumed_ = true;
  std::uint64_t offset_ = 0;
  std::string buffer_;
  std::string head_;   ///< the first bytes of the file, as far as they have been read
  bool copy_ = false;  ///< complete: made by a rotation that truncated or compressed the original
  std::chrono::milliseconds now_{0};
  std::optional<std::chrono::milliseconds> quiet_since_;
  std::optional<std::chrono::milliseconds> refused_since_;  ///< the next file cannot be opened
};

}  // namespace trackier::os
