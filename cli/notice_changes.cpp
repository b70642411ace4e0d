#include "notice_changes.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace trackier::cli {
namespace {

using notice::Value;

/// All texts of it.
std::string shown_item(const Value& item) {
  std::string made;
  if (const auto* const object = item.object()) {
    for (const auto& [name, each] : *object) {
      if (const std::string* const text = each.text()) {
        made += (made.empty() ? "" : ", ") + *text;
      }
    }
  }
  return made;
}

std::string shown(const Value* value) {
  if (value == nullptr) {
    return "not stated";
  }
  if (const std::string* const text = value->text()) {
    return *text;
  }
  if (const Value* const inner = value->find("value"); inner != nullptr && inner->text()) {
    return *inner->text();
  }
  if (value->find("unknown") != nullptr) {
    return "not yet known";
  }
  if (const auto* const list = value->list()) {
    std::string made;
    for (const Value& each : *list) {
      made += (made.empty() ? "" : "; ") + shown_item(each);
    }
    return made.empty() ? "none" : made;
  }
  return value->flag() != nullptr && *value->flag() ? "yes" : "no";
}

/// The basis of a fact in phases.
std::string why(const Value& after, const std::string& name) {
  const Value* const basis = after.find(name + ".basis");
  return basis != nullptr && basis->text() != nullptr ? *basis->text() : "new findings";
}

}  // namespace

Value::List notice_changes(const Value& before, const Value& after,
                           const notice::FieldRules& fields) {
  constexpr std::array<std::string_view, 14> of_the_notice{
      "changes",   "chain.",       "customer.",     "duties",      "is_",
      "late.",     "notice.",      "notification.", "previous.",   "scope.counted_at",
      "scope.run", "times.notice", "unknowns",      "incident.ref"};
  Value::List changes;
  for (const notice::Field& field : fields.fields) {
    if (std::ranges::any_of(of_the_notice, [&](std::string_view beginning) {
          return field.name.starts_with(beginning);
        })) {
      continue;
    }
    const std::string was = shown(before.find(field.name));
    const std::string is = shown(after.find(field.name));
    if (was != is) {
      std::string what = field.name;
      std::ranges::replace(what, '_', ' ');
      changes.emplace_back(Value::Object{
          {"what", what}, {"before", was}, {"after", is}, {"why", why(after, field.name)}});
    }
  }
  return changes;
}

}  // namespace trackier::cli
