#include <map>
#include <set>
#include <string>
#include <utility>

#include "postgres/content.hpp"

namespace trackier::postgres {
namespace {

using content::Content;
using content::Object;

using Name = std::pair<std::string, std::string>;  ///< kind and name

constexpr const char* table = "table";
constexpr const char* large_objects = "large-objects";

bool has_rows(const std::string& kind) {
  return kind == table || kind == large_objects;
}

bool ends_with(const std::string& text, std::string_view end) {
  return std::string_view{text}.ends_with(end);
}

/// What is defined otherwise in one of the two, or not at all.
std::set<Name> changed_between(const Content& before, const Content& after) {
  std::map<Name, std::string> values;
  std::set<Name> changed;
  for (const Object& each : before.objects) {
    values.emplace(Name{each.kind, each.name}, each.value);
  }
  for (const Object& each : after.objects) {
    if (has_rows(each.kind)) {
      continue;
    }
    const Name name{each.kind, each.name};
    const auto was = values.find(name);
    if (was == values.end() || was->second != each.value) {
      changed.insert(name);
    }
    if (was != values.end()) {
      values.erase(was);
    }
  }
  for (const auto& [name, value] : values) {
    if (!has_rows(name.first)) {
      changed.insert(name);
    }
  }
  return changed;
}

}  // namespace

void leave_out_changed(const Content& before, Content& after) {
  constexpr const char* why = "it was changed while the backup was taken";
  const std::set<Name> changed = changed_between(before, after);
  std::map<std::string, std::string> unchecked;
  bool texts_changed = false;
  for (const Name& each : changed) {
    const auto& [kind, name] = each;
    unchecked.emplace(kind + " " + name, why);
    if (kind == "columns") {
      unchecked.emplace(std::string{table} + " " + name, why);
    } else if (kind == "rights" && ends_with(name, "large objects")) {
      unchecked.emplace(large_objects + (" " + name.substr(0, name.rfind("large"))) + "all", why);
    }
  }
  // ALTER TYPE ... RENAME VALUE has rows look different that nobody has written to.
  for (const Object& each : before.objects) {
    texts_changed = texts_changed || (each.kind == "type" && changed.contains({"type", each.name}));
  }
  std::erase_if(after.objects, [&](const Object& object) {
    const std::string name = object.kind + " " + object.name;
    if (texts_changed && object.kind == table) {
      unchecked.emplace(name, "a type was changed while the backup was taken");
    }
    return unchecked.contains(name);
  });
  for (const content::Unchecked& each : after.unchecked) {
    unchecked.erase(each.name);
  }
  for (const auto& [name, reason] : unchecked) {
    after.unchecked.push_back({.name = name, .why = reason});
  }
  content::sort(after);
}

void leave_out_moved(const SequenceStates& before, Content& content) {
  Content states;
  for (const Object& each : content.objects) {
    if (each.kind != "sequence" && !has_rows(each.kind)) {
      states.objects.push_back(each);
    }
  }
  for (const auto& [name, state] : before) {
    states.objects.push_back(
        {.kind = "sequence", .name = name, .rows = std::nullopt, .value = state});
  }
  leave_out_changed(states, content);
}

}  // namespace trackier::postgres
