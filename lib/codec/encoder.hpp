#pragma once
/// Compresses chunks, each into something complete: a gzip member (RFC 1952) or a zstd frame (RFC
/// 8878, with content size and checksum). Their concatenation is a valid file, so chunks can be
/// compressed in parallel and written in order.

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "codec/encoding.hpp"
#include "core/bytes.hpp"

namespace trackier::codec {

/// Holds working memory (300 KiB for gzip, 1 MiB and more for zstd) that calls share: one per
/// thread.
class Encoder {
 public:
  /// level: gzip 1 to 3, zstd 1 to 19; 1 by default for both, the fastest. Encoding::none copies.
  /// Throws Error{Code::usage} for another level.
  static std::unique_ptr<Encoder> make(Encoding encoding, int level = 1);

  Encoder() = default;
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
  Encoder(Encoder&&) = delete;
  Encoder& operator=(Encoder&&) = delete;
  virtual ~Encoder() = default;

  /// Appends to `out` one complete member or frame that contains `plain`, which may be empty (an
  /// empty output file has one of these) and is at most 1 GiB. The bytes depend on `plain` and the
  /// level alone. Allocates only when `out` has to grow: keep its capacity between calls.
  virtual void encode(Bytes plain, std::vector<std::byte>& out) = 0;
};

}  // namespace trackier::codec
