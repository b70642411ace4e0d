#pragma once
/// Where a follower of a log stands, kept across restarts: one small file of text, replaced as a
/// whole and durable when save() returns. Its format: trackier-ctl-anonymize(1), LIVE LOGS.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "os/file.hpp"
#include "os/followed_file.hpp"

namespace trackier::os {

struct FollowState {
  ReadPosition read;
  std::string format;  ///< of the log, a word, as its beginning told; empty: not told by it
  std::uint64_t output_bytes = 0;  ///< of the output file, that what was read has become
  std::uint64_t output_device = 0;
  std::uint64_t output_inode = 0;  ///< 0: the output is no file
};

std::string to_text(const FollowState& state);

/// None for any text that to_text() would not have written.
std::optional<FollowState> parse_follow_state(std::string_view text);

class PositionFile {
 public:
  /// Locks `path`.lock until it is destroyed. Throws Error{Code::busy} when another has it.
  PositionFile(FileSystem& files, std::filesystem::path path);

  /// None when there is no file yet. Throws Error{Code::data} when it is not one of ours.
  [[nodiscard]] std::optional<FollowState> load() const;

  /// Throws Error{Code::io} or Error{Code::cannot_create}; the file is then the old one.
  void save(const FollowState& state);

 private:
  FileSystem& files_;
  std::filesystem::path path_;
  std::unique_ptr<File> lock_;
};

}  // namespace trackier::os
