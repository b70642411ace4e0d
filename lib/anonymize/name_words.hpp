#pragma once
/// Words of running text, as names of persons are spelled: of Latin letters, also those outside
/// ASCII in UTF-8, with apostrophes and hyphens between them. Of interest to person_names alone.

#include <cstdint>
#include <string>
#include <string_view>

namespace trackier::anonymize {

enum class Spelling : std::uint8_t {
  capitalized,  ///< Jane, O'Neil, McDonald, Jean-Pierre
  capitals,     ///< JANE
  initial,      ///< J, or J. with its full stop
  other,        ///< anything else, also what is no word of its own: Jane_2, /Jane
};

struct NameWord {
  std::size_t begin = 0;
  std::size_t end = 0;  ///< without a possessive 's; of an initial behind its full stop
  Spelling spelling = Spelling::other;
  bool possessive = false;
  bool closed = true;  ///< what follows does not belong to the word: no digit, '_', '/', '@'

  [[nodiscard]] std::string_view in(std::string_view text) const {
    return text.substr(begin, end - begin);
  }
};

/// Whether a word that is perhaps a name begins at `at`: a capital letter, and before it nothing
/// that the letter could belong to.
bool begins_capital_word(std::string_view text, std::size_t at);

/// The word that begins at `begin`.
NameWord name_word_at(std::string_view text, std::size_t begin);

/// The word right before `end`, letters alone, at most 24 bytes; empty when there is none.
std::string_view word_before(std::string_view text, std::size_t end);

/// "JANE" as "Jane"; letters outside ASCII stay as they are.
std::string capitalized(std::string_view capitals);

}  // namespace trackier::anonymize
