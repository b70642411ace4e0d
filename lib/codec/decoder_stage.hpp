#pragma once
/// One way of decoding. Of interest inside this area only.

#include <memory>
#include <string_view>

#include "codec/input_buffer.hpp"

namespace trackier::codec {

class DecoderStage {
 public:
  DecoderStage() = default;
  DecoderStage(const DecoderStage&) = delete;
  DecoderStage& operator=(const DecoderStage&) = delete;
  DecoderStage(DecoderStage&&) = delete;
  DecoderStage& operator=(DecoderStage&&) = delete;
  virtual ~DecoderStage() = default;

  /// As Source::read.
  virtual std::size_t read(MutBytes into) = 0;
};

/// input must outlive the stage and begin with a gzip member or a zstd frame.
std::unique_ptr<DecoderStage> make_gzip_stage(InputBuffer& input);
std::unique_ptr<DecoderStage> make_zstd_stage(InputBuffer& input);

/// How the formats begin (RFC 1952, section 2.3.1; RFC 8878, sections 3.1.1 and 3.1.2).
inline constexpr std::string_view gzip_magic = "\x1f\x8b";
inline constexpr std::string_view zstd_magic = "\x28\xb5\x2f\xfd";
inline constexpr std::string_view zstd_skippable_magic_rest = "\x2a\x4d\x18";  // after 0x50 to 0x5F

}  // namespace trackier::codec
