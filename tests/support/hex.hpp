#pragma once
/// Test vectors are written in hexadecimal digits.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/bytes.hpp"

namespace trackier::test {

inline std::string to_hex(Bytes bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    text += digits[std::to_integer<unsigned>(byte) >> 4U];
    text += digits[std::to_integer<unsigned>(byte) & 15U];
  }
  return text;
}

/// Throws std::invalid_argument for anything but pairs of digits.
inline std::string from_hex(std::string_view digits) {
  std::string bytes;
  for (std::size_t at = 0; at < digits.size(); at += 2) {
    const std::string_view pair = digits.substr(at, 2);
    unsigned value = 0;
    const auto [end, error] = std::from_chars(pair.data(), pair.data() + pair.size(), value, 16);
    if (pair.size() != 2 || error != std::errc{} || end != pair.data() + 2) {
      throw std::invalid_argument("not hexadecimal: " + std::string{digits});
    }
    bytes += static_cast<char>(value);
  }
  return bytes;
}

/// The same for a known number of bytes. Throws std::invalid_argument for another number, too.
template <std::size_t Size>
std::array<std::byte, Size> array_from_hex(std::string_view digits) {
  const std::string bytes = from_hex(digits);
  std::array<std::byte, Size> array{};
  if (bytes.size() != Size) {
    throw std::invalid_argument("another number of bytes: " + std::string{digits});
  }
  std::ranges::copy(as_bytes(bytes), array.begin());
  return array;
}

}  // namespace trackier::test
