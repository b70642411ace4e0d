#include "anonymize/numbers.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "anonymize/characters.hpp"
#include "anonymize/digits.hpp"

namespace trackier::anonymize {

namespace {

using character::at;
using character::is_alnum;
using character::is_digit;
using character::is_letter;

/// Issuer identification numbers in use: Visa, Mastercard, American Express, Discover, Diners, JCB,
/// UnionPay, Maestro.
bool known_issuer(std::string_view digits) {
  const int two = (digits[0] - '0') * 10 + (digits[1] - '0');
  const int four = two * 100 + (digits[2] - '0') * 10 + (digits[3] - '0');
  const std::size_t size = digits.size();
  if (digits[0] == '4') {
    return size == 13 || size == 16 || size == 19;
  }
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) {
    return size == 16;
  }
  if (two == 34 || two == 37) {
    return size == 15;
  }
  if (four == 6011 || two == 65 || (four >= 6440 && four <= 6499) || two == 62) {
    return size >= 16;
  }
  if (two == 36 || two == 38 || two == 39 || (four >= 3000 && four <= 3059)) {
    return size == 14 || size == 16;
  }
  if (four >= 3528 && four <= 3589) {
    return size >= 16;
  }
  return size >= 13 && (two == 50 || (two >= 56 && two <= 58) || two == 63 || two == 67);
}

/// Also '+', the blank of forms: check digits tell numbers from sums.
bool is_group_gap(char c) {
  return c == ' ' || c == '-' || c == '+';
}

}  // namespace

bool luhn_valid(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (std::size_t i = digits.size(); i > 0; --i) {
    int value = digits[i - 1] - '0';
    if (twice) {
      value *= 2;
      value -= value > 9 ? 9 : 0;
    }
    sum += value;
    twice = !twice;
  }
  return sum % 10 == 0;
}

namespace {

/// Digits and gaps as printed on cards, the first at `begin`: groups of these sizes with the same
/// gap between. Returns the end, or 0.
std::size_t groups_end(std::string_view text, std::size_t begin,
                       std::initializer_list<std::size_t> sizes) {
  std::size_t i = begin;
  char gap = '\0';
  for (const std::size_t size : sizes) {
    if (i > begin) {
      if (gap == '\0') {
        gap = at(text, i);
      }
      if (!is_group_gap(gap) || at(text, i) != gap) {
        return 0;
      }
      ++i;
    }
    for (std::size_t digit = 0; digit < size; ++digit, ++i) {
      if (!is_digit(at(text, i))) {
        return 0;
      }
    }
  }
  return is_digit(at(text, i)) ? 0 : i;
}

std::optional<Match> checked_card(std::string_view text, std::size_t begin, std::size_t end) {
  std::array<char, 19> room{};
  std::size_t size = 0;
  for (const char c : text.substr(begin, end - begin)) {
    if (is_digit(c)) {
      if (size == room.size()) {
        return std::nullopt;
      }
      room[size++] = c;
    }
  }
  const std::string_view digits{room.data(), size};
  const bool fraction = begin >= 2 && text[begin - 1] == '.' && is_digit(text[begin - 2]);
  if (size < 13 || fraction || glued_before(text, begin) || is_letter(at(text, end)) ||
      !known_issuer(digits) || !luhn_valid(digits)) {
    return std::nullopt;
  }
  return match_of(Kind::card, begin, end);
}

}  // namespace

std::optional<Match> card_at(std::string_view text, std::size_t position) {
  constexpr std::size_t three_groups = 14;  // 4-4-4
  constexpr std::size_t amex = 17;          // 4-6-5
  if (position + 1 < 13) {
    return std::nullopt;
  }
  if (is_digit(text[position - 4]) && is_digit(text[position - 5])) {
    std::size_t end = position + 1;
    while (end < text.size() && end - position < 10 && is_digit(text[end])) {
      ++end;
    }
    const std::size_t begin = position - 12;
    auto card = checked_card(text, begin, end);
    if (!card && begin > 0 && text[begin - 1] == '%') {  // "%204111...": not its first two digits
      card = checked_card(text, begin + 2, end);
    }
    return card;
  }
  if (position + 1 >= amex) {
    const std::size_t begin = position + 1 - amex;
    if (const std::size_t end = groups_end(text, begin, {4, 6, 5}); end != 0) {
      return checked_card(text, begin, end);
    }
  }
  if (position + 1 < three_groups || !is_group_gap(text[position - 4]) ||
      !is_group_gap(text[position - 9])) {
    return std::nullopt;
  }
  const std::size_t begin = position + 1 - three_groups;
  for (const auto& sizes :
       {std::initializer_list<std::size_t>{4, 4, 4, 4, 3}, {4, 4, 4, 4}, {4, 4, 4, 1}}) {
    if (const std::size_t end = groups_end(text, begin, sizes); end != 0) {
      if (const auto card = checked_card(text, begin, end)) {
        return card;
      }
    }
  }
  return std::nullopt;
}

