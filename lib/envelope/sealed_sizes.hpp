#pragma once
/// Where chunks lie in a file. Of interest inside this area only.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "envelope/block.hpp"
#include "envelope/format.hpp"

namespace trackier::envelope {

/// What workers read, seal and write at once: large enough that system calls do not matter, small
/// enough to stay in the cache.
inline constexpr std::uint64_t batch_chunks = 16;
inline constexpr std::size_t batch_plain_bytes = batch_chunks * chunk_bytes;
inline constexpr std::size_t batch_sealed_bytes = batch_chunks * sealed_chunk_bytes;

inline constexpr std::uint64_t payload_begin = head_bytes + preamble_bytes;

/// What is behind the head and the preamble of a regular file.
struct Chunks {
  std::uint64_t count = 0;  ///< at least 1: the last one, which is shorter than the others
  std::uint64_t plain_bytes = 0;

  [[nodiscard]] std::uint64_t batches() const { return (count + batch_chunks - 1) / batch_chunks; }
  [[nodiscard]] std::uint64_t in_batch(std::uint64_t batch) const {
    return std::min(batch_chunks, count - batch * batch_chunks);
  }
  [[nodiscard]] std::size_t plain_bytes_of(std::uint64_t chunk) const {
    return chunk + 1 == count ? plain_bytes % chunk_bytes : chunk_bytes;
  }
  /// Of a whole batch, sealed.
  [[nodiscard]] std::size_t sealed_bytes_of_batch(std::uint64_t batch) const {
    const std::uint64_t last = batch * batch_chunks + in_batch(batch) - 1;
    return (in_batch(batch) - 1) * sealed_chunk_bytes + plain_bytes_of(last) + tag_bytes;
  }
};

constexpr std::uint64_t sealed_offset(std::uint64_t chunk) {
  return payload_begin + chunk * sealed_chunk_bytes;
}

/// By the length of the plaintext.
Chunks chunks_of_plain(std::uint64_t plain_bytes);

/// By the length of the file; none when no envelope has it: it was cut, or something was added.
std::optional<Chunks> chunks_of_file(std::uint64_t file_bytes);

/// The same, which also has to be the length the head names. Throws Error{Code::data}.
Chunks checked_chunks(std::uint64_t file_bytes, const Block& block, const std::string& name);

}  // namespace trackier::envelope
