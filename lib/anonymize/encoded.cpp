#include "anonymize/encoded.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "anonymize/characters.hpp"

namespace trackier::anonymize {

namespace {

using character::at;
using character::hex_value;
using character::is_digit;
using character::is_hex;

struct Decoded {
  unsigned value;    ///< code point
  std::size_t size;  ///< bytes of its encoding
};

std::optional<Decoded> percent_at(std::string_view text, std::size_t i) {
  if (is_hex(at(text, i + 1)) && is_hex(at(text, i + 2))) {
    return Decoded{hex_value(text[i + 1]) << 4U | hex_value(text[i + 2]), 3};
  }
  return std::nullopt;
}

std::optional<Decoded> backslash_at(std::string_view text, std::size_t i) {
  switch (at(text, i + 1)) {
    case 'u':
      for (std::size_t digit = 2; digit < 6; ++digit) {
        if (!is_hex(at(text, i + digit))) {
          return std::nullopt;
        }
      }
      return Decoded{hex_value(text[i + 2]) << 12U | hex_value(text[i + 3]) << 8U |
                         hex_value(text[i + 4]) << 4U | hex_value(text[i + 5]),
                     6};
    case 'x':  // as nginx writes bytes: \x40
      if (is_hex(at(text, i + 2)) && is_hex(at(text, i + 3))) {
        return Decoded{hex_value(text[i + 2]) << 4U | hex_value(text[i + 3]), 4};
      }
      return std::nullopt;
    case '/':
    case '\\':
      return Decoded{static_cast<unsigned>(text[i + 1]), 2};
    case 'n':
    case 'r':
    case 't':
    case 'b':
    case 'f':
      return Decoded{' ', 2};
    default:
      return std::nullopt;
  }
}

std::optional<Decoded> reference_at(std::string_view text, std::size_t i) {
  if (at(text, i + 1) != '#') {
    return std::nullopt;
  }
  const bool in_hex = at(text, i + 2) == 'x' || at(text, i + 2) == 'X';
  std::size_t place = i + (in_hex ? 3U : 2U);
  const std::size_t first = place;
  unsigned value = 0;
  while (place - first < 7 && (in_hex ? is_hex(at(text, place)) : is_digit(at(text, place)))) {
    value = value * (in_hex ? 16U : 10U) + hex_value(text[place]);
    ++place;
  }
  if (place == first) {
    return std::nullopt;
  }
  place += at(text, place) == ';' ? 1U : 0U;
  return Decoded{value, place - i};
}

std::optional<Decoded> escape_at(std::string_view text, std::size_t i) {
  switch (text[i]) {
    case '%':
      return percent_at(text, i);
    case '\\':
      return backslash_at(text, i);
    case '&':
      return reference_at(text, i);
    default:
      return std::nullopt;
  }
}

bool ends_region(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '<' || c == '>';
}

/// Undoes one layer in place; false when there was none.
bool undo_layer(DecodedRegion& region) {
  bool changed = false;
  std::size_t to = 0;
  for (std::size_t from = 0; from < region.text.size();) {
    const std::uint32_t origin = region.origin[from];
    const auto decoded = escape_at(region.text, from);
    if (decoded) {
      changed = true;
      // Outside ASCII a '~' stands for the character: it is in no value that is looked for here.
      region.text[to] = decoded->value < 0x80 ? static_cast<char>(decoded->value) : '~';
      from += decoded->size;
    } else {
      region.text[to] = region.text[from++];
    }
    region.origin[to++] = origin;
  }
  region.origin[to] = region.end;
  region.text.resize(to);
  region.origin.resize(to + 1);
  return changed;
}

}  // namespace

bool is_telling_escape(std::string_view text, std::size_t i) {
  const auto decoded = escape_at(text, i);
  if (!decoded) {
    return false;
  }
  switch (decoded->value) {
    case ':':
      return text.substr(i, 6) != "%3A%2F" &&
             text.substr(i, 6) != "%3a%2f";  // the scheme of a URL tells nothing
    case '+':
      return is_digit(at(text, i + decoded->size));
    case '@':
    case '.':
    case '-':
    case '=':
      return true;
    case '%':
    case '&':
      return text[i] != '\\' || at(text, i + 1) == 'u';
    default:
      return false;
  }
}

void decode_region(std::string_view text, std::size_t position, DecodedRegion& region) {
  constexpr std::size_t most_before = 256;
  constexpr std::size_t most_behind = 1024;
  std::size_t begin = position;
  while (begin > 0 && position - begin < most_before && !ends_region(text[begin - 1])) {
    --begin;
  }
  begin = std::min(character::behind_escape(text, begin), position);
  std::size_t end = position;
  while (end < text.size() && end - position < most_behind && !ends_region(text[end])) {
    ++end;
  }
  region.begin = static_cast<std::uint32_t>(begin);
  region.end = static_cast<std::uint32_t>(end);
  region.text.assign(text.substr(begin, end - begin));
  region.origin.resize(end - begin + 1);
  for (std::size_t i = 0; i <= end - begin; ++i) {
    region.origin[i] = static_cast<std::uint32_t>(begin + i);
  }
  for (int layer = 0; layer < 3 && undo_layer(region); ++layer) {
  }
}

}  // namespace trackier::anonymize
