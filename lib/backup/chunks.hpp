#pragma once
/// Streams in pieces that are found again when something before them has been inserted or removed:
/// content-defined chunking (FastCDC, Xia et al., USENIX ATC 2016, with normalization level 2).
/// trackier-store(5), CHUNKS.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/prefix_codec.hpp"
#include "core/bytes.hpp"
#include "crypto/mac.hpp"

namespace trackier::backup {

inline constexpr std::size_t least_chunk_bytes = 4096;
inline constexpr std::size_t usual_chunk_bytes = 16384;
inline constexpr std::size_t most_chunk_bytes = 65536;

/// Where chunks end is secret, too: it says something of the content by the sizes of blobs.
class Chunker {
 public:
  /// key: 32 bytes of the chain's own.
  explicit Chunker(Bytes key);

  /// Length of the first chunk of `bytes`, which has to be at least most_chunk_bytes long, or the
  /// end of the stream.
  [[nodiscard]] std::size_t cut(Bytes bytes) const;

 private:
  std::array<std::uint64_t, 256> gear_{};
};

/// Tells chunks apart: HMAC-SHA-256 under a key of the chain, its first half.
using ChunkId = std::array<std::byte, 16>;
ChunkId chunk_id(const crypto::MacKey& key, Bytes chunk);

/// Blob of some chunks.
std::vector<std::byte> encode_chunks(std::span<const Bytes> chunks, codec::PrefixEncoder& encoder);

struct Chunks {
  std::vector<std::byte> bytes;  ///< one after another
  std::vector<std::size_t> ends;

  [[nodiscard]] Bytes chunk(std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends[index - 1];
    return Bytes{bytes}.subspan(begin, ends[index] - begin);
  }
};
Chunks decode_chunks(Bytes blob, codec::PrefixDecoder& decoder);

}  // namespace trackier::backup
