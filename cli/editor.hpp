#pragma once
/// Other programs that people work with: their editor, and diff.

#include <string>

#include "context.hpp"

namespace trackier::cli {

/// Has the person's editor ($VISUAL, $EDITOR, vi) change a text, in a file only they can read,
/// which is gone afterwards. name: begins the name of the file. Throws Error{Code::verdict} when
/// the editor fails.
std::string edited_by_person(Context& context, const std::string& text, const std::string& name);

struct NamedText {
  std::string name;
  std::string text;
};

/// As diff -u has it; empty when they are the same. Throws Error{Code::unavailable} without diff.
std::string difference(Context& context, const NamedText& from, const NamedText& to);

}  // namespace trackier::cli
