#include "backup/chunks.hpp"

#include <algorithm>

#include "core/binary.hpp"
#include "core/error.hpp"
#include "crypto/hkdf.hpp"

namespace trackier::backup {
namespace {

constexpr int level = 3;
constexpr std::uint64_t most_blob_chunks = 65536;
constexpr std::size_t most_content_bytes = std::size_t{1} << 20U;  ///< a third of it is written

/// Bits of the hash that have to be zero at an end: two more than usual before the usual length,
/// two fewer after it. The highest bits, which depend on the last 64 bytes.
constexpr unsigned usual_bits = 14;
constexpr std::uint64_t high_bits(unsigned count) {
  return ~std::uint64_t{0} << (64U - count);
}
constexpr std::uint64_t strict_mask = high_bits(usual_bits + 2);
constexpr std::uint64_t lax_mask = high_bits(usual_bits - 2);

}  // namespace

Chunker::Chunker(Bytes key) {
  const crypto::Secret table =
      crypto::hkdf_sha256(key, {}, as_bytes("gear"), gear_.size() * sizeof gear_[0] / 2);
  const crypto::Secret second =
      crypto::hkdf_sha256(key, {}, as_bytes("gear 2"), gear_.size() * sizeof gear_[0] / 2);
  std::size_t i = 0;
  for (const Bytes half : {table.bytes(), second.bytes()}) {
    for (std::size_t at = 0; at < half.size(); at += sizeof gear_[0]) {
      std::uint64_t value = 0;
      for (std::size_t k = 0; k < sizeof value; ++k) {
        value = value << 8U | static_cast<std::uint64_t>(half[at + k]);
      }
      gear_.at(i++) = value;
    }
  }
}

std::size_t Chunker::cut(Bytes bytes) const {
  if (bytes.size() <= least_chunk_bytes) {
    return bytes.size();
  }
  const std::size_t end = std::min(bytes.size(), most_chunk_bytes);
  const std::size_t usual = std::min(end, usual_chunk_bytes);
  std::uint64_t hash = 0;
  std::size_t i = least_chunk_bytes;
  for (; i < usual; ++i) {
    hash = (hash << 1U) + gear_[static_cast<std::size_t>(bytes[i])];
    if ((hash & strict_mask) == 0) {
      return i + 1;
    }
  }
  for (; i < end; ++i) {
    hash = (hash << 1U) + gear_[static_cast<std::size_t>(bytes[i])];
    if ((hash & lax_mask) == 0) {
      return i + 1;
    }
  }
  return end;
}

ChunkId chunk_id(const crypto::MacKey& key, Bytes chunk) {
  const crypto::Mac mac = key.mac(chunk);
  ChunkId id{};
  std::copy_n(mac.begin(), id.size(), id.begin());
  return id;
}

std::vector<std::byte> encode_chunks(std::span<const Bytes> chunks, codec::PrefixEncoder& encoder) {
  std::vector<std::byte> blob;
  std::vector<std::byte> all;
  BinaryWriter writer{blob};
  writer.number(chunks.size());
  for (const Bytes chunk : chunks) {
    writer.number(chunk.size());
    all.insert(all.end(), chunk.begin(), chunk.end());
  }
  encoder.encode(all, level, blob);
  return blob;
}

Chunks decode_chunks(Bytes blob, codec::PrefixDecoder& decoder) {
  BinaryReader reader{blob, "a blob of chunks"};
  Chunks chunks;
  const std::uint64_t count = reader.number(most_blob_chunks);
  std::size_t end = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    end += reader.number(most_chunk_bytes);
    if (end > most_content_bytes) {
      throw Error{Code::data, "a blob of chunks is too large"};
    }
    chunks.ends.push_back(end);
  }
  chunks.bytes.resize(end);
  decoder.decode(reader.rest(), {}, chunks.bytes);
  return chunks;
}

}  // namespace trackier::backup
