#pragma once
/// Reads what a file contains whether it is compressed or not. What it is, its first bytes tell,
/// not its name.

#include <cstdint>
#include <memory>

#include "codec/encoding.hpp"
#include "core/stream.hpp"

namespace trackier::codec {

class InputBuffer;
class DecoderStage;

/// Decodes gzip (RFC 1952: any number of members, then any number of zero bytes) and zstd (RFC
/// 8878: any number of frames, skippable ones too, windows up to 8 MiB), and passes everything else
/// through. Empty input is empty.
///
/// Every checksum is checked, and the end must be an end. Throws Error{Code::data} naming the byte
/// of the compressed input (counted from 0) where decoding came to a halt when it is damaged, ends
/// early, is followed by something else, or needs a larger window. gzip(1) only warns of what
/// follows and drops it; here it is an error, for another reader of the file may see in it what we
/// did not.
///
/// Other compressed data (xz, bzip2, lz4, compress, zip, 7z) is refused with Error{Code::data}:
/// passed through, it would be taken for text in which nothing personal was found.
///
/// Memory: 128 KiB, and for gzip 90 KiB, for zstd the window and 200 KiB. A pipe that gives few
/// bytes is not waited for: bytes that begin no known format are delivered at once. Not
/// thread-safe.
class Decoder final : public Source {
 public:
  /// input must outlive the decoder.
  explicit Decoder(Source& input);
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  Decoder(Decoder&&) = delete;
  Decoder& operator=(Decoder&&) = delete;
  ~Decoder() override;

  std::size_t read(MutBytes into) override;

  /// What the input is; reads its first bytes if nothing has been read yet.
  [[nodiscard]] Encoding encoding();

  /// Bytes of the input decoded so far.
  [[nodiscard]] std::uint64_t consumed() const noexcept;

 private:
  DecoderStage& stage();

  std::unique_ptr<InputBuffer> buffer_;
  std::unique_ptr<DecoderStage> stage_;  ///< none until the encoding is known
  Encoding encoding_ = Encoding::none;
};

}  // namespace trackier::codec
