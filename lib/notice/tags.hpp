#pragma once
/// The Mustache tags of a text, as a tree. Only those our texts need: variables, sections, inverted
/// sections, partials and comments; unescaped tags and other delimiters are flaws.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trackier::notice {

struct Place {
  std::size_t line = 0;    ///< from 1; 0: the file as a whole
  std::size_t column = 0;  ///< from 1, in bytes
};

struct Tag {
  enum class Kind : std::uint8_t { variable, section, inverted, partial };

  Kind kind = Kind::variable;
  std::string name;
  Place place;
  std::vector<Tag> inside;  ///< of a section

  /// The line begins with this value and a full stop or bracket follows: a number there would make
  /// the line an item of a numbered list.
  bool may_number_a_list = false;
};

struct TagTree {
  struct Flaw {
    Place place;
    std::string what;
    std::string hint;
  };

  std::vector<Tag> tags;
  std::vector<Flaw> flaws;
};

TagTree read_tags(std::string_view text);

}  // namespace trackier::notice
