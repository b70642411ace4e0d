#include "envelope/reencrypt.hpp"

#include <vector>

#include "envelope/open_chunks.hpp"
#include "envelope/seal_parts.hpp"
#include "os/write_behind.hpp"

namespace trackier::envelope {

Sealed reencrypt_file(os::File& old, const Opening& opening, os::File& output,
                      const Recipients& recipients, const Origin& origin,
                      const OpenOptions& options, const SealEvents& events,
                      const std::stop_token& stop) {
  const PayloadKeys keys{origin.data_key, origin.salt, payload_context(origin.id)};
  const Chunks chunks = checked_chunks(old.status().size, opening.block(), options.name);
  os::WriteBehind behind{output, payload_begin};
  open_chunks(old, opening, options, events, stop, [&](std::uint64_t offset, Bytes plain) {
    ChunkCipher cipher{keys};
    std::vector<std::byte> sealed(batch_sealed_bytes);
    const std::uint64_t first = offset / chunk_bytes;
    const bool is_last = first / batch_chunks + 1 == chunks.batches();
    const std::size_t made = seal_batch(cipher, first, plain, is_last, sealed);
    output.write_at(sealed_offset(first), Bytes{sealed}.first(made));
    behind.wrote(made);
  });
  const BlockBytes block =
      block_of(recipients, origin, {.metadata = opening.metadata()}, chunks.plain_bytes);
  // Last, so that a file without its payload has no head either.
  output.write_at(0, front_of(block, origin, keys));
  return {.id = origin.id,
          .plain_bytes = chunks.plain_bytes,
          .envelope_bytes = envelope_bytes(chunks.plain_bytes)};
}

}  // namespace trackier::envelope
