#pragma once
/// What has been read of a Source and not yet decoded. Of interest inside this area only.

#include <cstdint>
#include <vector>

#include "core/stream.hpp"

namespace trackier::codec {

class InputBuffer {
 public:
  /// input must outlive the buffer.
  explicit InputBuffer(Source& input) : input_(input), bytes_(capacity) {}

  [[nodiscard]] Bytes unread() const noexcept {
    return Bytes{bytes_}.subspan(begin_, end_ - begin_);
  }

  /// Marks the first `count` bytes of unread() as dealt with.
  void take(std::size_t count) noexcept {
    begin_ += count;
    offset_ += count;
  }

  /// Reads once and appends to unread(); false at the end of the input. unread() must be smaller
  /// than the buffer; views of it become invalid.
  bool fill();

  /// Reads until unread() has `count` bytes; false when the input ends before.
  bool fill_to(std::size_t count);

  /// Reads past the buffer, which must be empty.
  std::size_t read_directly(MutBytes into);

  /// Bytes of the input dealt with so far: the place unread() begins at.
  [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

 private:
  static constexpr std::size_t capacity = 128 * 1024;

  Source& input_;
  std::vector<std::byte> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;
  bool ended_ = false;
};

}  // namespace trackier::codec
