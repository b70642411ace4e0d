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

constexpr std::array<bool, 256> region_ends = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c <= ' '; ++c) {
    table[c] = true;
  }
  table['"'] = table['<'] = table['>'] = table['?'] = true;
  return table;
}();

/// The characters that personal values, and names before them, hinge on.
constexpr std::array<bool, 256> may_tell = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view{"@:.-+=\"]%&"}) {
    table[static_cast<unsigned char>(c)] = true;
  }
  for (unsigned c = 0; c < 0x80; ++c) {
    table[c] = table[c] || character::is_alnum(static_cast<char>(c));
  }
  return table;
}();

/// A region ends at white space, quotes, and what divides the parameters of a URL ("&#64;" is a
/// character).
bool ends_region(std::string_view text, std::size_t i) {
  return region_ends[static_cast<unsigned char>(text[i])] ||
         (text[i] == '&' && at(text, i + 1) != '#');
}

}  // namespace

bool is_telling_escape(std::string_view text, std::size_t i) {
  if (text[i] == '%') {  // most are blanks and slashes
    const char high = at(text, i + 1);
    const char low = at(text, i + 2);
    if (!is_hex(high) || !is_hex(low) || !may_tell[hex_value(high) << 4U | hex_value(low)]) {
      return false;
    }
  }
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
    case '"':
    case ']':
      return true;
    case '%':
    case '&':
      return text[i] != '\\' || at(text, i + 1) == 'u';
    default:  // nobody has to encode a letter or digit: who does hides something
      return decoded->value < 0x80 && character::is_alnum(static_cast<char>(decoded->value));
  }
}

std::uint32_t DecodedRegion::origin(std::uint32_t place) const noexcept {
  for (std::size_t layer = layers_; layer-- > 0;) {
    const std::size_t first = layer == 0 ? 0 : layer_ends_[layer - 1];
    std::uint32_t saved = 0;
    for (std::size_t i = first; i < layer_ends_[layer] && escapes_[i].place < place; ++i) {
      saved += escapes_[i].saved;
    }
    place += saved;
  }
  return begin_ + place;
}

/// Undoes one layer in place; false when there was none.
bool DecodedRegion::undo_layer() {
  const auto begins_escape = [](char c) { return c == '%' || c == '\\' || c == '&'; };
  const std::size_t before = escapes_.size();
  char* to = text_.data();
  const char* const end = text_.data() + text_.size();
  for (const char* from = text_.data(); from != end;) {
    const char* const next = std::find_if(from, end, begins_escape);
    to = std::copy(from, next, to);
    if (next == end) {
      break;
    }
    const auto at_escape = static_cast<std::size_t>(next - text_.data());
    const auto decoded = escape_at(text_, at_escape);
    from = next + (decoded ? decoded->size : 1);
    if (decoded) {
      escapes_.push_back({static_cast<std::uint32_t>(to - text_.data()),
                          static_cast<std::uint32_t>(decoded->size - 1)});
      // Outside ASCII a '~' stands for the character: it is in no value that is looked for here.
      *to++ = decoded->value < 0x80 ? static_cast<char>(decoded->value) : '~';
    } else {
      *to++ = *next;
    }
  }
  text_.resize(static_cast<std::size_t>(to - text_.data()));
  return escapes_.size() > before;
}

void DecodedRegion::decode(std::string_view original, std::size_t position) {
  constexpr std::size_t most_before = 256;
  constexpr std::size_t most_behind = 1024;
  // JSON with \x22 or \u0022 for quotes goes on behind a blank.
  const auto first = escape_at(original, position);
  const bool json = original[position] == '\\' && first && first->value == '"';
  const auto ends = [&](std::size_t i) {
    return ends_region(original, i) && !(json && original[i] == ' ');
  };
  std::size_t begin = position;
  while (begin > 0 && position - begin < most_before && !ends(begin - 1)) {
    --begin;
  }
  begin = std::min(character::behind_escape(original, begin), position);
  std::size_t end = position;
  while (end < original.size() && end - position < most_behind && !ends(end)) {
    ++end;
  }
  // Backslashes before the quote that ends it are the quote's, and half an escape is none.
  while (end > position + 1 && character::at(original, end) == '"' && original[end - 1] == '\\') {
    --end;
  }
  if (end > position + 1 && character::is_escaped(original, end)) {
    --end;
  }
  begin_ = static_cast<std::uint32_t>(begin);
  end_ = static_cast<std::uint32_t>(end);
  text_.assign(original.substr(begin, end - begin));
  escapes_.clear();
  layers_ = 0;
  while (layers_ < most_layers && undo_layer()) {
    layer_ends_[layers_++] = escapes_.size();
  }
}

}  // namespace trackier::anonymize
