#include "crypto/base64.hpp"

#include <cstddef>

namespace trackier::crypto {
namespace {

constexpr std::size_t group_bytes = 3;
constexpr std::size_t group_digits = 4;
constexpr unsigned digit_bits = 6;

/// All bits set when first <= value <= last, else none. All are 0 to 255, so that differences which
/// are negative are -1 to -256 and leave -1 when shifted.
constexpr int between(int first, int value, int last) noexcept {
  return ((first - 1 - value) & (value - last - 1)) >> 8;
}

/// value: 0 to 63.
constexpr char digit(unsigned bits) noexcept {
  const auto value = static_cast<int>(bits);
  return static_cast<char>((between(0, value, 25) & (value + 'A')) |
                           (between(26, value, 51) & (value - 26 + 'a')) |
                           (between(52, value, 61) & (value - 52 + '0')) |
                           (between(62, value, 62) & '+') | (between(63, value, 63) & '/'));
}

/// 0 to 63, or -1 for what is no digit.
constexpr int value_of(char character) noexcept {
  const int c = static_cast<unsigned char>(character);
  return ((between('A', c, 'Z') & (c - 'A' + 1)) | (between('a', c, 'z') & (c - 'a' + 27)) |
          (between('0', c, '9') & (c - '0' + 53)) | (between('+', c, '+') & 63) |
          (between('/', c, '/') & 64)) -
         1;
}

/// How many digits `bytes` bytes become.
constexpr std::size_t digits_of(std::size_t bytes) noexcept {
  const std::size_t rest = bytes % group_bytes;
  return bytes / group_bytes * group_digits + (rest == 0 ? 0 : rest + 1);
}

}  // namespace

std::string base64(Bytes bytes) {
  std::string text;
  text.reserve(digits_of(bytes.size()));
  unsigned bits = 0;
  unsigned waiting = 0;  // how many of them are not written yet
  for (const std::byte byte : bytes) {
    bits = bits << 8U | std::to_integer<unsigned>(byte);
    for (waiting += 8; waiting >= digit_bits; waiting -= digit_bits) {
      text += digit(bits >> (waiting - digit_bits) & 63U);
    }
  }
  if (waiting != 0) {  // RFC 4648, section 4: "zero bits are added (on the right)"
    text += digit(bits << (digit_bits - waiting) & 63U);
  }
  return text;
}

bool from_base64(std::string_view text, MutBytes into) {
  if (text.size() != digits_of(into.size())) {
    return false;
  }
  int wrong = 0;  // negative once a character was no digit
  unsigned bits = 0;
  unsigned waiting = 0;
  std::size_t size = 0;
  for (const char character : text) {
    const int value = value_of(character);
    wrong |= value;
    bits = bits << digit_bits | (static_cast<unsigned>(value) & 63U);
    waiting += digit_bits;
    if (waiting >= 8) {
      waiting -= 8;
      into[size++] = static_cast<std::byte>(bits >> waiting);
    }
  }
  // RFC 4648, section 3.5: "decoders MAY choose to reject an encoding if the pad bits have not been
  // set to zero". One text for one content, or a checked text could be changed unnoticed.
  const unsigned padding = bits & ((1U << waiting) - 1);
  return wrong >= 0 && padding == 0;
}

std::optional<std::string> bytes_from_base64(std::string_view text) {
  const std::size_t rest = text.size() % group_digits;
  if (rest == 1) {
    return std::nullopt;
  }
  std::string bytes(text.size() / group_digits * group_bytes + (rest == 0 ? 0 : rest - 1), '\0');
  if (!from_base64(text, std::as_writable_bytes(std::span{bytes}))) {
    return std::nullopt;
  }
  return bytes;
}

std::string padded_base64(Bytes bytes) {
  std::string text = base64(bytes);
  text.resize((text.size() + group_digits - 1) / group_digits * group_digits, '=');
  return text;
}

std::optional<std::string> bytes_from_padded_base64(std::string_view text) {
  if (text.size() % group_digits != 0) {
    return std::nullopt;
  }
  const std::size_t digits = text.find_last_not_of('=') + 1;  // 0 when there are none but '='
  return text.size() - digits < group_bytes ? bytes_from_base64(text.substr(0, digits))
                                            : std::nullopt;
}

}  // namespace trackier::crypto
