#pragma once
/// Which facts a text still needs.

#include <string>
#include <vector>

#include "notice/template_set.hpp"

namespace trackier::notice {

struct Missing {
  std::string field;  ///< "late.reasons", "subjects.basis", "measures_done[1].when" (from 1)
  std::string why;    ///< "is absent", "is blank", "must be a text, not a list"
  std::string law;    ///< the rule that asks for it, "GDPR 33(3)(a)"; empty: none does

  /// "late.reasons is absent (GDPR 33(1) second sentence)".
  [[nodiscard]] std::string message() const;

  bool operator==(const Missing&) const = default;
};

/// Every needed field that is absent, blank or of the wrong type, in the order of the rules. A
/// field that depends on a flag is asked for once the flag is set. White space alone is blank. What
/// is there beyond the rules is not looked at, and never printed. Invalid UTF-8 counts as the wrong
/// type. Empty: render() will not ask for anything.
std::vector<Missing> missing_fields(const Template& text, const Value& context);

/// Of the context, only what the text may print, every field that is not needed now left out;
/// phased values get their `unknown` flag, optional lists are there even when empty. For a context
/// without missing fields.
Value needed_part(const Template& text, const Value& context);

}  // namespace trackier::notice
