#include "codec/decompressing_sink.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <new>

#include "core/error.hpp"

namespace trackier::codec {
namespace {

/// 8 MiB, what RFC 8878, section 3.1.1.1.2, asks of every decoder.
constexpr int largest_window_log = 23;

struct FreeStream {
  void operator()(ZSTD_DCtx* stream) const noexcept { ZSTD_freeDCtx(stream); }
};

}  // namespace

struct DecompressingSink::State {
  std::unique_ptr<ZSTD_DCtx, FreeStream> stream{ZSTD_createDCtx()};
};

DecompressingSink::DecompressingSink(Sink& output)
    : output_(output), state_(std::make_unique<State>()), buffer_(ZSTD_DStreamOutSize()) {
  if (!state_->stream) {
    throw std::bad_alloc{};
  }
  ZSTD_DCtx_setParameter(state_->stream.get(), ZSTD_d_windowLogMax, largest_window_log);
}

DecompressingSink::~DecompressingSink() = default;

void DecompressingSink::write(Bytes bytes) {
  ZSTD_inBuffer in{.src = bytes.data(), .size = bytes.size(), .pos = 0};
  bool full = false;  // then there may be more to come without more input
  while (in.pos < in.size || full) {
    ZSTD_outBuffer out{.dst = buffer_.data(), .size = buffer_.size(), .pos = 0};
    const std::size_t result = ZSTD_decompressStream(state_->stream.get(), &out, &in);
    if (ZSTD_isError(result) != 0) {
      throw Error{Code::data, fmt::format("zstd: {} near byte {}", ZSTD_getErrorName(result),
                                          consumed_ + in.pos)};
    }
    if (out.pos > 0) {
      output_.write(Bytes{buffer_}.first(out.pos));
      produced_ += out.pos;
    }
    within_frame_ = result != 0;
    full = within_frame_ && out.pos == out.size;
  }
  consumed_ += bytes.size();
}

void DecompressingSink::finish() {
  if (within_frame_) {
    throw Error{Code::data, fmt::format("zstd: cut short at byte {}", consumed_)};
  }
  output_.finish();
}

}  // namespace trackier::codec
