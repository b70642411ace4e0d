#include "codec/prefix_codec.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <new>
#include <utility>

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

/// Advanced parameters by their values; 0 is what the level says.
using Parameters = std::array<std::pair<ZSTD_cParameter, int>, 7>;

constexpr Parameters of_level(int level) {
  return {{{ZSTD_c_compressionLevel, level},
           {ZSTD_c_strategy, 0},
           {ZSTD_c_hashLog, 0},
           {ZSTD_c_chainLog, 0},
           {ZSTD_c_searchLog, 0},
           {ZSTD_c_minMatch, 0},
           {ZSTD_c_targetLength, 0}}};
}

/// Between level 4 and 8: matches with an older version are long, so that few places need to be
/// looked at, and tables that are small are soon filled with the prefix. Of 1 % of a table's rows
/// changed, 64 pages of 4 KiB a frame: 10 % less time than level 6, and 3 % fewer bytes.
constexpr Parameters of_versions{{{ZSTD_c_compressionLevel, 8},
                                  {ZSTD_c_strategy, ZSTD_lazy2},
                                  {ZSTD_c_hashLog, 18},
                                  {ZSTD_c_chainLog, 17},
                                  {ZSTD_c_searchLog, 3},
                                  {ZSTD_c_minMatch, 6},
                                  {ZSTD_c_targetLength, 8}}};

}  // namespace

struct PrefixEncoder::State {
  std::unique_ptr<ZSTD_CCtx, Deleter<ZSTD_freeCCtx>> context{ZSTD_createCCtx()};

  void encode(Bytes plain, Bytes prefix, const Parameters& parameters,
              std::vector<std::byte>& out) const {
    for (const auto& [parameter, value] : parameters) {
      checked(ZSTD_CCtx_setParameter(context.get(), parameter, value), "setting a parameter");
    }
    checked(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, window_log(plain, prefix)),
            "setting a window");
    checked(ZSTD_CCtx_refPrefix(context.get(), prefix.data(), prefix.size()), "taking a prefix");
    const std::size_t before = out.size();
    out.resize(before + ZSTD_compressBound(plain.size()));
    const std::size_t size =
        checked(ZSTD_compress2(context.get(), out.data() + before, out.size() - before,
                               plain.data(), plain.size()),
                "compressing");
    out.resize(before + size);
  }
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

void PrefixEncoder::encode(Bytes plain, int level, std::vector<std::byte>& out) {
  state_->encode(plain, {}, of_level(level), out);
}

void PrefixEncoder::encode_version(Bytes plain, Bytes prefix, std::vector<std::byte>& out) {
  state_->encode(plain, prefix, of_versions, out);
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
