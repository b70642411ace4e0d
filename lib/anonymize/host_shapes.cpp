// Recognising IPv4 addresses that are spelled without four decimal numbers: in the names of hosts,
// and as the hosts of URLs.
#include <algorithm>
#include <array>

#include "anonymize/addresses.hpp"
#include "anonymize/characters.hpp"
#include "anonymize/digits.hpp"

namespace trackier::anonymize {

namespace {

using character::at;
using character::is_alnum;
using character::is_digit;
using character::is_hex;
using character::is_letter;

/// What providers call the lines of their customers by.
constexpr auto line_words = std::to_array<std::string_view>(
    {"adsl",       "broadband", "cable", "client", "clients", "cust", "customer",
     "customers",  "dhcp",      "dial",  "dialin", "dialup",  "dip",  "dsl",
     "dyn",        "dynamic",   "dynip", "home",   "hsd",     "ip",   "ipconnect",
     "lightspeed", "mobile",    "pool",  "pools",  "ppp",     "res",  "residential",
     "static",     "user",      "users", "vdsl",   "wifi",    "xdsl"});

/// Whether the name of a host that goes on at `at` names the line of a customer in one of its
/// labels: dip0, t-ipconnect.
bool names_a_line(std::string_view text, std::size_t at) {
  constexpr std::size_t most = 100;
  const std::size_t limit = std::min(text.size(), at + most);
  for (std::size_t i = at; i < limit;) {
    std::size_t end = i;
    while (end < limit && is_letter(text[end])) {
      ++end;
    }
    if (std::ranges::any_of(line_words, [&](std::string_view word) {
          return word.size() == end - i && character::starts_with_word(text, i, word);
        })) {
      return true;
    }
    while (end < limit && is_digit(text[end])) {
      ++end;
    }
    if (end == limit || (text[end] != '.' && text[end] != '-')) {
      return false;
    }
    i = end + 1;
  }
  return false;
}

}  // namespace

std::optional<Match> hex_host_at(std::string_view text, std::size_t position) {
  constexpr std::size_t size = 8;
  if (position < size || !is_letter(at(text, position + 1))) {
    return std::nullopt;
  }
  const std::size_t begin = position - size;
  const std::string_view digits = text.substr(begin, size);
  if (!std::ranges::all_of(digits, is_hex) || (begin > 0 && is_hex(text[begin - 1]))) {
    return std::nullopt;
  }
  const bool marked = character::ends_with_word(text, begin, "0x");
  // Digits alone are a date, or a number of any other kind.
  const bool mixed =
      std::ranges::any_of(digits, is_digit) && std::ranges::any_of(digits, is_letter);
  return marked || (mixed && names_a_line(text, position + 1))
             ? match_of(Kind::ipv4, begin, position, Form::hex)
             : std::nullopt;
}

std::optional<Match> zone_at(std::string_view text, std::size_t position) {
  if (position < 4 || !character::starts_with_word(text, position - 2, "in-addr.arpa") ||
      text[position - 3] != '.') {
    return std::nullopt;
  }
  const std::size_t end = position - 3;
  std::size_t begin = end;
  for (int number = 0; number < 3; ++number) {
    if (number > 0 && (begin == 0 || text[begin - 1] != '.')) {
      break;
    }
    const std::size_t last = number == 0 ? end : begin - 1;
    const std::size_t digits = digits_before(text, last, 4);
    if (octet(text.substr(last - digits, digits)) < 0) {
      break;
    }
    begin = last - digits;
  }
  const bool whole = begin == 0 || !is_alnum(text[begin - 1]);
  return begin < end && whole ? match_of(Kind::ipv4, begin, end, Form::reversed) : std::nullopt;
}

std::optional<Match> numeric_host_at(std::string_view text, std::size_t begin) {
  constexpr std::size_t most = 48;  // four octal numbers with zeros in front
  std::size_t end = begin;
  std::size_t run = 0;
  bool is_plain = true;  // no more than three decimal digits in each number
  int numbers = 1;
  while (end < text.size() && end - begin < most &&
         (is_hex(text[end]) || text[end] == '.' || text[end] == 'x' || text[end] == 'X')) {
    const bool dot = text[end] == '.';
    numbers += dot ? 1 : 0;
    run = dot ? 0 : run + 1;
    is_plain = is_plain && run <= 3 && (dot || is_digit(text[end]));
    ++end;
  }
  if (is_plain && numbers == 4) {
    return std::nullopt;  // as everywhere else
  }
  const char after = at(text, end);
  if (is_alnum(after) || after == '-' || after == '_' || after == '%' || after == '@') {
    return std::nullopt;
  }
  const std::string_view token = text.substr(begin, end - begin);
  return parse_numeric(token, Form::number) ? match_of(Kind::ipv4, begin, end, Form::number)
                                            : std::nullopt;
}

}  // namespace trackier::anonymize
