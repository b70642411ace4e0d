#include "envelope/stanza.hpp"

#include <fmt/format.h>

namespace trackier::envelope {
namespace {

template <std::size_t Size>
std::string hexadecimal(const std::array<std::byte, Size>& bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    text += fmt::format("{:02x}", static_cast<unsigned>(byte));
  }
  return text;
}

/// 16 for what is no small hexadecimal digit.
unsigned value_of(char digit) {
  if (digit >= '0' && digit <= '9') {
    return static_cast<unsigned>(digit - '0');
  }
  return digit >= 'a' && digit <= 'f' ? static_cast<unsigned>(digit - 'a') + 10 : 16;
}

template <std::size_t Size>
bool parse_hexadecimal(std::string_view text, std::array<std::byte, Size>& bytes) {
  if (text.size() != 2 * Size) {
    return false;
  }
  for (std::size_t i = 0; i < Size; ++i) {
    const unsigned high = value_of(text[2 * i]);
    const unsigned low = value_of(text[2 * i + 1]);
    if (high > 15 || low > 15) {
      return false;
    }
    bytes[i] = static_cast<std::byte>(high * 16 + low);
  }
  return true;
}

}  // namespace

std::string to_text(const KeyId& id) {
  return hexadecimal(id);
}

std::string to_text(const FileId& id) {
  return hexadecimal(id);
}

bool parse_id(std::string_view text, KeyId& id) {
  return parse_hexadecimal(text, id);
}

bool parse_id(std::string_view text, FileId& id) {
  return parse_hexadecimal(text, id);
}

}  // namespace trackier::envelope
