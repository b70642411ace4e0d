#include "core/hexadecimal.hpp"

#include <algorithm>

namespace trackier {
namespace {

constexpr std::string_view digits = "0123456789abcdef";
constexpr unsigned base = 16;

/// 16 for what is no small hexadecimal digit.
unsigned value_of(char digit) {
  return static_cast<unsigned>(std::min(digits.find(digit), digits.size()));
}

}  // namespace

std::string hexadecimal(Bytes bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::byte byte : bytes) {
    text += digits[static_cast<unsigned>(byte) / base];
    text += digits[static_cast<unsigned>(byte) % base];
  }
  return text;
}

bool from_hexadecimal(std::string_view text, MutBytes into) {
  if (!is_hexadecimal(text, into.size())) {
    return false;
  }
  for (std::size_t i = 0; i < into.size(); ++i) {
    into[i] = static_cast<std::byte>(value_of(text[2 * i]) * base + value_of(text[2 * i + 1]));
  }
  return true;
}

bool is_hexadecimal(std::string_view text, std::size_t bytes) {
  return text.size() == 2 * bytes &&
         std::ranges::all_of(text, [](char c) { return value_of(c) < base; });
}

}  // namespace trackier
