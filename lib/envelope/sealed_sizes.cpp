#include "envelope/sealed_sizes.hpp"

#include <fmt/format.h>

#include "core/error.hpp"

namespace trackier::envelope {

Chunks chunks_of_plain(std::uint64_t plain_bytes) {
  return {.count = plain_bytes / chunk_bytes + 1, .plain_bytes = plain_bytes};
}

std::optional<Chunks> chunks_of_file(std::uint64_t file_bytes) {
  if (file_bytes < payload_begin + tag_bytes) {
    return std::nullopt;
  }
  const std::uint64_t sealed = file_bytes - payload_begin;
  const std::uint64_t last = sealed % sealed_chunk_bytes;
  const std::uint64_t count = sealed / sealed_chunk_bytes + 1;
  if (last < tag_bytes || count > most_chunks) {
    return std::nullopt;
  }
  return Chunks{.count = count, .plain_bytes = (count - 1) * chunk_bytes + last - tag_bytes};
}

Chunks checked_chunks(std::uint64_t file_bytes, const Block& block, const std::string& name) {
  const auto chunks = chunks_of_file(file_bytes);
  if (!chunks || (block.plain_bytes && *block.plain_bytes > chunks->plain_bytes)) {
    throw Error{Code::data, fmt::format("{}: the envelope is cut short", name)};
  }
  if (block.plain_bytes && *block.plain_bytes < chunks->plain_bytes) {
    throw Error{Code::data, fmt::format("{}: it is longer than its head says", name)};
  }
  return *chunks;
}

}  // namespace trackier::envelope
