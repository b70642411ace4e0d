#include "core/words.hpp"

#include <array>

namespace trackier {
namespace {

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

}  // namespace

std::size_t space_at(std::string_view text, std::size_t at) {
  const unsigned first = byte_at(text, at);
  if (first <= 0x20 || first == 0x7f) {
    return 1;
  }
  if (first < 0x80) {
    return 0;
  }
  // Unicode's space separators (Zs), line and paragraph separators, the C1 controls and what shows
  // nothing at all: zero-width characters and the byte order mark.
  constexpr std::array<std::string_view, 9> others = {
      "\u00a0", "\u1680", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\u2060", "\ufeff"};
  const std::string_view rest = text.substr(at);
  for (const std::string_view other : others) {
    if (rest.starts_with(other)) {
      return other.size();
    }
  }
  if (rest.size() >= 2 && first == 0xc2 && byte_at(text, at + 1) >= 0x80 &&
      byte_at(text, at + 1) <= 0x9f) {
    return 2;
  }
  if (rest.starts_with("\xe2\x80") && rest.size() >= 3 && byte_at(text, at + 2) >= 0x80 &&
      byte_at(text, at + 2) <= 0x8b) {  // U+2000 to U+200B
    return 3;
  }
  return 0;
}

std::string one_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  bool gap = false;
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t space = space_at(text, at); space > 0) {
      gap = true;
      at += space;
      continue;
    }
    if (gap && !line.empty()) {
      line += ' ';
    }
    gap = false;
    line += text[at++];
  }
  return line;
}

bool is_blank(std::string_view text) {
  return one_line(text).empty();
}

std::size_t character_at(std::string_view text, std::size_t at) {
  const unsigned first = byte_at(text, at);
  if (first < 0x80) {
    return 1;
  }
  const std::size_t size = first >= 0xc2 && first <= 0xdf   ? 2
                           : first >= 0xe0 && first <= 0xef ? 3
                           : first >= 0xf0 && first <= 0xf4 ? 4
                                                            : 0;
  if (size == 0 || text.size() - at < size) {
    return 0;
  }
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte_at(text, at + i) & 0xc0U) != 0x80U) {
      return 0;
    }
  }
  const unsigned second = byte_at(text, at + 1);
  const bool well_formed = !(first == 0xe0 && second < 0xa0) && !(first == 0xed && second > 0x9f) &&
                           !(first == 0xf0 && second < 0x90) && !(first == 0xf4 && second > 0x8f);
  return well_formed ? size : 0;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = character_at(text, at);
    if (size == 0) {
      return false;
    }
    at += size;
  }
  return true;
}

bool is_alphanumeric(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9');
}

}  // namespace trackier
