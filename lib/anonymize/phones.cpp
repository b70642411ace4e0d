// Recognising phone numbers.
#include <algorithm>

#include "anonymize/characters.hpp"
#include "anonymize/digits.hpp"
#include "anonymize/numbers.hpp"

namespace trackier::anonymize {

namespace {

using character::at;
using character::is_alnum;
using character::is_digit;
using character::is_letter;

/// x751, ext. 12 behind a number.
std::size_t extension_end(std::string_view text, std::size_t end) {
  std::size_t i = end;
  if (at(text, i) == ' ') {
    ++i;
  }
  if (character::starts_with_word(text, i, "ext")) {
    i += 3;
    while (at(text, i) == '.' || at(text, i) == ' ') {
      ++i;
    }
  } else if (at(text, i) == 'x') {
    ++i;
  } else {
    return end;
  }
  const std::size_t digits = i;
  while (i < text.size() && i - digits < 7 && is_digit(text[i])) {
    ++i;
  }
  return i > digits ? i : end;
}

/// Digits in groups with single separators, from the first digit on. E.164: at most 15 digits.
struct Dialled {
  std::size_t end = 0;
  std::size_t digits = 0;
};

/// Behind a space another number may stand, a date or a card: with spaces, a number has no more
/// than `most_with_spaces` digits. No digits when the number goes on beyond `most`.
Dialled dialled_from(std::string_view text, std::size_t begin, std::size_t most,
                     std::size_t most_with_spaces, bool in_form) {
  const std::string_view separators = in_form ? " -.()+" : " -.()";
  constexpr std::size_t whole_number = 10;
  const auto digits_at = [text](std::size_t place) {
    std::size_t count = 0;
    while (count < 16 && is_digit(at(text, place + count))) {
      ++count;
    }
    return count;
  };
  Dialled dialled{begin, 0};
  for (std::size_t i = begin;;) {
    const std::size_t group = digits_at(i);
    const std::string_view gap = text.substr(dialled.end, i - dialled.end);
    const bool in_one_piece =
        dialled.digits >= whole_number && dialled.end - begin == dialled.digits;
    const bool space = gap.find_first_of(" +") != std::string_view::npos;
    const bool straggler = group == 1 && dialled.digits >= 7;
    if (group == 0 ||
        (space && (dialled.digits + group > most_with_spaces || in_one_piece || straggler))) {
      return dialled;
    }
    if (dialled.digits + group > most) {
      return {begin, 0};
    }
    dialled.digits += group;
    i += group;
    dialled.end = i;
    while (i < text.size() && i - dialled.end < 2 &&
           separators.find(text[i]) != std::string_view::npos) {
      ++i;
    }
    if (i == dialled.end) {
      return dialled;
    }
  }
}

std::optional<Match> international_at(std::string_view text, std::size_t position, bool in_form) {
  const std::size_t begin = position - 1;
  if (text[position] == '0' ||
      (begin > 0 && is_alnum(text[begin - 1]) && !character::is_escaped(text, begin - 1) &&
       !character::percent_escape_before(text, begin))) {
    return std::nullopt;
  }
  const Dialled dialled = dialled_from(text, position, 15, 13, in_form);
  if (dialled.digits < 8 || is_digit(at(text, dialled.end)) || is_letter(at(text, dialled.end))) {
    const std::size_t end = extension_end(text, dialled.end);
    return dialled.digits >= 8 && end > dialled.end ? match_of(Kind::phone, begin, end)
                                                    : std::nullopt;
  }
  // "+20150517 1230": a date that somebody added; a phone has its country code set apart or no gap
  // at all
  return match_of(Kind::phone, begin, extension_end(text, dialled.end));
}

/// (NNN) NNN-NNNN and NNN-NNN-NNNN, the last digit at `position`.
std::optional<Match> north_american_at(std::string_view text, std::size_t position) {
  if (position < 11) {
    return std::nullopt;
  }
  const auto three_digits = [text](std::size_t begin) {
    return is_digit(text[begin]) && is_digit(text[begin + 1]) && is_digit(text[begin + 2]);
  };
  const std::size_t line = position - 3;
  const std::size_t exchange = line - 4;
  const char mark = text[line - 1];
  if (is_digit(at(text, position + 1)) || (mark != '-' && mark != '.' && mark != ' ') ||
      !three_digits(exchange) || !three_digits(line) || !is_digit(text[position])) {
    return std::nullopt;
  }
  std::size_t begin = 0;
  const bool bracketed =
      exchange >= 5 &&
      (text[exchange - 1] == ')' || (text[exchange - 1] == ' ' && text[exchange - 2] == ')'));
  if (bracketed) {
    const std::size_t close = text[exchange - 1] == ')' ? exchange - 1 : exchange - 2;
    if (close < 4 || !three_digits(close - 3) || text[close - 4] != '(') {
      return std::nullopt;
    }
    begin = close - 4;
  } else {
    if (exchange < 4 || text[exchange - 1] != mark || !three_digits(exchange - 4)) {
      return std::nullopt;
    }
    begin = exchange - 4;
    // Area code and exchange begin with 2 to 9 (North American Numbering Plan).
    if (text[begin] < '2' || text[exchange] < '2') {
      return std::nullopt;
    }
  }
  for (const std::string_view trunk : {"+1", "001", "1"}) {
    const std::size_t size = trunk.size() + 1;
    if (begin >= size && text.substr(begin - size, trunk.size()) == trunk &&
        (text[begin - 1] == mark || text[begin - 1] == ' ' || text[begin - 1] == '-')) {
      begin -= size;
      break;
    }
  }
  const char before = begin > 0 ? text[begin - 1] : ' ';
  if (glued_before(text, begin) || before == '-' || before == '.' || before == '/') {
    return std::nullopt;
  }
  const char after = at(text, position + 1);
  if (after == '-' || (after == '.' && is_digit(at(text, position + 2))) || after == '/') {
    return std::nullopt;
  }
  return match_of(Kind::phone, begin, extension_end(text, position + 1));
}

/// (07) 5331 0577: an area code in brackets and 5 to 9 digits in groups.
std::optional<Match> bracketed_at(std::string_view text, std::size_t close, bool in_form) {
  std::size_t open = close;
  while (open > 0 && close - open < 5 && is_digit(text[open - 1])) {
    --open;
  }
  const std::size_t area = close - open;
  if (area < 2 || open == 0 || text[open - 1] != '(') {
    return std::nullopt;
  }
  std::size_t begin = open - 1;
  if (begin > 0 && (is_alnum(text[begin - 1]) || text[begin - 1] == '_')) {
    return std::nullopt;  // a call: f(12)
  }
  const char behind = at(text, close + 1);
  const bool gap = behind == ' ' || behind == '-' || (behind == '+' && in_form);
  const std::size_t number = close + 1 + (gap ? 1 : 0);
  if (!is_digit(at(text, number))) {
    return std::nullopt;
  }
  const Dialled dialled =
      dialled_from(text, number, 10, 11 - std::min<std::size_t>(area, 5), in_form);
  const std::string_view body = text.substr(number, dialled.end - number);
  const bool grouped = body.find_first_of(" -.+") != std::string_view::npos || dialled.digits >= 6;
  if (!grouped || dialled.digits < 5 || dialled.digits + area < 7 ||
      is_alnum(at(text, dialled.end))) {
    const std::size_t end = extension_end(text, dialled.end);
    if (end == dialled.end) {
      return std::nullopt;
    }
  }
  return match_of(Kind::phone, begin, extension_end(text, dialled.end));
}

}  // namespace

std::optional<Match> phone_at(std::string_view text, std::size_t position, bool in_form) {
  if (text[position] == ')') {
    return bracketed_at(text, position, in_form);
  }
  if (position > 0 && text[position - 1] == '+') {
    return international_at(text, position, in_form);
  }
  return north_american_at(text, position);
}

}  // namespace trackier::anonymize
