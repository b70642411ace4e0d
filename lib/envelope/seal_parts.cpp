#include "envelope/seal_parts.hpp"

#include <algorithm>
#include <iterator>

namespace trackier::envelope {

BlockBytes block_of(const Recipients& recipients, const Origin& origin, const SealOptions& options,
                    std::optional<std::uint64_t> plain_bytes) {
  Block block{.format = options.format,
              .id = origin.id,
              .plain_bytes = plain_bytes,
              .metadata = seal_metadata(options.metadata, origin.data_key, origin.id),
              .stanzas = {},
              .mac = {}};
  for (const auto& recipient : recipients) {
    std::ranges::move(recipient->wrap(origin.data_key, origin.id),
                      std::back_inserter(block.stanzas));
  }
  return to_bytes(block, origin.data_key);
}

std::vector<std::byte> front_of(const BlockBytes& block, const Origin& origin,
                                const PayloadKeys& keys) {
  std::vector<std::byte> front;
  front.reserve(payload_begin);
  for (const Bytes part :
       {Bytes{block}, Bytes{block}, Bytes{origin.salt}, Bytes{keys.commitment()}}) {
    front.insert(front.end(), part.begin(), part.end());
  }
  return front;
}

std::size_t seal_batch(ChunkCipher& cipher, std::uint64_t first_chunk, Bytes plain, bool is_last,
                       MutBytes sealed) {
  std::size_t made = 0;
  for (std::uint64_t chunk = first_chunk;; ++chunk) {
    const Bytes part = plain.first(std::min(plain.size(), chunk_bytes));
    if (part.size() < chunk_bytes && !is_last) {
      return made;  // nothing is left: the last batch alone ends with a chunk that is not full
    }
    cipher.seal(chunk, part, sealed.subspan(made, part.size() + tag_bytes));
    made += part.size() + tag_bytes;
    if (part.size() < chunk_bytes) {
      return made;
    }
    plain = plain.subspan(part.size());
  }
}

}  // namespace trackier::envelope
