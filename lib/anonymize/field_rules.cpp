#include "anonymize/field_rules.hpp"

#include <algorithm>

#include "anonymize/field_names.hpp"
#include "core/text.hpp"

namespace trackier::anonymize {

namespace {

/// "user.items[].ip" -> user, items, ip. "[]" says what is true anyway: a rule for a name holds for
/// the elements of an array of that name.
std::vector<std::string> split_path(std::string_view selector) {
  std::vector<std::string> path;
  std::size_t begin = 0;
  while (begin <= selector.size()) {
    const std::size_t end = std::min(selector.find('.', begin), selector.size());
    std::string_view part = selector.substr(begin, end - begin);
    while (part.ends_with("[]")) {
      part.remove_suffix(2);
    }
    path.emplace_back(part);
    begin = end + 1;
  }
  return path;
}

bool equal_names(std::string_view one, std::string_view other) {
  return one.size() == other.size() && (one == other || ascii_lower(one) == ascii_lower(other));
}

}  // namespace

FieldRules::FieldRules(const Profile& profile) : profile_(profile) {
  for (const FieldRule& field : profile.fields) {
    own_.push_back({.selector = field.selector,
                    .path = split_path(field.selector),
                    .rule = {.kind = Kind::field,
                             .counter = static_cast<std::uint16_t>(kinds + own_.size()),
                             .transform = &field.transform}});
  }
}

FieldRules::Rule FieldRules::for_name(std::string_view name, std::size_t column) const {
  if (!own_.empty()) {
    const std::string number = column == 0 ? std::string{} : std::to_string(column);
    for (const Own& own : own_) {
      if (equal_names(own.selector, name) || (column != 0 && own.selector == number)) {
        return own.rule;
      }
    }
  }
  return for_known_name(name);
}

FieldRules::Rule FieldRules::for_names(std::span<const std::string> names,
                                       std::size_t column) const {
  const std::string number = column == 0 ? std::string{} : std::to_string(column);
  for (const Own& own : own_) {
    if ((column != 0 && own.selector == number) ||
        std::ranges::any_of(
            names, [&own](const std::string& name) { return equal_names(own.selector, name); })) {
      return own.rule;
    }
  }
  for (const std::string& name : names) {
    if (const Rule rule = for_known_name(name); rule.transform != nullptr) {
      return rule;
    }
  }
  return {};
}

FieldRules::Rule FieldRules::own_for_path(std::span<const std::string_view> path) const {
  for (const Own& own : own_) {
    // A single name without a dot holds at any depth; a path holds from the top.
    if (own.path.size() == 1 && own.path[0] != "*") {
      if (!path.empty() && own.path[0] == path.back()) {
        return own.rule;
      }
      continue;
    }
    if (own.path.size() == path.size() &&
        std::ranges::equal(own.path, path, [](const std::string& wanted, std::string_view is) {
          return wanted == "*" || wanted == is;
        })) {
      return own.rule;
    }
  }
  return {};
}

FieldRules::Rule FieldRules::for_path(std::span<const std::string_view> path) const {
  const Rule own = own_for_path(path);
  return own.transform != nullptr || path.empty() ? own : for_known_name(path.back());
}

FieldRules::Rule FieldRules::for_known_name(std::string_view name) const {
  if (!profile_.known_names) {
    return {};
  }
  const auto kind = kind_of_field(name);
  if (!kind || !profile_.detect[*kind]) {
    return {};
  }
  return {.kind = *kind,
          .counter = static_cast<std::uint16_t>(*kind),
          .transform = &profile_.transforms[*kind],
          .only_if_no_address = *kind == Kind::ip};
}

}  // namespace trackier::anonymize
