#pragma once
/// Letters that look like others, and characters that do not show: what makes a text another to a
/// search than to a reader. Of interest inside this area only.

#include <cstddef>
#include <string_view>
#include <vector>

namespace trackier::notice {

struct Disguise {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view what;  ///< "an invisible character"
};

/// Control and invisible characters, letters of the forms that Unicode keeps for other ends
/// (full-width, mathematical, enclosed), words with letters of Latin and Greek or Cyrillic in them,
/// and bytes that are no UTF-8; in order. Not found: whole words of letters that look like others.
/// The joiners that the scripts of India and Persia need are none between such letters.
std::vector<Disguise> disguises_in(std::string_view text);

}  // namespace trackier::notice
