#pragma once
/// Compressed data for the tests of this area.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/decoder.hpp"
#include "codec/encoder.hpp"
#include "support/streams.hpp"

namespace trackier::codec::test {

inline std::string encoded(Encoding encoding, std::string_view plain, int level = 1) {
  std::vector<std::byte> out;
  Encoder::make(encoding, level)->encode(as_bytes(plain), out);
  return std::string{as_text(out)};
}

/// What Decoder makes of `content`, which comes in pieces of at most `piece` bytes and is asked for
/// in pieces of `asked`.
inline std::string decoded(std::string_view content, std::size_t piece = std::string::npos,
                           std::size_t asked = 64 * 1024) {
  trackier::test::MemorySource source{std::string{content}, piece};
  Decoder decoder{source};
  return trackier::test::read_all(decoder, asked);
}

/// Text like that of a log: it compresses, and does not repeat exactly.
inline std::string log_lines(std::size_t bytes) {
  std::string text;
  std::uint32_t state = 12345;
  while (text.size() < bytes) {
    state = state * 1664525 + 1013904223;
    text += "192.0.2." + std::to_string(state >> 24U) + " - - \"GET /page/" +
            std::to_string(state >> 8U) + " HTTP/1.1\" 200\n";
  }
  text.resize(bytes);
  return text;
}

/// Bytes that do not compress.
inline std::string noise(std::size_t bytes) {
  std::string text;
  std::uint64_t state = 88172645463325252;
  while (text.size() < bytes) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    text += static_cast<char>(state >> 32U);
  }
  return text;
}

inline constexpr std::array both{Encoding::gzip, Encoding::zstd};

}  // namespace trackier::codec::test
