#pragma once
/// Sizes, names and limits of the store format, version 1. Their reference is trackier-store(5).

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "crypto/secret.hpp"

namespace trackier::store {

/// Chosen at random for each backup and each store; a chain has the id of the envelope that holds
/// its key.
using Id = std::array<std::byte, 16>;

Id random_id();

enum class BlobKind : std::uint8_t {
  full = 1,    ///< pages as they are
  delta = 2,   ///< pages as they differ from those of full blobs
  chunks = 3,  ///< pieces of a stream
  map = 4,     ///< what a backup consists of
  footer = 5,  ///< of a pack: its blobs
  state = 6,   ///< what a host remembers of the backup before; never in a store
};

/// A blob of a chain: backups of a chain that write packs are counted, and so are the blobs of
/// each.
struct BlobPlace {
  std::uint32_t generation = 0;
  std::uint32_t number = 0;

  friend bool operator==(const BlobPlace&, const BlobPlace&) = default;
  friend bool operator<(const BlobPlace& left, const BlobPlace& right) {
    return left.generation != right.generation ? left.generation < right.generation
                                               : left.number < right.number;
  }
};

inline constexpr std::size_t pack_salt_bytes = 32;
inline constexpr std::string_view pack_magic = "trackier-pack/1\n";
inline constexpr std::size_t pack_head_bytes = pack_magic.size() + pack_salt_bytes;
inline constexpr std::size_t pack_trailer_bytes =
    4;  ///< length of the sealed footer, little endian
inline constexpr std::uint32_t most_blobs = 1U << 24U;  ///< of one pack
inline constexpr std::uint64_t most_blob_bytes = std::uint64_t{1} << 28U;

/// The key of a pack, by trackier-store(5), PACKS.
crypto::Secret pack_key(const crypto::Secret& chain_key, Bytes salt);

/// The nonce of a blob, by its number in the pack; footers have the last.
std::array<std::byte, 12> blob_nonce(std::uint64_t number);
inline constexpr std::uint64_t footer_number = ~std::uint64_t{0};

/// Names of sources: letters, digits, '-', '_', '.', at most 64, not beginning with '.' or '-'.
bool is_source_name(std::string_view text);

}  // namespace trackier::store
