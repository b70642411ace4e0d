#pragma once
/// The files of a log, and their lines.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "os/file.hpp"

namespace trackier::audit {

/// What is in the directory of a log beside the segments.
inline constexpr std::string_view lock_name = "lock";
inline constexpr std::string_view checkpoint_name = "checkpoint";    ///< signed last
inline constexpr std::string_view checkpoints_name = "checkpoints";  ///< all that were cosigned
inline constexpr std::string_view tree_name = "tree";                ///< a cache
inline constexpr std::string_view position_name = "tree.at";         ///< how far it reaches

using Segment = std::uint32_t;  ///< from 1

/// "00000001.jsonl"
std::string segment_name(Segment segment);

/// Of those that are there, in order. None when there is no directory.
std::vector<Segment> segments_in(os::FileSystem& files, const std::filesystem::path& directory);

/// What has to be synced for a name to stay.
std::filesystem::path parent_of(const std::filesystem::path& path);

/// Makes the directory, 0700, where it is not there, so that it survives a power cut. Throws
/// Error{Code::no_permission} when others may write into it, or it is a link.
void prepare_directory(os::FileSystem& files, const std::filesystem::path& directory);

/// Holds the log until the file is destroyed. Throws Error{Code::busy} when another run has it for
/// longer than `patience`, or `stop` asks for the end meanwhile.
std::unique_ptr<os::File> hold_log(os::FileSystem& files, const std::filesystem::path& directory,
                                   std::chrono::milliseconds patience, const std::stop_token& stop);

/// Lines of a file from an offset up to a limit, in pieces of memory that are used again.
class LineReader {
 public:
  /// file: outlives this. end: nothing from there on is read.
  LineReader(os::File& file, std::uint64_t offset, std::uint64_t end);

  struct Line {
    std::string_view text;  ///< without its end; valid until the next call
    std::uint64_t offset = 0;
    bool has_end = true;  ///< false: the file ends in it, or it is longer than any record
  };
  std::optional<Line> next();

 private:
  bool fill();

  os::File& file_;
  std::uint64_t offset_;  ///< of the first byte that was not given out
  std::uint64_t end_;
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0;  ///< of what was not given out
  std::size_t size_ = 0;   ///< of what is in the buffer
};

}  // namespace trackier::audit
