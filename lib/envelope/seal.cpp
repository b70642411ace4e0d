#include "envelope/seal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include "core/error.hpp"
#include "crypto/random.hpp"
#include "envelope/seal_parts.hpp"
#include "envelope/sealed_sizes.hpp"
#include "flow/ordered_parallel.hpp"
#include "flow/parallel_ranges.hpp"
#include "os/signals.hpp"
#include "os/write_behind.hpp"

namespace trackier::envelope {
namespace {

using Buffer = std::vector<std::byte>;

Error changed_while_read() {
  return Error{Code::data, "its length changed while it was read: someone writes to it",
               "rotate the log first, then encrypt the rotated file"};
}

/// A batch of a stream.
struct Batch {
  std::uint64_t number = 0;
  bool is_last = false;
  Buffer plain = Buffer(batch_plain_bytes);
  std::size_t plain_size = 0;
  Buffer sealed = Buffer(batch_sealed_bytes + tag_bytes);
  std::size_t sealed_size = 0;
  std::optional<ChunkCipher> cipher;  ///< one a worker
};

}  // namespace

Origin Origin::random() {
  Origin origin;
  crypto::random_bytes(origin.id);
  crypto::random_bytes(origin.salt);
  origin.data_key = crypto::random_secret(data_key_bytes);
  return origin;
}

Sealed seal_stream(Source& input, Sink& output, const Recipients& recipients, const Origin& origin,
                   const SealOptions& options, const SealEvents& events,
                   const std::stop_token& stop) {
  const PayloadKeys keys{origin.data_key, origin.salt, payload_context(origin.id)};
  const BlockBytes block = block_of(recipients, origin, options, std::nullopt);
  Sealed result{.id = origin.id};
  std::uint64_t next = 0;
  bool ended = false;

  const auto take = [&](Batch& batch) {
    if (ended) {
      return false;
    }
    batch.number = next++;
    batch.plain_size = 0;
    while (batch.plain_size < batch.plain.size()) {
      const std::size_t got = input.read(MutBytes{batch.plain}.subspan(batch.plain_size));
      if (got == 0) {
        ended = true;
        break;
      }
      batch.plain_size += got;
    }
    if (batch.number * batch_chunks + batch_chunks >= most_chunks) {
      throw Error{Code::data, "an envelope holds less than 64 TiB"};
    }
    batch.is_last = ended;
    return true;
  };
  const auto work = [&](Batch& batch) {
    if (!batch.cipher) {
      batch.cipher.emplace(keys);
    }
    batch.sealed_size =
        seal_batch(*batch.cipher, batch.number * batch_chunks,
                   Bytes{batch.plain}.first(batch.plain_size), batch.is_last, batch.sealed);
  };
  const auto give = [&](Batch& batch) {
    if (batch.number == 0) {
      output.write(front_of(block, origin, keys));
    }
    output.write(Bytes{batch.sealed}.first(batch.sealed_size));
    result.plain_bytes += batch.plain_size;
    events.progressed(result.plain_bytes);
  };
  flow::OrderedParallel<Batch, decltype(take), decltype(work), decltype(give)>{take, work, give}
      .run(options.workers, stop);
  os::throw_if_stopped(stop);
  output.finish();
  result.envelope_bytes = envelope_bytes(result.plain_bytes);
  return result;
}

Sealed seal_file(os::File& input, std::uint64_t plain_bytes, os::File& output,
                 const Recipients& recipients, const Origin& origin, const SealOptions& options,
                 const SealEvents& events, const std::stop_token& stop) {
  const PayloadKeys keys{origin.data_key, origin.salt, payload_context(origin.id)};
  const Chunks chunks = chunks_of_plain(plain_bytes);
  if (chunks.count > most_chunks) {
    throw Error{Code::data, "an envelope holds less than 64 TiB"};
  }
  const BlockBytes block = block_of(recipients, origin, options, plain_bytes);
  os::WriteBehind behind{output, payload_begin};
  std::mutex telling;
  std::uint64_t done = 0;

  flow::parallel_ranges(chunks.batches(), options.workers, stop, [&] {
    return [&, cipher = ChunkCipher{keys}, plain = Buffer(batch_plain_bytes),
            sealed = Buffer(batch_sealed_bytes)](std::uint64_t batch) mutable {
      const std::uint64_t begin = batch * batch_plain_bytes;
      const std::size_t size = std::min<std::uint64_t>(batch_plain_bytes, plain_bytes - begin);
      if (input.read_at(begin, MutBytes{plain}.first(size)) != size) {
        throw changed_while_read();
      }
      const bool is_last = batch + 1 == chunks.batches();
      const std::size_t made =
          seal_batch(cipher, batch * batch_chunks, Bytes{plain}.first(size), is_last, sealed);
      output.write_at(sealed_offset(batch * batch_chunks), Bytes{sealed}.first(made));
      behind.wrote(made);
      const std::scoped_lock lock{telling};
      done += size;
      events.progressed(done);
    };
  });
  os::throw_if_stopped(stop);
  std::byte more{};
  if (input.read_at(plain_bytes, MutBytes{&more, 1}) != 0) {
    throw changed_while_read();
  }
  // Last, so that a file without its payload has no head either.
  output.write_at(0, front_of(block, origin, keys));
  return {
      .id = origin.id, .plain_bytes = plain_bytes, .envelope_bytes = envelope_bytes(plain_bytes)};
}

}  // namespace trackier::envelope