std::optional<Match> form_card_at(std::string_view text, std::size_t position) {
  if (position < 2 || !is_digit(text[position - 2])) {
    return std::nullopt;
  }
  // The digit that card_at() wants is the last of the third group.
  constexpr std::size_t group = 4;
  constexpr std::size_t amex_second = 6;
  constexpr std::size_t amex_third = 5;
  for (const std::size_t last : {position + group + 1 + group, position + group, position - 1,
                                 position + amex_second + 1 + amex_third, position + amex_third}) {
    const auto card = last <= text.size() ? card_at(text, last - 1) : std::nullopt;
    if (card) {
      return card;
    }
  }
  return std::nullopt;
}

std::optional<Match> ssn_at(std::string_view text, std::size_t position) {
  if (position < 10) {
    return std::nullopt;
  }
  const std::size_t begin = position - 10;
  const std::string_view number = text.substr(begin, 11);
  for (std::size_t i = 0; i < 11; ++i) {
    const bool dash = i == 3 || i == 6;
    if (dash ? number[i] != '-' : !is_digit(number[i])) {
      return std::nullopt;
    }
  }
  const auto all_zero = [](std::string_view digits) {
    return digits.find_first_not_of('0') == std::string_view::npos;
  };
  const char after = at(text, position + 1);
  if (glued_before(text, begin) || (begin > 0 && text[begin - 1] == '-') || is_alnum(after) ||
      (after == '-' && is_alnum(at(text, position + 2))) || all_zero(number.substr(0, 3)) ||
      number.starts_with("666") || all_zero(number.substr(4, 2)) || all_zero(number.substr(7))) {
    return std::nullopt;
  }
  return match_of(Kind::ssn, begin, position + 1);
}

namespace {

/// The length of an account number by its country, the letters as a pair of indices; 0: no such
/// country. SWIFT IBAN Registry, release 99.
constexpr std::array<std::uint8_t, 26 * 26> iban_lengths = [] {
  struct Country {
    std::string_view code;
    std::uint8_t length;
  };
  constexpr std::array countries = std::to_array<Country>({
      {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16},
      {"BG", 22}, {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22},
      {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20},
      {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22},
      {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HN", 28}, {"HR", 21},
      {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27}, {"JO", 30},
      {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20},
      {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20},
      {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23},
      {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22},
      {"RU", 33}, {"SA", 24}, {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24},
      {"SM", 27}, {"SO", 23}, {"ST", 25}, {"SV", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26},
      {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20},
  });
  std::array<std::uint8_t, 26 * 26> lengths{};
  for (const Country& country : countries) {
    lengths[static_cast<std::size_t>((country.code[0] - 'A') * 26 + country.code[1] - 'A')] =
        country.length;
  }
  return lengths;
}();

/// ISO/IEC 7064 MOD 97-10 over the account with its first four characters behind the rest.
bool mod_97_valid(std::string_view account) {
  unsigned rest = 0;
  const auto add = [&rest](char c) {
    if (is_digit(c)) {
      rest = (rest * 10 + static_cast<unsigned>(c - '0')) % 97;
    } else {
      rest = (rest * 100 + static_cast<unsigned>(c - 'A') + 10) % 97;
    }
  };
  std::ranges::for_each(account.substr(4), add);
  std::ranges::for_each(account.substr(0, 4), add);
  return rest == 1;
}

}  // namespace

std::optional<Match> iban_at(std::string_view text, std::size_t position) {
  if (position < 3 || !character::is(text[position - 3], character::upper) ||
      !character::is(text[position - 2], character::upper)) {
    return std::nullopt;
  }
  const std::size_t begin = position - 3;
  const std::size_t length =
      iban_lengths[static_cast<std::size_t>((text[begin] - 'A') * 26 + text[begin + 1] - 'A')];
  if (length == 0 || glued_before(text, begin)) {
    return std::nullopt;
  }
  std::string account;
  std::size_t i = begin;
  while (i < text.size() && account.size() < length) {
    const char c = text[i];
    if (is_digit(c) || character::is(c, character::upper)) {
      account.push_back(c);
    } else if (!(is_group_gap(c) && account.size() % 4 == 0 && !is_group_gap(text[i - 1]))) {
      return std::nullopt;
    }
    ++i;
  }
  if (account.size() != length || is_alnum(at(text, i)) || !mod_97_valid(account)) {
    return std::nullopt;
  }
  return match_of(Kind::iban, begin, i);
}

}  // namespace trackier::anonymize
