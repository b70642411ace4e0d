#pragma once
/// Names of persons that are known, in most languages written in Latin letters: the files of
/// lib/anonymize/names, carried inside the program.

#include <cstdint>
#include <string_view>

namespace trackier::anonymize {

struct KnownName {
  bool given = false;
  bool family = false;
  bool word = false;  ///< and a word, month, place or product: May, Paris, Mark
};

/// What is known of a word that is spelled as a name is: "Jane".
KnownName known_name(std::string_view word);

}  // namespace trackier::anonymize
