#include "codec/compressing_source.hpp"

#include <algorithm>

namespace trackier::codec {
namespace {

constexpr std::size_t piece_bytes = 1024 * 1024;

}  // namespace

CompressingSource::CompressingSource(Source& input, Encoding encoding, int level)
    : input_(input), encoder_(Encoder::make(encoding, level)), piece_(piece_bytes) {}

/// False at the end.
bool CompressingSource::refill() {
  std::size_t size = 0;
  while (size < piece_.size()) {
    const std::size_t count = input_.read(MutBytes{piece_}.subspan(size));
    if (count == 0) {
      break;
    }
    size += count;
  }
  if (size == 0 && begun_) {
    return false;
  }
  begun_ = true;
  consumed_ += size;
  compressed_.clear();
  encoder_->encode(Bytes{piece_}.first(size), compressed_);
  given_ = 0;
  return true;
}

std::size_t CompressingSource::read(MutBytes into) {
  while (given_ == compressed_.size()) {
    if (!refill()) {
      return 0;
    }
  }
  const Bytes rest = Bytes{compressed_}.subspan(given_);
  const std::size_t count = std::min(into.size(), rest.size());
  std::ranges::copy(rest.first(count), into.begin());
  given_ += count;
  return count;
}

}  // namespace trackier::codec
