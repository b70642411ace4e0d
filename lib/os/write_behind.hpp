#pragma once
/// Bytes on their way to the disk while others are still made.

#include <atomic>
#include <cstdint>

#include "os/file.hpp"

namespace trackier::os {

/// For workers that write the parts of a file more or less in order: has the disk begin with them
/// in steps, so that there is little left for the sync at the end. Thread-safe, as File::write_at
/// is.
class WriteBehind {
 public:
  /// begin: where the first part is.
  WriteBehind(File& file, std::uint64_t begin) : file_(file), begin_(begin) {}

  /// After a part of so many bytes was written, wherever it is.
  void wrote(std::uint64_t bytes) noexcept {
    const std::uint64_t before = done_.fetch_add(bytes);
    if (before / step != (before + bytes) / step) {
      file_.begin_sync(begin_ + before / step * step, step);
    }
  }

 private:
  static constexpr std::uint64_t step = std::uint64_t{8} << 20U;

  File& file_;
  std::uint64_t begin_;
  std::atomic<std::uint64_t> done_ = 0;
};

}  // namespace trackier::os
