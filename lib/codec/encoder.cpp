#include "codec/encoder.hpp"

#include <fmt/format.h>
#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include <array>
#include <new>

#include "core/error.hpp"

namespace trackier::codec {
namespace {

constexpr std::size_t largest_chunk = std::size_t{1} << 30U;

void check_size(Bytes plain) {
  if (plain.size() > largest_chunk) {
    throw Error{Code::bug, fmt::format("a chunk of {} bytes to compress", plain.size())};
  }
}

class CopyingEncoder final : public Encoder {
 public:
  void encode(Bytes plain, std::vector<std::byte>& out) override {
    out.insert(out.end(), plain.begin(), plain.end());
  }
};

class GzipEncoder final : public Encoder {
 public:
  explicit GzipEncoder(int level)
      : working_memory_(level_memory.at(static_cast<std::size_t>(level))) {
    isal_deflate_init(&stream_);
    stream_.level = static_cast<std::uint32_t>(level);
    stream_.level_buf = working_memory_.data();
    stream_.level_buf_size = static_cast<std::uint32_t>(working_memory_.size());
    stream_.end_of_stream = 1;
  }

  void encode(Bytes plain, std::vector<std::byte>& out) override {
    check_size(plain);
    const std::size_t before = out.size();
    isal_deflate_reset(&stream_);
    // ISA-L changes it once the header is written, and its reset leaves it so.
    stream_.gzip_flag = IGZIP_GZIP;
    // ISA-L's interface predates const.
    // NOLINTBEGIN(cppcoreguidelines-pro-type-const-cast)
    stream_.next_in =
        const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(plain.data()));
    // NOLINTEND(cppcoreguidelines-pro-type-const-cast)
    stream_.avail_in = static_cast<std::uint32_t>(plain.size());
    std::size_t used = before;
    std::size_t room = expected_size(plain.size());
    do {
      out.resize(used + room);
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
      stream_.next_out = reinterpret_cast<std::uint8_t*>(out.data()) + used;
      stream_.avail_out = static_cast<std::uint32_t>(room);
      if (const int result = isal_deflate(&stream_); result != COMP_OK) {
        throw Error{Code::bug, fmt::format("gzip compression failed: ISA-L error {}", result)};
      }
      used = out.size() - stream_.avail_out;
      room = plain.size() / 8 + 1024;
    } while (stream_.internal_state.state != ZSTATE_END);
    out.resize(used);
  }

 private:
  static constexpr std::array<std::size_t, 4> level_memory{
      ISAL_DEF_LVL0_DEFAULT, ISAL_DEF_LVL1_DEFAULT, ISAL_DEF_LVL2_DEFAULT, ISAL_DEF_LVL3_DEFAULT};

  /// Enough for data that does not compress: five bytes for each stored block of 65,535, header and
  /// trailer.
  static std::size_t expected_size(std::size_t plain) { return plain + plain / 4096 + 512; }

  std::vector<std::uint8_t> working_memory_;
  isal_zstream stream_{};
};

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};

class ZstdEncoder final : public Encoder {
 public:
  explicit ZstdEncoder(int level) : context_(ZSTD_createCCtx()) {
    if (!context_) {
      throw std::bad_alloc{};
    }
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_contentSizeFlag, 1);
  }

  void encode(Bytes plain, std::vector<std::byte>& out) override {
    check_size(plain);
    const std::size_t before = out.size();
    out.resize(before + ZSTD_compressBound(plain.size()));
    const std::size_t result = ZSTD_compress2(context_.get(), out.data() + before,
                                              out.size() - before, plain.data(), plain.size());
    if (ZSTD_isError(result) != 0) {
      throw Error{Code::bug, fmt::format("zstd compression failed: {}", ZSTD_getErrorName(result))};
    }
    out.resize(before + result);
  }

 private:
  std::unique_ptr<ZSTD_CCtx, FreeContext> context_;
};

void check_level(Encoding encoding, int level, int highest) {
  if (level < 1 || level > highest) {
    throw Error{Code::usage,
                fmt::format("{} has levels 1 to {}, not {}", name(encoding), highest, level)};
  }
}

}  // namespace

std::unique_ptr<Encoder> Encoder::make(Encoding encoding, int level) {
  switch (encoding) {
    case Encoding::gzip:
      check_level(encoding, level, 3);
      return std::make_unique<GzipEncoder>(level);
    case Encoding::zstd:
      check_level(encoding, level, 19);
      return std::make_unique<ZstdEncoder>(level);
    case Encoding::none:
      break;
  }
  return std::make_unique<CopyingEncoder>();
}

}  // namespace trackier::codec
