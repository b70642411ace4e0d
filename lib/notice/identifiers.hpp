#pragma once
/// Where in a text an identifier of somebody may stand. Of interest inside this area only.

#include <cstddef>
#include <string_view>
#include <vector>

namespace trackier::notice {

struct Piece {
  std::size_t begin = 0;
  std::size_t end = 0;

  friend auto operator<=>(const Piece&, const Piece&) = default;
};

/// Each word as white space divides them, with and without the punctuation around it; each run of
/// two to four words, for a name may be an identifier; and the parts of words that the marks of
/// addresses, names of fields and codes leave: of "(id=cust:4711);" also "cust:4711" and "4711".
/// Each piece once.
std::vector<Piece> pieces_of(std::string_view text);

}  // namespace trackier::notice
