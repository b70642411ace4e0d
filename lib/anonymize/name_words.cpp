#include "anonymize/name_words.hpp"

#include <algorithm>
#include <array>

#include "anonymize/characters.hpp"

namespace trackier::anonymize {
namespace {

using character::at;

struct Letter {
  std::size_t size = 0;  ///< bytes; 0: no letter
  bool capital = false;
};

/// The letter at `at`: ASCII, Latin-1 Supplement, Latin Extended-A and B, and Latin Extended
/// Additional.
Letter letter_at(std::string_view text, std::size_t i) {
  const char c = at(text, i);
  if (character::is_letter(c)) {
    return {1, character::is(c, character::upper)};
  }
  const auto byte = [&](std::size_t offset) {
    return static_cast<unsigned char>(at(text, i + offset));
  };
  const bool continues = (byte(1) & 0xC0U) == 0x80U;
  if (byte(0) >= 0xC3U && byte(0) <= 0xC9U && continues) {
    const unsigned point = (byte(0) & 0x1FU) << 6U | (byte(1) & 0x3FU);
    if (point == 0xD7U || point == 0xF7U) {  // multiplication and division
      return {};
    }
    if (point < 0x100U) {
      return {2, point < 0xDFU};
    }
    // Capital and small letters alternate; in two stretches the capital one is odd.
    const bool odd_first =
        (point >= 0x139U && point <= 0x148U) || (point >= 0x179U && point <= 0x17EU);
    return {2, point == 0x178U || (point < 0x180U && (point % 2 == 1) == odd_first)};
  }
  if (byte(0) == 0xE1U &&
      (byte(1) == 0xB8U || byte(1) == 0xB9U || byte(1) == 0xBAU || byte(1) == 0xBBU) &&
      (byte(2) & 0xC0U) == 0x80U) {
    return {3, byte(2) % 2 == 0};
  }
  return {};
}

/// The bytes of an apostrophe at `i`: of ASCII, or the typographic one.
std::size_t apostrophe_at(std::string_view text, std::size_t i) {
  if (at(text, i) == '\'') {
    return 1;
  }
  return text.substr(std::min(i, text.size())).starts_with("\xE2\x80\x99") ? 3 : 0;
}

/// Joins two parts of a name: O'Neil, Jean-Pierre.
std::size_t joint_at(std::string_view text, std::size_t i) {
  const std::size_t size = at(text, i) == '-' ? 1 : apostrophe_at(text, i);
  return size > 0 && letter_at(text, i + size).size > 0 ? size : 0;
}

bool may_stand_before(std::string_view text, std::size_t begin) {
  if (begin == 0) {
    return true;
  }
  const char before = text[begin - 1];
  if (std::string_view{" \t\n\r\"'([{<>,;:|=*~"}.find(before) != std::string_view::npos) {
    return true;
  }
  if ((before == 'n' || before == 'r' || before == 't') && begin >= 2 && text[begin - 2] == '\\') {
    return character::is_escaped(text, begin - 1);  // \nJane in JSON
  }
  // A dash or a quotation mark outside ASCII (General Punctuation).
  return begin >= 3 && text[begin - 3] == '\xE2' && text[begin - 2] == '\x80';
}

bool may_stand_behind(std::string_view text, std::size_t end) {
  const char behind = at(text, end);
  return behind == '\0' || behind == '\xE2' ||
         std::string_view{" \t\n\r\"'.,;:!?)]}<>|\\*~"}.find(behind) != std::string_view::npos;
}

}  // namespace

bool begins_capital_word(std::string_view text, std::size_t at) {
  return letter_at(text, at).capital && may_stand_before(text, at);
}

NameWord name_word_at(std::string_view text, std::size_t begin) {
  NameWord word{.begin = begin, .end = begin};
  std::size_t capitals = 0;
  std::size_t small = 0;
  bool capital_within = false;  // behind a small letter: McDonald, but iPhone is none
  bool behind_joint = true;
  std::size_t i = begin;
  while (i < text.size()) {
    if (const Letter letter = letter_at(text, i); letter.size > 0) {
      capital_within = capital_within || (letter.capital && small > 0 && !behind_joint);
      (letter.capital ? capitals : small) += 1;
      behind_joint = false;
      i += letter.size;
      continue;
    }
    const std::size_t apostrophe = apostrophe_at(text, i);
    if (apostrophe > 0 && at(text, i + apostrophe) == 's' &&
        letter_at(text, i + apostrophe + 1).size == 0) {
      word.possessive = true;
      break;
    }
    const std::size_t joint = joint_at(text, i);
    if (joint == 0) {
      break;
    }
    behind_joint = true;
    i += joint;
  }
  word.end = i;
  const std::string_view spelled = word.in(text);
  const std::size_t letters = capitals + small;
  constexpr auto prefixes =
      std::to_array<std::string_view>({"Mc", "Mac", "De", "Di", "Du", "La", "Le", "Fitz"});
  const bool has_prefix = std::ranges::any_of(
      prefixes, [spelled](std::string_view prefix) { return spelled.starts_with(prefix); });
  word.closed = word.possessive || may_stand_behind(text, i);
  if (capitals == 1 && letters == 1) {
    word.spelling = Spelling::initial;
    word.end += at(text, i) == '.' ? 1U : 0U;
  } else if (letter_at(text, begin).capital && small > 0 && (!capital_within || has_prefix)) {
    word.spelling = Spelling::capitalized;
  } else if (small == 0 && capitals > 1) {
    word.spelling = Spelling::capitals;
  }
  return word;
}

std::string_view word_before(std::string_view text, std::size_t end) {
  constexpr std::size_t most = 24;
  std::size_t begin = end;
  while (
      begin > 0 && end - begin < most &&
      (character::is_letter(text[begin - 1]) || character::is(text[begin - 1], character::high))) {
    --begin;
  }
  return text.substr(begin, end - begin);
}

std::string capitalized(std::string_view capitals) {
  std::string made{capitals};
  std::transform(made.begin() + (made.empty() ? 0 : 1), made.end(),
                 made.begin() + (made.empty() ? 0 : 1), character::to_lower);
  return made;
}

}  // namespace trackier::anonymize
