#pragma once
/// A model text and the facts become the text that is sent.

#include <string>
#include <string_view>

#include "notice/template_set.hpp"

namespace trackier::notice {

struct Rendered {
  std::string subject;   ///< one line
  std::string markdown;  ///< CommonMark, every value escaped
  std::string
      html;  ///< a whole page for screen and A4 paper, with nothing in it to be fetched or run
  std::string plain;  ///< what the Markdown says, without marks
};

/// banner: shown as the first line of all forms and in front of the subject, as "DRILL: this is a
/// training exercise"; may be empty.
///
/// What is printed depends on the text and the fields it declares, and on nothing else. A value is
/// text and stays text: it is never read again for tags, and cannot become a heading, list, link,
/// table or HTML.
///
/// Throws Error{Code::data} naming the first missing field (check.hpp), or a line break in a value
/// of the subject; Error{Code::config} when the text is unsound (lint.hpp).
Rendered render(const TemplateSet& set, const Template& text, const Value& context,
                std::string_view banner = {});

/// `value` on one line, so escaped that CommonMark shows it as it is wherever it stands in a line,
/// except for a number at the very beginning of a line that the surrounding text ends with a full
/// stop or a closing bracket; lint() refuses texts that do so.
std::string markdown_escaped(std::string_view value);

}  // namespace trackier::notice
