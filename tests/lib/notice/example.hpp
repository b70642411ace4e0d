#pragma once
/// Facts for any text, made from its rules.

#include <string>
#include <string_view>
#include <vector>

#include "notice/template_set.hpp"

namespace trackier::notice {

struct ExampleOptions {
  std::string mark;            ///< part of every value
  bool unknown = false;        ///< phased values are not yet known
  bool optional_lists = true;  ///< have items
  std::size_t items = 2;       ///< of every list
};

/// flags: those that are true; the others are false. Every field is filled whose condition holds.
Value full_context(const FieldRules& rules, const std::vector<std::string>& flags,
                   const ExampleOptions& options = {});

/// Every subset of the flags of a text.
std::vector<std::vector<std::string>> flag_combinations(const FieldRules& rules);

/// What a page says, its marks and entities resolved and white space normalised. Begins with
/// <body>.
std::string text_of_html(std::string_view html);

}  // namespace trackier::notice
