#include "anonymize/encoded.hpp"

#include <algorithm>
#include <iterator>
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
  unsigned value;     ///< code point, or a byte of one
  std::size_t size;   ///< bytes of its encoding
  bool byte = false;  ///< the value is a byte, and above 0x7F part of a character
};

std::optional<Decoded> percent_at(std::string_view text, std::size_t i) {
  if (is_hex(at(text, i + 1)) && is_hex(at(text, i + 2))) {
    return Decoded{hex_value(text[i + 1]) << 4U | hex_value(text[i + 2]), 3, true};
  }
  return std::nullopt;
}

/// \uHHHH at `i`.
std::optional<unsigned> utf16_unit_at(std::string_view text, std::size_t i) {
  if (text.substr(i, 2) != "\\u") {
    return std::nullopt;
  }
  unsigned value = 0;
  for (std::size_t digit = i + 2; digit < i + 6; ++digit) {
    if (!is_hex(at(text, digit))) {
      return std::nullopt;
    }
    value = value << 4U | hex_value(text[digit]);
  }
  return value;
}

std::optional<Decoded> utf16_at(std::string_view text, std::size_t i) {
  const auto unit = utf16_unit_at(text, i);
  if (!unit || (*unit & 0xFC00U) != 0xD800U) {
    return unit ? std::optional{Decoded{*unit, 6}} : std::nullopt;
  }
  const auto low = utf16_unit_at(text, i + 6);
  const bool pair = low && (*low & 0xFC00U) == 0xDC00U;
  return pair ? Decoded{0x10000U + ((*unit & 0x3FFU) << 10U | (*low & 0x3FFU)), 12}
              : Decoded{*unit, 6};
}

