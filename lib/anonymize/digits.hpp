#pragma once
/// Runs of digits, for whoever recognises addresses and numbers in text.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "anonymize/characters.hpp"

namespace trackier::anonymize {

/// The value of one to three decimal digits that is an octet; -1 for anything else.
inline int octet(std::string_view digits) {
  if (digits.size() == 1) {
    return character::is_digit(digits[0]) ? digits[0] - '0' : -1;
  }
  if (digits.empty() || digits.size() > 3) {
    return -1;
  }
  int value = 0;
  for (const char c : digits) {
    if (!character::is_digit(c)) {
      return -1;
    }
    value = value * 10 + (c - '0');
  }
  return value <= 255 ? value : -1;
}

/// How many digits, at most `most`, stand before `end`.
inline std::size_t digits_before(std::string_view text, std::size_t end, std::size_t most) {
  std::size_t count = 0;
  while (count < most && count < end && character::is_digit(text[end - 1 - count])) {
    ++count;
  }
  return count;
}

/// How many digits, at most `most`, stand from `begin` on.
inline std::size_t digits_from(std::string_view text, std::size_t begin, std::size_t most) {
  std::size_t count = 0;
  while (count < most && begin + count < text.size() && character::is_digit(text[begin + count])) {
    ++count;
  }
  return count;
}

inline constexpr std::size_t unix_digits = 10;  ///< of seconds, from 2001 to 2286

/// The seconds since 1970 that a number says in seconds, thousandths, millionths or billionths of
/// them: so many digits, or 3, 6 or 9 more. None for any other number.
inline std::optional<std::int64_t> unix_seconds(std::string_view digits) {
  if (digits.size() < unix_digits || digits.size() > unix_digits + 9 ||
      (digits.size() - unix_digits) % 3 != 0) {
    return std::nullopt;
  }
  std::int64_t seconds = 0;
  for (const char c : digits.substr(0, unix_digits)) {
    seconds = seconds * 10 + (c - '0');
  }
  return seconds;
}

/// A letter right before a number that is not the tail of an escape (\n4111..., %204111...).
inline bool glued_before(std::string_view text, std::size_t begin) {
  if (begin == 0) {
    return false;
  }
  if (character::percent_escape_before(text, begin)) {
    return false;
  }
  const char before = text[begin - 1];
  return character::is_digit(before) ||
         (character::is_alnum(before) && !character::is_escaped(text, begin - 1));
}

}  // namespace trackier::anonymize
