#pragma once
/// All of a regular file, opened by workers. Of interest inside this area only.

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <vector>

#include "envelope/chunk_opener.hpp"
#include "envelope/open.hpp"
#include "envelope/sealed_sizes.hpp"
#include "flow/parallel_ranges.hpp"
#include "os/signals.hpp"

namespace trackier::envelope {

/// Opens every chunk of a file, batch by batch, and hands batches to `use(offset, plain)` in
/// whatever order, several at a time.
template <typename Use>
Opened open_chunks(os::File& input, const Opening& opening, const OpenOptions& options,
                   const SealEvents& events, const std::stop_token& stop, Use use) {
  const Chunks chunks = checked_chunks(input.status().size, opening.block(), options.name);
  std::mutex telling;
  std::uint64_t done = 0;
  flow::parallel_ranges(chunks.batches(), options.workers, stop, [&] {
    return [&, opener = ChunkOpener{opening.keys(), options.name},
            sealed = std::vector<std::byte>(batch_sealed_bytes),
            plain = std::vector<std::byte>(batch_plain_bytes)](std::uint64_t batch) mutable {
      const std::uint64_t first = batch * batch_chunks;
      const std::size_t size = chunks.sealed_bytes_of_batch(batch);
      if (input.read_at(sealed_offset(first), MutBytes{sealed}.first(size)) != size) {
        throw cut_short(options.name);
      }
      std::size_t made = 0;
      Bytes rest = Bytes{sealed}.first(size);
      for (std::uint64_t i = 0; i < chunks.in_batch(batch); ++i) {
        const Bytes chunk = rest.first(std::min(rest.size(), sealed_chunk_bytes));
        opener.open(first + i, chunk, MutBytes{plain}.subspan(made, chunk.size() - tag_bytes));
        made += chunk.size() - tag_bytes;
        rest = rest.subspan(chunk.size());
      }
      use(first * chunk_bytes, Bytes{plain}.first(made));
      const std::scoped_lock lock{telling};
      done += made;
      events.progressed(done);
    };
  });
  os::throw_if_stopped(stop);
  return {.id = opening.block().id, .plain_bytes = chunks.plain_bytes};
}

}  // namespace trackier::envelope
