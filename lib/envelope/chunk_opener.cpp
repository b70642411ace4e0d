#include "envelope/chunk_opener.hpp"

#include <fmt/format.h>

#include "core/error.hpp"

namespace trackier::envelope {

Error cut_short(const std::string& name) {
  return Error{Code::data, fmt::format("{}: the envelope is cut short", name),
               "what was given out before is authentic, but not all there was"};
}

void ChunkOpener::open(std::uint64_t chunk, Bytes sealed, MutBytes out) {
  if (!cipher_.open(chunk, sealed, out)) {
    throw Error{Code::data, fmt::format("{}: chunk {}: authentication failed", name_, chunk),
                "the envelope was changed, cut or put together from others after it was sealed"};
  }
}

}  // namespace trackier::envelope
