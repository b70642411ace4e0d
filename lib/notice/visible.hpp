#pragma once
/// Whether a reader of a text sees what is in it.

#include <string>
#include <string_view>
#include <vector>

#include "notice/template_set.hpp"

namespace trackier::notice {

/// Whether `value` stands in `text` as whole words; white space of any kind and length is one
/// blank. So "80" does not stand in "180" nor in "80,000".
bool is_shown(std::string_view text, std::string_view value);

/// Fields that a text has to print and a reader does not see: in a comment, in raw HTML, in a
/// definition that nothing refers to, in a section that is not always there. By making the text of
/// invented values, with each flag set and not. Empty for a text that cannot be rendered.
std::vector<std::string> unseen_fields(const TemplateSet& set, const Template& text);

}  // namespace trackier::notice
