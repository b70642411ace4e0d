#pragma once
/// Classes of ASCII characters, independent of any locale. Bytes above 0x7F belong to none but
/// `high`.

#include <array>
#include <cstdint>
#include <string_view>

namespace trackier::anonymize::character {

/// Of UTF-8.
inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

enum Class : std::uint16_t {
  digit = 1U << 0U,
  hex = 1U << 1U,
  lower = 1U << 2U,
  upper = 1U << 3U,
  high = 1U << 4U,        ///< part of a character outside ASCII
  mail_local = 1U << 5U,  ///< in the local part of an e-mail address, as logs write them
  domain = 1U << 6U,      ///< in a host name
  base64url = 1U << 7U,
  key = 1U << 8U,        ///< in the name of a key or query parameter
  value_end = 1U << 9U,  ///< ends an unquoted value behind `key=`
};

inline constexpr std::array<std::uint16_t, 256> classes = [] {
  std::array<std::uint16_t, 256> table{};
  const auto put = [&table](std::string_view characters, unsigned bits) {
    for (const char c : characters) {
      auto& entry = table[static_cast<unsigned char>(c)];
      entry = static_cast<std::uint16_t>(entry | bits);
    }
  };
  put("0123456789", digit | hex | mail_local | domain | base64url | key);
  put("abcdef", hex);
  put("ABCDEF", hex);
  put("abcdefghijklmnopqrstuvwxyz", lower | mail_local | domain | base64url | key);
  put("ABCDEFGHIJKLMNOPQRSTUVWXYZ", upper | mail_local | domain | base64url | key);
  put("-", mail_local | domain | base64url | key);
  put("_", mail_local | base64url | key);
  put(".", mail_local | domain | key);
  put("+!#$*~^'", mail_local);
  put("&;, \t\r\n\"'<>)]}|\\", value_end);
  table[0] = value_end;
  for (unsigned c = 0x80; c < 0x100; ++c) {
    table[c] = high | mail_local | domain;
  }
  return table;
}();

constexpr bool is(char c, unsigned wanted) noexcept {
  return (classes[static_cast<unsigned char>(c)] & wanted) != 0;
}
constexpr bool is_digit(char c) noexcept {
  return is(c, digit);
}
constexpr bool is_hex(char c) noexcept {
  return is(c, hex);
}
constexpr bool is_letter(char c) noexcept {
  return is(c, lower | upper);
}
constexpr bool is_alnum(char c) noexcept {
  return is(c, lower | upper | digit);
}
constexpr char to_lower(char c) noexcept {
  return is(c, upper) ? static_cast<char>(c + 32) : c;
}

constexpr unsigned hex_value(char c) noexcept {
  return is_digit(c) ? static_cast<unsigned>(c - '0')
                     : static_cast<unsigned>(to_lower(c) - 'a') + 10U;
}

/// text[at], or NUL outside of it.
inline char at(std::string_view text, std::size_t index) noexcept {
  return index < text.size() ? text[index] : '\0';
}

/// Whether the byte at `index` follows an odd number of backslashes: it is then part of an escape.
inline bool is_escaped(std::string_view text, std::size_t index) noexcept {
  std::size_t backslashes = 0;
  while (backslashes < index && text[index - 1 - backslashes] == '\\') {
    ++backslashes;
  }
  return backslashes % 2 == 1;
}

/// Whether percent-encoding ("%20") ends right before `begin`.
inline bool percent_escape_before(std::string_view text, std::size_t begin) noexcept {
  return begin >= 3 && begin <= text.size() && text[begin - 3] == '%' && is_hex(text[begin - 2]) &&
         is_hex(text[begin - 1]);
}

/// The first byte at or behind `begin` that is not part of an escape begun before it (\n, \u0020),
/// so that a replacement never cuts one.
inline std::size_t behind_escape(std::string_view text, std::size_t begin) noexcept {
  if (begin == 0 || begin >= text.size() || text[begin - 1] != '\\' || !is_escaped(text, begin)) {
    return begin;
  }
  switch (text[begin]) {
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
    case '"':
    case '/':
    case '\\':
      return begin + 1;
    case 'u':
      for (std::size_t i = 1; i <= 4; ++i) {
        if (!is_hex(at(text, begin + i))) {
          return begin;
        }
      }
      return begin + 5;
    default:
      return begin;
  }
}

/// Whether `text` ends with `word` before `end`, in any case; `word` is lower case.
inline bool ends_with_word(std::string_view text, std::size_t end, std::string_view word) noexcept {
  if (end < word.size()) {
    return false;
  }
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (to_lower(text[end - word.size() + i]) != word[i]) {
      return false;
    }
  }
  return true;
}

/// Whether `word` (lower case) stands at `begin`, in any case.
inline bool starts_with_word(std::string_view text, std::size_t begin,
                             std::string_view word) noexcept {
  return begin + word.size() <= text.size() && ends_with_word(text, begin + word.size(), word);
}

}  // namespace trackier::anonymize::character