std::optional<Decoded> backslash_at(std::string_view text, std::size_t i) {
  switch (at(text, i + 1)) {
    case 'u':
      return utf16_at(text, i);
    case 'x':  // as nginx writes bytes: \x40
      if (is_hex(at(text, i + 2)) && is_hex(at(text, i + 3))) {
        return Decoded{hex_value(text[i + 2]) << 4U | hex_value(text[i + 3]), 4, true};
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

/// Writes the character, in UTF-8 when it is none of ASCII; returns the end. No encoding is
/// shorter.
char* put(const Decoded& decoded, char* to) {
  constexpr unsigned last_point = 0x10FFFF;
  const unsigned point = decoded.value;
  if (decoded.byte || point < 0x80) {
    *to++ = static_cast<char>(point);
    return to;
  }
  if (point > last_point) {
    *to++ = '~';
    return to;
  }
  const unsigned more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  constexpr std::array<unsigned, 4> first_bits{0, 0xC0, 0xE0, 0xF0};
  *to++ = static_cast<char>(first_bits[more] | point >> (6U * more));
  for (unsigned left = more; left-- > 0;) {
    *to++ = static_cast<char>(0x80U | (point >> (6U * left) & 0x3FU));
  }
  return to;
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
  for (const char c : std::string_view{"@:.-+=\"]%& ("}) {
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

/// Whether the escape of `size` bytes at `i` is between digits, (415) in brackets among them.
bool divides_digits(std::string_view text, std::size_t i, std::size_t size) {
  return i > 0 && (is_digit(text[i - 1]) || text[i - 1] == ')') && is_digit(at(text, i + size));
}

}  // namespace

bool is_telling_escape(std::string_view text, std::size_t i) {
  if (text[i] == '%') {  // most are blanks and slashes
    const char high = at(text, i + 1);
    const char low = at(text, i + 2);
    if (!is_hex(high) || !is_hex(low) || !may_tell[hex_value(high) << 4U | hex_value(low)] ||
        (high == '2' && low == '0' && !divides_digits(text, i, 3))) {
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
    case '(':
      return is_digit(at(text, i + decoded->size));
    case ' ':  // and not "\n"
      return decoded->size > 2 && divides_digits(text, i, decoded->size);
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

bool is_escape(std::string_view text, std::size_t i) {
  return escape_at(text, i).has_value();
}

bool ends_in_escape(std::string_view text, std::size_t end) {
  if (end < 3 || !is_hex(text[end - 1]) || !is_hex(text[end - 2])) {
    return false;
  }
  std::size_t percent = end - 3;
  while (percent >= 2 && text.substr(percent - 1, 2) == "25") {
    percent -= 2;
  }
  const auto is_before = [&](std::string_view begins, std::size_t size) {
    return end >= size && text.substr(end - size).starts_with(begins) &&
           is_escape(text, end - size);
  };
  return text[percent] == '%' || is_before("\\x", 4) || is_before("\\u", 6);
}

std::size_t foreign_escape_size(std::string_view text, std::size_t i) {
  const auto decoded = i < text.size() ? escape_at(text, i) : std::nullopt;
  return decoded && decoded->value >= 0x80 ? decoded->size : 0;
}

std::uint32_t DecodedRegion::origin(std::uint32_t place) const noexcept {
  const auto is_before = [](const Escape& escape, std::uint32_t limit) {
    return escape.place < limit;
  };
  for (std::size_t layer = layers_; layer-- > 0;) {
    const auto first =
        escapes_.begin() + static_cast<std::ptrdiff_t>(layer == 0 ? 0 : layer_ends_[layer - 1]);
    const auto last = escapes_.begin() + static_cast<std::ptrdiff_t>(layer_ends_[layer]);
    const auto behind = std::lower_bound(first, last, place, is_before);
    place += behind == first ? 0 : std::prev(behind)->saved;
  }
  return begin_ + place;
}

/// Undoes one layer in place; false when there was none.
bool DecodedRegion::undo_layer() {
  const auto begins_escape = [](char c) { return c == '%' || c == '\\' || c == '&'; };
  const std::size_t before = escapes_.size();
  char* const text = text_.data();
  const char* const end = text + text_.size();
  char* to = text;
  std::uint8_t* depth = depths_.data();
  for (const char* from = text; from != end;) {
    const char* const next = std::find_if(from, end, begins_escape);
    const std::uint8_t* const depths_from = depths_.data() + (from - text);
    depth = std::copy(depths_from, depths_from + (next - from), depth);
    to = std::copy(from, next, to);
    if (next == end) {
      break;
    }
    const auto at_escape = static_cast<std::size_t>(next - text);
    const auto decoded = escape_at(text_, at_escape);
    const std::size_t size = decoded ? decoded->size : 1;
    const std::uint8_t* const depths_next = depths_.data() + at_escape;
    const auto deepest = static_cast<std::uint8_t>(
        *std::max_element(depths_next, depths_next + size) + (decoded && *next == '%' ? 1 : 0));
    from = next + size;
    if (decoded) {
      const auto place = static_cast<std::uint32_t>(to - text);
      char* const behind = put(*decoded, to);
      escapes_.push_back({place, static_cast<std::uint32_t>(from - behind)});
      depth = std::fill_n(depth, behind - to, deepest);
      to = behind;
    } else {
      *to++ = *next;
      *depth++ = deepest;
    }
  }
  text_.resize(static_cast<std::size_t>(to - text));
  depths_.resize(text_.size());
  return escapes_.size() > before;
}

void DecodedRegion::decode(std::string_view original, std::size_t position) {
  // JSON with \x22 or \u0022 for quotes goes on behind a blank.
  const auto first = escape_at(original, position);
  const bool json = original[position] == '\\' && first && first->value == '"';
  const auto ends = [&](std::size_t i) {
    return ends_region(original, i) && !(json && original[i] == ' ');
  };
  std::size_t begin = position;
  while (begin > 0 && !ends(begin - 1)) {
    --begin;
  }
  std::size_t end = position;
  while (end < original.size() && !ends(end)) {
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
  depths_.assign(text_.size(), 0);
  escapes_.clear();
  layers_ = 0;
  while (layers_ < most_layers && undo_layer()) {
    layer_ends_[layers_++] = escapes_.size();
  }
}

}  // namespace trackier::anonymize
