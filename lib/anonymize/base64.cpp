#include "anonymize/base64.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/words.hpp"

namespace trackier::anonymize {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::uint8_t none = 0xFF;

/// The value of each character, of either alphabet.
constexpr std::array<std::uint8_t, 256> values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(none);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  table['+'] = table['-'] = 62;
  table['/'] = table['_'] = 63;
  return table;
}();

}  // namespace

std::optional<Base64> decode_base64(std::string_view text) {
  Base64 decoded;
  const std::size_t size = std::min(text.find('='), text.size());
  const std::size_t padding = text.size() - size;
  const bool plain = text.find_first_of("+/") != std::string_view::npos;
  decoded.url = text.find_first_of("-_") != std::string_view::npos;
  // What has room for padding and none is written without it; of other lengths nobody knows.
  decoded.padded = padding > 0 || (size % 4 == 0 && !decoded.url);
  const bool fits = size % 4 != 1 && (padding == 0 || (padding + size) % 4 == 0) && padding <= 2;
  if (size == 0 || !fits || (plain && decoded.url)) {
    return std::nullopt;
  }
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text.substr(0, size)) {
    const std::uint8_t value = values[static_cast<unsigned char>(c)];
    if (value == none) {
      return std::nullopt;
    }
    bits = bits << 6U | value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      decoded.bytes.push_back(static_cast<char>(bits >> count & 0xFFU));
    }
  }
  const bool left = (bits & ((1U << count) - 1U)) != 0;
  const bool padded_right = text.substr(size).find_first_not_of('=') == std::string_view::npos;
  return left || !padded_right ? std::nullopt : std::optional{std::move(decoded)};
}

void append_base64(std::string_view bytes, const Base64& like, std::string& out) {
  const auto put = [&](std::uint32_t value) {
    value &= 63U;
    out.push_back(value < 62 ? alphabet[value] : like.url ? "-_"[value - 62] : "+/"[value - 62]);
  };
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t byte = 0; byte < 3; ++byte) {
      group = group << 8U |
              (byte < count ? static_cast<unsigned char>(bytes[i + byte]) : std::uint32_t{0});
    }
    for (std::size_t digit = 0; digit <= count; ++digit) {
      put(group >> (18U - 6U * static_cast<unsigned>(digit)));
    }
    out.append(like.padded ? 3 - count : 0, '=');
  }
}

bool is_plain_text(std::string_view bytes) {
  return is_utf8(bytes) && std::ranges::none_of(bytes, [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
         });
}

}  // namespace trackier::anonymize
