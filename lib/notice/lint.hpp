#pragma once
/// Looks a set of model texts over: does every tag name a field, is every field the law asks for
/// still printed? The text's own tag tree is the list of its fields; the manifest is what it is
/// held against.

#include <string>
#include <vector>

#include "notice/tags.hpp"
#include "notice/template_set.hpp"

namespace trackier::notice {

struct Problem {
  std::string file;
  Place place;
  std::string what;
  std::string hint;
  bool prevents_rendering = true;  ///< false: a field is not printed, the text is otherwise sound

  /// "customer-initial.md.mustache:12:3: unknown field incident.reff".
  [[nodiscard]] std::string message() const;
};

/// All problems of all texts, by text and then by place. Empty: the set is sound.
std::vector<Problem> lint(const TemplateSet& set);

/// Those of one text, its subject and the partials it uses.
std::vector<Problem> lint(const TemplateSet& set, const Template& text);

}  // namespace trackier::notice
