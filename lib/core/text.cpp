#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace trackier {
namespace {

unsigned char byte_at(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

/// Length of the well-formed UTF-8 sequence at `at` (RFC 3629, section 4: no overlong forms, no
/// surrogates, nothing above U+10FFFF), 0 when there is none.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const unsigned char first = byte_at(text, at);
  if (first < 0x80) {
    return 1;
  }
  std::size_t length = 0;
  unsigned char low = 0x80;  // bounds of the second byte
  unsigned char high = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    low = first == 0xE0 ? 0xA0 : 0x80;
    high = first == 0xED ? 0x9F : 0xBF;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    low = first == 0xF0 ? 0x90 : 0x80;
    high = first == 0xF4 ? 0x8F : 0xBF;
  }
  if (length == 0 || text.size() - at < length || byte_at(text, at + 1) < low ||
      byte_at(text, at + 1) > high) {
    return 0;
  }
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte_at(text, at + i) & 0xC0U) != 0x80U) {
      return 0;
    }
  }
  return length;
}

/// U+0080 to U+009F are controls (an ESC [ in disguise among them), U+202A to U+202E and U+2066 to
/// U+2069 turn the direction of what follows: a terminal must see none of them.
bool deceives(std::string_view sequence) {
  if (sequence.size() == 2) {
    return byte_at(sequence, 0) == 0xC2 && byte_at(sequence, 1) < 0xA0;
  }
  if (sequence.size() != 3 || byte_at(sequence, 0) != 0xE2) {
    return false;
  }
  const unsigned char second = byte_at(sequence, 1);
  const unsigned char third = byte_at(sequence, 2);
  return (second == 0x80 && ((third >= 0xAA && third <= 0xAE) || third == 0xA8 || third == 0xA9)) ||
         (second == 0x81 && third >= 0xA6 && third <= 0xA9);
}

void append_escaped(std::string& out, std::string_view bytes) {
  for (const char byte : bytes) {
    fmt::format_to(std::back_inserter(out), "\\x{:02X}", static_cast<unsigned char>(byte));
  }
}

/// Optimal string alignment: insertions, deletions, substitutions, and swaps of neighbours. Gives
/// up at `limit` + 1.
std::size_t distance(std::string_view left, std::string_view right, std::size_t limit) {
  const std::size_t difference =
      left.size() > right.size() ? left.size() - right.size() : right.size() - left.size();
  if (difference > limit) {
    return limit + 1;
  }
  const std::size_t width = right.size() + 1;
  std::vector<std::size_t> two_above(width);
  std::vector<std::size_t> above(width);
  std::vector<std::size_t> row(width);
  for (std::size_t j = 0; j < width; ++j) {
    above[j] = j;
  }
  for (std::size_t i = 1; i <= left.size(); ++i) {
    row[0] = i;
    std::size_t least = i;
    for (std::size_t j = 1; j < width; ++j) {
      const std::size_t change = left[i - 1] == right[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
        row[j] = std::min(row[j], two_above[j - 2] + 1);
      }
      least = std::min(least, row[j]);
    }
    if (least > limit) {
      return limit + 1;
    }
    two_above.swap(above);
    above.swap(row);
  }
  return above[right.size()];
}

}  // namespace

std::string printable(std::string_view text, std::size_t most) {
  const std::string_view shown = text.substr(0, most);
  std::string out;
  out.reserve(shown.size() + 3);
  std::size_t at = 0;
  while (at < shown.size()) {
    // Looked up in the whole text, so that a character is not called invalid for being cut by
    // `most`.
    const std::size_t length = utf8_length(text, at);
    if (length > shown.size() - at) {
      break;
    }
    const std::string_view sequence = shown.substr(at, std::max<std::size_t>(length, 1));
    const unsigned char first = byte_at(sequence, 0);
    if (length == 0 || first < 0x20 || first == 0x7F || deceives(sequence)) {
      append_escaped(out, sequence);
    } else if (first == '\\') {
      out += "\\\\";
    } else {
      out += sequence;
    }
    at += sequence.size();
  }
  if (at < text.size()) {
    out += "...";
  }
  return out;
}

std::optional<std::string> closest(std::string_view word, std::span<const std::string> candidates) {
  if (word.size() < 2) {
    return std::nullopt;
  }
  std::size_t limit = std::max<std::size_t>(word.size() / 3, 1);
  const std::string* nearest = nullptr;
  for (const std::string& candidate : candidates) {
    const std::size_t found = distance(word, candidate, limit);
    if (found <= limit && (nearest == nullptr || found < limit)) {
      nearest = &candidate;
      limit = found;
    }
  }
  return nearest == nullptr ? std::nullopt : std::optional<std::string>{*nearest};
}

std::string human_bytes(std::uint64_t bytes) {
  static constexpr std::array<const char*, 7> units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) {
    return fmt::format("{} B", bytes);
  }
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  // 1023.95 would be shown as 1024.0: it belongs to the next unit.
  while (value >= 1023.95 && unit + 1 < units.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, units[unit]);
}

std::string grouped(std::uint64_t number) {
  std::string out = fmt::format("{}", number);
  for (std::size_t at = out.size(); at > 3;) {
    at -= 3;
    out.insert(at, 1, ',');
  }
  return out;
}

std::string ascii_lower(std::string_view text) {
  std::string out{text};
  for (char& letter : out) {
    if (letter >= 'A' && letter <= 'Z') {
      letter = static_cast<char>(letter - 'A' + 'a');
    }
  }
  return out;
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned byte = 0;
    const char* const digits = text.data() + at + 1;
    const bool is_coded = text[at] == '%' && text.size() - at > 2 &&
                          std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
    decoded += is_coded ? static_cast<char>(byte) : text[at];
    at += is_coded ? 2 : 0;
  }
  return decoded;
}

}  // namespace trackier
