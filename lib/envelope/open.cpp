#include "envelope/open.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "envelope/chunk_opener.hpp"
#include "envelope/open_chunks.hpp"
#include "envelope/sealed_sizes.hpp"
#include "flow/ordered_parallel.hpp"
#include "os/signals.hpp"
#include "os/write_behind.hpp"

namespace trackier::envelope {
namespace {

using Buffer = std::vector<std::byte>;

/// Reads until `into` is full or the source ends; returns how many bytes.
std::size_t read_fully(Source& input, MutBytes into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const std::size_t got = input.read(into.subspan(done));
    if (got == 0) {
      break;
    }
    done += got;
  }
  return done;
}

/// Some chunks of a stream. All but the last batch are full chunks alone.
struct Batch {
  std::uint64_t first_chunk = 0;
  bool is_last = false;
  Buffer sealed = Buffer(batch_sealed_bytes);
  std::size_t sealed_size = 0;
  Buffer plain = Buffer(batch_plain_bytes);
  std::size_t plain_size = 0;
  std::optional<Error> failure;  ///< after plain_size authentic bytes
  std::optional<ChunkOpener> opener;
};

/// Takes whole chunks from a stream as soon as they are there.
class ChunkReader {
 public:
  explicit ChunkReader(Source& input) : input_(input) {}

  bool take(Batch& batch) {
    if (ended_) {
      return false;
    }
    batch.first_chunk = next_chunk_;
    std::ranges::copy(rest_, batch.sealed.begin());
    batch.sealed_size = rest_.size();
    rest_.clear();
    while (batch.sealed_size < sealed_chunk_bytes && !ended_) {
      const std::size_t got = input_.read(MutBytes{batch.sealed}.subspan(batch.sealed_size));
      batch.sealed_size += got;
      ended_ = got == 0;
    }
    batch.is_last = ended_;
    if (!ended_) {
      keep_rest(batch);
    }
    if (next_chunk_ + batch_chunks > most_chunks) {
      throw Error{Code::data, "an envelope holds less than 64 TiB"};
    }
    next_chunk_ += batch.sealed_size / sealed_chunk_bytes;
    return true;
  }

 private:
  /// What is not a whole chunk yet waits for the next batch.
  void keep_rest(Batch& batch) {
    const std::size_t whole = batch.sealed_size / sealed_chunk_bytes * sealed_chunk_bytes;
    const Bytes rest = Bytes{batch.sealed}.first(batch.sealed_size).subspan(whole);
    rest_.assign(rest.begin(), rest.end());
    batch.sealed_size = whole;
  }

  Source& input_;
  Buffer rest_;
  std::uint64_t next_chunk_ = 0;
  bool ended_ = false;
};

/// Opens what is in the batch, up to the first chunk that does not prove authentic.
void open_batch(Batch& batch, const std::string& name) {
  batch.plain_size = 0;
  batch.failure.reset();
  Bytes sealed = Bytes{batch.sealed}.first(batch.sealed_size);
  std::uint64_t chunk = batch.first_chunk;
  try {
    for (; sealed.size() >= sealed_chunk_bytes; sealed = sealed.subspan(sealed_chunk_bytes)) {
      batch.opener->open(chunk++, sealed.first(sealed_chunk_bytes),
                         MutBytes{batch.plain}.subspan(batch.plain_size, chunk_bytes));
      batch.plain_size += chunk_bytes;
    }
    if (batch.is_last) {
      if (sealed.size() < tag_bytes) {
        throw cut_short(name);
      }
      const std::size_t size = sealed.size() - tag_bytes;
      batch.opener->open(chunk, sealed, MutBytes{batch.plain}.subspan(batch.plain_size, size));
      batch.plain_size += size;
    }
  } catch (const Error& error) {
    batch.failure = error;
  }
}

}  // namespace

Opening::Opening(Head head, Unlocked unlocked, Metadata metadata, PayloadKeys keys)
    : head_(std::move(head)),
      unlocked_(std::move(unlocked)),
      metadata_(std::move(metadata)),
      keys_(std::move(keys)) {}

Opening Opening::of_bytes(Bytes head_and_preamble, const Identities& identities,
                          const std::string& name, Format format) {
  Head head = parse_head(head_and_preamble.first(std::min(head_and_preamble.size(), head_bytes)),
                         name, format);
  Unlocked unlocked = unlock(head, identities, name);
  if (head_and_preamble.size() != payload_begin) {
    throw Error{Code::data, fmt::format("{}: the envelope is cut short", name)};
  }
  const Block& block = head.blocks[unlocked.block].block;
  Salt salt{};
  std::ranges::copy(head_and_preamble.subspan(head_bytes, salt.size()), salt.begin());
  const Bytes commitment = head_and_preamble.last(commitment_bytes);
  PayloadKeys keys{unlocked.data_key, salt, payload_context(block.id)};
  if (!crypto::constant_time_equal(keys.commitment(), commitment)) {
    throw Error{Code::data, fmt::format("{}: the payload is of another envelope, or was changed: "
                                        "its commitment does not agree",
                                        name)};
  }
  Metadata metadata =
      doing(name, [&] { return open_metadata(block.metadata, unlocked.data_key, block.id); });
  return {std::move(head), std::move(unlocked), std::move(metadata), std::move(keys)};
}

