#pragma once
/// What every way of sealing is made of. Of interest inside this area only.

#include <cstdint>
#include <optional>
#include <vector>

#include "envelope/block.hpp"
#include "envelope/payload.hpp"
#include "envelope/seal.hpp"
#include "envelope/sealed_sizes.hpp"

namespace trackier::envelope {

/// Both blocks of a new head. plain_bytes: none when it is not known yet.
BlockBytes block_of(const Recipients& recipients, const Origin& origin, const SealOptions& options,
                    std::optional<std::uint64_t> plain_bytes);

/// Head, salt and commitment: what stands before the chunks.
std::vector<std::byte> front_of(const BlockBytes& block, const Origin& origin,
                                const PayloadKeys& keys);

/// Seals the chunks of a batch; returns how many bytes that makes.
std::size_t seal_batch(ChunkCipher& cipher, std::uint64_t first_chunk, Bytes plain, bool is_last,
                       MutBytes sealed);

}  // namespace trackier::envelope
