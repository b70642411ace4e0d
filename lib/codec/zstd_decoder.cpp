#include <fmt/format.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <new>

#include "codec/decoder_stage.hpp"
#include "core/error.hpp"

namespace trackier::codec {
namespace {

/// "For improved interoperability, it's recommended for decoders to support values of Window_Size
/// up to 8 MB" (RFC 8878, section 3.1.1.1.2). zstd -19 stays within; -20 to -22 and --long do not,
/// and would take up to 2 GiB.
constexpr int window_log_max = 23;

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

class ZstdStage final : public DecoderStage {
 public:
  explicit ZstdStage(InputBuffer& input) : input_(input), context_(ZSTD_createDCtx()) {
    if (!context_) {
      throw std::bad_alloc{};
    }
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, window_log_max);
  }

  std::size_t read(MutBytes into) override {
    for (;;) {
      // Output that did not fit last time comes without input; otherwise input is needed.
      if (!output_waits_ && input_.unread().empty() && !input_.fill()) {
        if (inside_frame_) {
          throw Error{Code::data, fmt::format("zstd data ends early, at byte {}", input_.offset()),
                      "the file is incomplete: copy it again"};
        }
        return 0;
      }
      if (const std::size_t count = decompress(into); count > 0) {
        return count;
      }
    }
  }

 private:
  /// Decodes until the input that is there is used up, `into` is full, or the frame ends.
  std::size_t decompress(MutBytes into) {
    const Bytes available = input_.unread();
    ZSTD_inBuffer in{.src = available.data(), .size = available.size(), .pos = 0};
    ZSTD_outBuffer out{.dst = into.data(), .size = into.size(), .pos = 0};
    const std::size_t result = ZSTD_decompressStream(context_.get(), &out, &in);
    input_.take(in.pos);
    if (ZSTD_isError(result) != 0) {
      fail(ZSTD_getErrorCode(result));
    }
    inside_frame_ = result != 0;
    // After the end of a frame nothing is held back.
    output_waits_ = inside_frame_ && out.pos == out.size;
    return out.pos;
  }

  [[noreturn]] void fail(ZSTD_ErrorCode code) const {
    switch (code) {
      case ZSTD_error_frameParameter_windowTooLarge:
        throw Error{Code::data, "zstd data needs a window of more than 8 MiB",
                    "decompress it first: zstd -dc --long=31 FILE | trackier-ctl ..."};
      case ZSTD_error_prefix_unknown:
        damaged("what follows the compressed data is not zstd");
      case ZSTD_error_checksum_wrong:
        damaged("wrong checksum");
      case ZSTD_error_dictionary_wrong:
        throw Error{Code::data, "zstd data needs a dictionary",
                    "decompress it first: zstd -dc -D DICTIONARY FILE | trackier-ctl ..."};
      case ZSTD_error_memory_allocation:
        throw std::bad_alloc{};
      default:
        damaged("not valid zstd data");
    }
  }

  [[noreturn]] void damaged(const char* how) const {
    throw Error{Code::data,
                fmt::format("zstd data is damaged at byte {}: {}", input_.offset(), how)};
  }

  InputBuffer& input_;
  std::unique_ptr<ZSTD_DCtx, FreeContext> context_;
  bool inside_frame_ = false;
  bool output_waits_ = false;
};

}  // namespace

std::unique_ptr<DecoderStage> make_zstd_stage(InputBuffer& input) {
  return std::make_unique<ZstdStage>(input);
}

}  // namespace trackier::codec
