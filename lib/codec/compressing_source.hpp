#pragma once
/// Compresses what is read through it.

#include <cstddef>
#include <memory>
#include <vector>

#include "codec/encoder.hpp"
#include "core/stream.hpp"

namespace trackier::codec {

/// Reads `input`, which must outlive it, in pieces of 1 MiB and gives them on compressed, a frame
/// or member each, so that memory is bounded and a reader of the first bytes need not wait for the
/// last. Empty input gives one empty frame. Not thread-safe.
class CompressingSource final : public Source {
 public:
  CompressingSource(Source& input, Encoding encoding, int level = 1);

  std::size_t read(MutBytes into) override;

  /// Bytes of the input read so far.
  [[nodiscard]] std::uint64_t consumed() const noexcept { return consumed_; }

 private:
  bool refill();

  Source& input_;
  std::unique_ptr<Encoder> encoder_;
  std::vector<std::byte> piece_;
  std::vector<std::byte> compressed_;
  std::size_t given_ = 0;  ///< bytes of compressed_
  std::uint64_t consumed_ = 0;
  bool begun_ = false;
};

}  // namespace trackier::codec
