#include <fmt/format.h>
#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <cstdint>

#include "codec/decoder_stage.hpp"
#include "core/error.hpp"

namespace trackier::codec {
namespace {

/// ISA-L's interface predates const and counts in 32 bits.
std::uint8_t* isal_pointer(const std::byte* bytes) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast,cppcoreguidelines-pro-type-reinterpret-cast)
  return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(bytes));
}

std::uint32_t isal_size(std::size_t size) {
  return static_cast<std::uint32_t>(std::min<std::size_t>(size, std::size_t{1} << 30U));
}

class GzipStage final : public DecoderStage {
 public:
  explicit GzipStage(InputBuffer& input) : input_(input) { isal_inflate_init(&state_); }

  std::size_t read(MutBytes into) override {
    for (;;) {
      if (between_members_ && !begin_member()) {
        return 0;
      }
      // Output that did not fit last time comes without input; otherwise input is needed.
      if (!output_waits_ && input_.unread().empty() && !input_.fill()) {
        throw Error{Code::data, fmt::format("gzip data ends early, at byte {}", input_.offset()),
                    "the file is incomplete: copy it again"};
      }
      if (inside_header_) {
        read_header();
      } else if (const std::size_t count = inflate(into); count > 0) {
        return count;
      }
    }
  }

 private:
  /// Reads on in the header of a member. isal_inflate would read it too, but forgets the flags of a
  /// header that ends in another call than it began in (ISA-L 2.30).
  void read_header() {
    const Bytes available = input_.unread();
    state_.next_in = isal_pointer(available.data());
    state_.avail_in = isal_size(available.size());
    const std::uint32_t offered = state_.avail_in;
    const int result = isal_read_gzip_header(&state_, &header_);
    input_.take(offered - state_.avail_in);
    if (result == ISAL_DECOMP_OK) {
      inside_header_ = false;
    } else if (result != ISAL_END_INPUT) {
      damaged(result == ISAL_INCORRECT_CHECKSUM ? "wrong checksum" : "not a valid gzip header");
    }
  }

  /// Decodes until the input that is there is used up, `into` is full, or the member ends.
  std::size_t inflate(MutBytes into) {
    const Bytes available = input_.unread();
    state_.next_in = isal_pointer(available.data());
    state_.avail_in = isal_size(available.size());
    state_.next_out = isal_pointer(into.data());
    state_.avail_out = isal_size(into.size());
    const std::uint32_t offered_in = state_.avail_in;
    const std::uint32_t offered_out = state_.avail_out;

    const int result = isal_inflate(&state_);

    input_.take(offered_in - state_.avail_in);
    if (result < 0) {
      damaged(result == ISAL_INCORRECT_CHECKSUM ? "wrong checksum" : "not valid deflate data");
    }
    if (state_.block_state == ISAL_BLOCK_FINISH) {
      between_members_ = true;
    }
    output_waits_ = state_.avail_out == 0;
    return offered_out - state_.avail_out;
  }

  /// Makes ready for the next member; false when there is none.
  bool begin_member() {
    if (input_.unread().empty() && !input_.fill()) {
      return false;
    }
    if (!first_member_ && input_.unread().front() == std::byte{0}) {
      skip_zeros();
      return false;
    }
    if (!input_.fill_to(gzip_magic.size()) || !as_text(input_.unread()).starts_with(gzip_magic)) {
      damaged("what follows the compressed data is not gzip");
    }
    first_member_ = false;
    between_members_ = false;
    output_waits_ = false;
    isal_inflate_reset(&state_);
    state_.crc_flag = ISAL_GZIP_NO_HDR_VER;  // compares checksum and size at the end
    isal_gzip_header_init(&header_);         // no buffers: name, comment and extra are skipped
    inside_header_ = true;
    return true;
  }

  /// Tapes and block devices round files up with zeros; after these nothing else may follow.
  void skip_zeros() {
    do {
      const Bytes waiting = input_.unread();
      const auto other =
          std::ranges::find_if(waiting, [](std::byte byte) { return byte != std::byte{0}; });
      input_.take(static_cast<std::size_t>(other - waiting.begin()));
      if (other != waiting.end()) {
        damaged("what follows the compressed data is not gzip");
      }
    } while (input_.fill());
  }

  [[noreturn]] void damaged(const char* how) const {
    throw Error{Code::data,
                fmt::format("gzip data is damaged at byte {}: {}", input_.offset(), how)};
  }

  InputBuffer& input_;
  inflate_state state_{};
  isal_gzip_header header_{};
  bool first_member_ = true;
  bool between_members_ = true;
  bool inside_header_ = false;
  bool output_waits_ = false;
};

}  // namespace

std::unique_ptr<DecoderStage> make_gzip_stage(InputBuffer& input) {
  return std::make_unique<GzipStage>(input);
}

}  // namespace trackier::codec
