#include "codec/decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "codec/decoder_stage.hpp"
#include "core/error.hpp"

namespace trackier::codec {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::string_view bytes;
  Encoding encoding = Encoding::none;
  std::string_view refused = {};  ///< the name of a format that is not read
  std::string_view cure = {};     ///< what decompresses it
};

constexpr std::array signatures{
    Signature{.bytes = gzip_magic, .encoding = Encoding::gzip},
    Signature{.bytes = zstd_magic, .encoding = Encoding::zstd},
    Signature{.bytes = "\xfd\x37zXZ\0"sv, .refused = "xz", .cure = "xz -dc"},
    Signature{.bytes = "BZh91AY&SY", .refused = "bzip2", .cure = "bzip2 -dc"},
    Signature{.bytes = "\x04\x22\x4d\x18", .refused = "lz4", .cure = "lz4 -dc"},
    Signature{.bytes = "\x1f\x9d", .refused = "compress", .cure = "gzip -dc"},
    Signature{.bytes = "PK\x03\x04", .refused = "zip", .cure = "unzip -p"},
    Signature{.bytes = "7z\xbc\xaf\x27\x1c", .refused = "7z", .cure = "7z x -so"},
};

/// bzip2 -1 to -9 differ in the fourth byte.
bool byte_agrees(const Signature& signature, std::size_t index, char byte) {
  if (signature.refused == "bzip2" && index == 3) {
    return byte >= '1' && byte <= '9';
  }
  return signature.bytes[index] == byte;
}

enum class Likeness { different, beginning, same };

Likeness compare(const Signature& signature, std::string_view content) {
  const std::size_t common = std::min(content.size(), signature.bytes.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (!byte_agrees(signature, i, content[i])) {
      return Likeness::different;
    }
  }
  return common == signature.bytes.size() ? Likeness::same : Likeness::beginning;
}

/// A zstd frame to be skipped, with which pzstd begins its files.
Likeness compare_skippable(std::string_view content) {
  if (content.empty()) {
    return Likeness::beginning;
  }
  if ((static_cast<unsigned char>(content[0]) & 0xF0U) != 0x50U) {
    return Likeness::different;
  }
  return compare(Signature{.bytes = zstd_skippable_magic_rest}, content.substr(1));
}

[[noreturn]] void refuse(const Signature& signature) {
  throw Error{Code::data, fmt::format("{} data is not read", signature.refused),
              fmt::format("decompress it first: {} FILE | trackier-ctl ...", signature.cure)};
}

/// What the content is; none when more of it is needed to tell.
std::optional<Encoding> recognise(std::string_view content) {
  bool undecided = false;
  for (const Signature& signature : signatures) {
    const Likeness likeness = compare(signature, content);
    if (likeness == Likeness::same && !signature.refused.empty()) {
      refuse(signature);
    }
    if (likeness == Likeness::same) {
      return signature.encoding;
    }
    undecided = undecided || likeness == Likeness::beginning;
  }
  const Likeness likeness = compare_skippable(content);
  if (likeness == Likeness::same) {
    return Encoding::zstd;
  }
  undecided = undecided || likeness == Likeness::beginning;
  return undecided ? std::nullopt : std::optional{Encoding::none};
}

class PlainStage final : public DecoderStage {
 public:
  explicit PlainStage(InputBuffer& input) : input_(input) {}

  std::size_t read(MutBytes into) override {
    const Bytes waiting = input_.unread();
    if (waiting.empty()) {
      return input_.read_directly(into);
    }
    const std::size_t count = std::min(waiting.size(), into.size());
    std::copy_n(waiting.begin(), count, into.begin());
    input_.take(count);
    return count;
  }

 private:
  InputBuffer& input_;
};

}  // namespace

Decoder::Decoder(Source& input) : buffer_(std::make_unique<InputBuffer>(input)) {}

Decoder::~Decoder() = default;

DecoderStage& Decoder::stage() {
  if (stage_) {
    return *stage_;
  }
  std::optional<Encoding> found = recognise(as_text(buffer_->unread()));
  while (!found) {
    if (!buffer_->fill()) {
      found = Encoding::none;  // empty, or shorter than what it resembles
    } else {
      found = recognise(as_text(buffer_->unread()));
    }
  }
  encoding_ = *found;
  switch (encoding_) {
    case Encoding::gzip:
      stage_ = make_gzip_stage(*buffer_);
      break;
    case Encoding::zstd:
      stage_ = make_zstd_stage(*buffer_);
      break;
    case Encoding::none:
      stage_ = std::make_unique<PlainStage>(*buffer_);
      break;
  }
  return *stage_;
}

std::size_t Decoder::read(MutBytes into) {
  return stage().read(into);
}

Encoding Decoder::encoding() {
  stage();
  return encoding_;
}

std::uint64_t Decoder::consumed() const noexcept {
  return buffer_->offset();
}

}  // namespace trackier::codec
