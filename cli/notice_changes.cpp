#include "notice_changes.hpp"

#include <algorithm>
#include <string>

namespace trackier::cli {
namespace {

using notice::Value;

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
      for (const char* const name : {"text", "name", "what"}) {
        const Value* const inner = each.find(name);
        if (inner != nullptr && inner->text() != nullptr) {
          made += (made.empty() ? "" : "; ") + *inner->text();
          break;
        }
      }
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

Value::List notice_changes(const Value& before, const Value& after) {
  Value::List changes;
  for (const char* const name :
       {"subjects", "records", "occurred_from", "occurred_to", "cause", "recipients_of_data",
        "data_categories", "consequences", "incident.description"}) {
    const std::string was = shown(before.find(name));
    const std::string is = shown(after.find(name));
    if (was != is) {
      std::string what = name;
      std::ranges::replace(what, '_', ' ');
      changes.emplace_back(
          Value::Object{{"what", what}, {"before", was}, {"after", is}, {"why", why(after, name)}});
    }
  }
  return changes;
}

}  // namespace trackier::cli