Opening Opening::of_stream(Source& input, const Identities& identities, const std::string& name,
                           Format format) {
  std::array<std::byte, payload_begin> bytes{};
  const std::size_t got = read_fully(input, bytes);
  return of_bytes(Bytes{bytes}.first(got), identities, name, format);
}

Opening Opening::of_file(os::File& input, const Identities& identities, const std::string& name,
                         Format format) {
  std::array<std::byte, payload_begin> bytes{};
  const std::size_t got = input.read_at(0, bytes);
  return of_bytes(Bytes{bytes}.first(got), identities, name, format);
}

Opened open_stream(Source& input, const Opening& opening, Sink& output, const OpenOptions& options,
                   const SealEvents& events, const std::stop_token& stop) {
  ChunkReader chunks{input};
  std::uint64_t written = 0;
  const auto take = [&](Batch& batch) { return chunks.take(batch); };
  const auto work = [&](Batch& batch) {
    if (!batch.opener) {
      batch.opener.emplace(opening.keys(), options.name);
    }
    open_batch(batch, options.name);
  };
  const auto give = [&](Batch& batch) {
    if (batch.plain_size > 0) {
      output.write(Bytes{batch.plain}.first(batch.plain_size));
    }
    crypto::wipe(batch.plain);
    written += batch.plain_size;
    if (batch.failure) {
      throw Error{*batch.failure};
    }
    events.progressed(written);
  };
  flow::OrderedParallel<Batch, decltype(take), decltype(work), decltype(give)>{take, work, give}
      .run(options.workers, stop);
  os::throw_if_stopped(stop);
  const auto named = opening.block().plain_bytes;
  if (named && *named != written) {
    throw *named > written
        ? cut_short(options.name)
        : Error{Code::data, fmt::format("{}: it is longer than its head says", options.name)};
  }
  output.finish();
  return {.id = opening.block().id, .plain_bytes = written};
}

Opened open_file(os::File& input, const Opening& opening, os::File& output,
                 const OpenOptions& options, const SealEvents& events,
                 const std::stop_token& stop) {
  os::WriteBehind behind{output, 0};
  return open_chunks(input, opening, options, events, stop, [&](std::uint64_t offset, Bytes plain) {
    output.write_at(offset, plain);
    behind.wrote(plain.size());
  });
}

Opened verify_file(os::File& envelope, const Opening& opening, const OpenOptions& options,
                   const SealEvents& events, const std::stop_token& stop) {
  return open_chunks(envelope, opening, options, events, stop, [](std::uint64_t, Bytes) {});
}

Opened open_range(os::File& input, const Opening& opening, const Range& range, Sink& output,
                  const OpenOptions& options, const std::stop_token& stop) {
  const Chunks chunks = checked_chunks(input.status().size, opening.block(), options.name);
  ChunkOpener opener{opening.keys(), options.name};
  Buffer sealed(sealed_chunk_bytes);
  Buffer plain(chunk_bytes);
  const auto open_chunk = [&](std::uint64_t chunk) {
    const std::size_t size = chunks.plain_bytes_of(chunk);
    const MutBytes whole = MutBytes{sealed}.first(size + tag_bytes);
    if (input.read_at(sealed_offset(chunk), whole) != whole.size()) {
      throw cut_short(options.name);
    }
    opener.open(chunk, whole, MutBytes{plain}.first(size));
    return Bytes{plain}.first(size);
  };
  open_chunk(chunks.count - 1);  // the length of the whole is certain only then
  if (range.begin > range.end || range.end > chunks.plain_bytes) {
    throw Error{Code::usage, fmt::format("{}: bytes {} to {} are not in it; it holds {} bytes",
                                         options.name, range.begin, range.end, chunks.plain_bytes)};
  }
  for (std::uint64_t at = range.begin; at < range.end;) {
    os::throw_if_stopped(stop);
    const std::uint64_t chunk = at / chunk_bytes;
    const std::size_t skipped = at % chunk_bytes;
    const Bytes content = open_chunk(chunk).subspan(skipped);
    const Bytes part = content.first(std::min<std::uint64_t>(content.size(), range.end - at));
    output.write(part);
    at += part.size();
  }
  crypto::wipe(plain);
  output.finish();
  return {.id = opening.block().id, .plain_bytes = range.end - range.begin};
}

}  // namespace trackier::envelope
