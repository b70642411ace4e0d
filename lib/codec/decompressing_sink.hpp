#pragma once
/// Decompresses Zstandard that comes in pieces.

#include <cstdint>
#include <memory>
#include <vector>

#include "core/stream.hpp"

namespace trackier::codec {

/// For streams that are known to be zstd (RFC 8878: any number of frames, skippable ones too,
/// windows up to 8 MiB). What it writes to `output`, which must outlive it, is no more than was
/// written into it; finish() throws Error{Code::data} unless the last frame has ended. write()
/// throws Error{Code::data} naming the byte of the compressed stream where it came to a halt.
/// Not thread-safe.
class DecompressingSink final : public Sink {
 public:
  explicit DecompressingSink(Sink& output);
  DecompressingSink(const DecompressingSink&) = delete;
  DecompressingSink& operator=(const DecompressingSink&) = delete;
  DecompressingSink(DecompressingSink&&) = delete;
  DecompressingSink& operator=(DecompressingSink&&) = delete;
  ~DecompressingSink() override;

  void write(Bytes bytes) override;
  void finish() override;

  /// Bytes written to the output.
  [[nodiscard]] std::uint64_t produced() const noexcept { return produced_; }

 private:
  struct State;

  Sink& output_;
  std::unique_ptr<State> state_;
  std::vector<std::byte> buffer_;
  std::uint64_t consumed_ = 0;
  std::uint64_t produced_ = 0;
  bool within_frame_ = true;  ///< nothing at all is no zstd either
};

}  // namespace trackier::codec
