#include "codec/prefix_codec.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <bit>
#include <new>

#include "core/error.hpp"

namespace trackier::codec {
namespace {

template <auto Free>
struct Deleter {
  template <typename Object>
  void operator()(Object* object) const noexcept {
    Free(object);
  }
};

constexpr int least_window_log = 10;  ///< of the format
constexpr int most_window_log = 30;

/// The window has to reach from the end of what is compressed to the beginning of the prefix.
int window_log(Bytes plain, Bytes prefix) {
  const int needed = static_cast<int>(std::bit_width(plain.size() + prefix.size()));
  return std::clamp(needed, least_window_log, most_window_log);
}

std::size_t checked(std::size_t result, const char* what) {
  if (ZSTD_isError(result) != 0U) {
    throw Error{Code::bug, fmt::format("zstd: {}: {}", what, ZSTD_getErrorName(result))};
  }
  return result;
}

}  // namespace

struct PrefixEncoder::State {
  std::unique_ptr<ZSTD_CCtx, Deleter<ZSTD_freeCCtx>> context{ZSTD_createCCtx()};
};

PrefixEncoder::PrefixEncoder() : state_(std::make_unique<State>()) {
  if (!state_->context) {
    throw std::bad_alloc{};
  }
  ZSTD_CCtx* const context = state_->context.get();
  checked(ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0), "setting up");
  checked(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 0), "setting up");
}

PrefixEncoder::PrefixEncoder(PrefixEncoder&&) noexcept = default;
PrefixEncoder& PrefixEncoder::operator=(PrefixEncoder&&) noexcept = default;
PrefixEncoder::~PrefixEncoder() = default;

void PrefixEncoder::encode(Bytes plain, Bytes prefix, int level, std::vector<std::byte>& out) {
  ZSTD_CCtx* const context = state_->context.get();
  checked(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level), "setting a level");
  checked(ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log(plain, prefix)),
          "setting a window");
  checked(ZSTD_CCtx_refPrefix(context, prefix.data(), prefix.size()), "taking a prefix");
  const std::size_t before = out.size();
  out.resize(before + ZSTD_compressBound(plain.size()));
  const std::size_t size = checked(
      ZSTD_compress2(context, out.data() + before, out.size() - before, plain.data(), plain.size()),
      "compressing");
  out.resize(before + size);
}

struct PrefixDecoder::State {
  std::unique_ptr<ZSTD_DCtx, Deleter<ZSTD_freeDCtx>> context{ZSTD_createDCtx()};
};

PrefixDecoder::PrefixDecoder() : state_(std::make_unique<State>()) {
  if (!state_->context) {
    throw std::bad_alloc{};
  }
  checked(ZSTD_DCtx_setParameter(state_->context.get(), ZSTD_d_windowLogMax, most_window_log),
          "setting up");
}

PrefixDecoder::PrefixDecoder(PrefixDecoder&&) noexcept = default;
PrefixDecoder& PrefixDecoder::operator=(PrefixDecoder&&) noexcept = default;
PrefixDecoder::~PrefixDecoder() = default;

void PrefixDecoder::decode(Bytes frame, Bytes prefix, MutBytes into) {
  ZSTD_DCtx* const context = state_->context.get();
  checked(ZSTD_DCtx_refPrefix(context, prefix.data(), prefix.size()), "taking a prefix");
  const std::size_t size =
      ZSTD_decompressDCtx(context, into.data(), into.size(), frame.data(), frame.size());
  if (ZSTD_isError(size) != 0U || size != into.size()) {
    throw Error{Code::data, "compressed data is damaged"};
  }
}

}  // namespace trackier::codec
