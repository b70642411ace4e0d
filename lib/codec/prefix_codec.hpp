#pragma once
/// Zstandard frames (RFC 8878) that continue something both sides have: what stands in `prefix`
/// costs next to nothing to say again. An empty prefix gives an ordinary frame.
///
/// Frames carry neither length nor checksum: whoever keeps them knows both.

#include <cstddef>
#include <memory>
#include <vector>

#include "core/bytes.hpp"

namespace trackier::codec {

/// Both hold working memory that calls share: one per thread.
class PrefixEncoder {
 public:
  PrefixEncoder();
  PrefixEncoder(const PrefixEncoder&) = delete;
  PrefixEncoder& operator=(const PrefixEncoder&) = delete;
  PrefixEncoder(PrefixEncoder&&) noexcept;
  PrefixEncoder& operator=(PrefixEncoder&&) noexcept;
  ~PrefixEncoder();

  /// Appends one frame without a prefix to `out`. level: 1 to 19.
  void encode(Bytes plain, int level, std::vector<std::byte>& out);

  /// Appends one frame to `out`; best when `prefix` is an older version of `plain`, of 4 KiB or
  /// more. Together at most 1 GiB.
  void encode_version(Bytes plain, Bytes prefix, std::vector<std::byte>& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class PrefixDecoder {
 public:
  PrefixDecoder();
  PrefixDecoder(const PrefixDecoder&) = delete;
  PrefixDecoder& operator=(const PrefixDecoder&) = delete;
  PrefixDecoder(PrefixDecoder&&) noexcept;
  PrefixDecoder& operator=(PrefixDecoder&&) noexcept;
  ~PrefixDecoder();

  /// Fills `into` exactly. Throws Error{Code::data} when the frame is damaged or gives more or
  /// less.
  void decode(Bytes frame, Bytes prefix, MutBytes into);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trackier::codec
