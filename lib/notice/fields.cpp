#include "notice/fields.hpp"

#include <algorithm>

namespace trackier::notice {

bool Condition::holds(const Value& context) const {
  return std::all_of(terms.begin(), terms.end(), [&](const Term& term) {
    const Value* value = context.find(term.flag);
    return value != nullptr && value->flag() != nullptr && *value->flag() == term.wanted;
  });
}

std::string Condition::text() const {
  std::string text;
  for (const Term& term : terms) {
    text += text.empty() ? "" : " and ";
    text += term.wanted ? "" : "not ";
    text += term.flag;
  }
  return text;
}

const Field* FieldRules::find(std::string_view name) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const Field& field) { return field.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

std::string FieldRules::law_of(std::string_view name) const {
  const auto found = law.find(std::string{name});
  return found == law.end() ? std::string{} : found->second;
}

std::vector<std::string> FieldRules::flags() const {
  std::vector<std::string> names;
  for (const Field& field : fields) {
    if (field.kind == Field::Kind::flag) {
      names.push_back(field.name);
    }
  }
  return names;
}

}  // namespace trackier::notice
