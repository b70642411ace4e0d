#include "anonymize/json_text.hpp"

#include <algorithm>
#include <optional>

#include "anonymize/characters.hpp"

namespace trackier::anonymize {

namespace {

std::optional<unsigned> unit_at(std::string_view text, std::size_t backslash) {
  if (character::at(text, backslash) != '\\' || character::at(text, backslash + 1) != 'u') {
    return std::nullopt;
  }
  unsigned value = 0;
  for (std::size_t i = 2; i < 6; ++i) {
    const char c = character::at(text, backslash + i);
    if (!character::is_hex(c)) {
      return std::nullopt;
    }
    value = value << 4U | character::hex_value(c);
  }
  return value;
}

void append_utf8(unsigned point, std::string& out) {
  const auto put = [&out](unsigned byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0U | point >> 6U);
    put(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    put(0xE0U | point >> 12U);
    put(0x80U | (point >> 6U & 0x3FU));
    put(0x80U | (point & 0x3FU));
  } else {
    put(0xF0U | point >> 18U);
    put(0x80U | (point >> 12U & 0x3FU));
    put(0x80U | (point >> 6U & 0x3FU));
    put(0x80U | (point & 0x3FU));
  }
}

char short_escape(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case '"':
    case '\\':
    case '/':
      return c;
    default:
      return '\0';
  }
}

}  // namespace

namespace {

/// What stands at `i` without its escape, appended to `out`; returns where the next one begins.
std::size_t unescape_one(std::string_view text, std::size_t i, std::string& out) {
  if (text[i] != '\\') {
    out.push_back(text[i]);
    return i + 1;
  }
  if (const auto unit = unit_at(text, i)) {
    const bool high = *unit >= 0xD800 && *unit < 0xDC00;
    const auto low = high ? unit_at(text, i + 6) : std::nullopt;
    if (low && *low >= 0xDC00 && *low < 0xE000) {
      append_utf8(0x10000U + ((*unit - 0xD800U) << 10U) + (*low - 0xDC00U), out);
      return i + 12;
    }
    if (*unit < 0xD800 || *unit >= 0xE000) {
      append_utf8(*unit, out);
      return i + 6;
    }
  }
  const char plain = short_escape(character::at(text, i + 1));
  out.push_back(plain != '\0' ? plain : text[i]);
  return i + (plain != '\0' ? 2 : 1);
}

}  // namespace

std::string json_unescaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    i = unescape_one(text, i, out);
  }
  return out;
}

std::string json_unescaped(std::string_view text, std::vector<std::uint32_t>& places) {
  std::string out;
  out.reserve(text.size());
  places.clear();
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t next = unescape_one(text, i, out);
    places.resize(out.size(), static_cast<std::uint32_t>(i));
    i = next;
  }
  places.push_back(static_cast<std::uint32_t>(text.size()));
  return out;
}

void append_json_escaped(std::string_view text, std::string& out) {
  unsigned needs_escape = 0;  // of all characters, so that they are looked at side by side
  for (const char c : text) {
    needs_escape |= static_cast<unsigned>(c == '"') | static_cast<unsigned>(c == '\\') |
                    static_cast<unsigned>(static_cast<unsigned char>(c) < 0x20);
  }
  if (needs_escape == 0) {
    out.append(text);
    return;
  }
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr std::string_view digits = "0123456789abcdef";
      out.append("\\u00");
      out.push_back(digits[static_cast<unsigned char>(c) >> 4U]);
      out.push_back(digits[static_cast<unsigned char>(c) & 15U]);
    } else {
      out.push_back(c);
    }
  }
}

}  // namespace trackier::anonymize
