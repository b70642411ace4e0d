#include "example.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/words.hpp"

namespace trackier::notice {
namespace {

Value phased(const std::string& name, const ExampleOptions& options) {
  Value value;
  if (options.unknown) {
    value.set("unknown", true);
    value.set("reason", fmt::format("reason of {}{}", name, options.mark));
    value.set("expected_by", fmt::format("day of {}{}", name, options.mark));
  } else {
    value.set("value", fmt::format("value of {}{}", name, options.mark));
    value.set("basis", fmt::format("basis of {}{}", name, options.mark));
  }
  return value;
}

Value list(const Field& field, const ExampleOptions& options) {
  Value::List items;
  const bool empty = field.kind == Field::Kind::list_optional && !options.optional_lists;
  for (std::size_t i = 1; i <= (empty ? 0 : options.items); ++i) {
    Value item;
    for (const std::string& name : field.item_fields) {
      item.set(name, fmt::format("{} {} {}{}", name, i, field.name, options.mark));
    }
    items.push_back(item);
  }
  return items;
}

}  // namespace

Value full_context(const FieldRules& rules, const std::vector<std::string>& flags,
                   const ExampleOptions& options) {
  Value context;
  for (const Field& field : rules.fields) {
    if (field.kind == Field::Kind::flag) {
      context.set(field.name, std::find(flags.begin(), flags.end(), field.name) != flags.end());
    }
  }
  for (const Field& field : rules.fields) {
    if (!field.when.terms.empty() && !field.when.holds(context)) {
      continue;
    }
    switch (field.kind) {
      case Field::Kind::flag:
        break;
      case Field::Kind::text:
        context.set(field.name, fmt::format("the {}{}", field.name, options.mark));
        break;
      case Field::Kind::phased:
        context.set(field.name, phased(field.name, options));
        break;
      case Field::Kind::list:
      case Field::Kind::list_optional:
        context.set(field.name, list(field, options));
        break;
    }
  }
  return context;
}

std::vector<std::vector<std::string>> flag_combinations(const FieldRules& rules) {
  std::vector<std::vector<std::string>> all{{}};
  for (const std::string& flag : rules.flags()) {
    const std::vector<std::vector<std::string>> without = all;
    for (std::vector<std::string> set : without) {
      set.push_back(flag);
      all.push_back(set);
    }
  }
  return all;
}

std::string text_of_html(std::string_view html) {
  html.remove_prefix(std::min(html.find("<body>"), html.size()));
  std::string text;
  for (std::size_t at = 0; at < html.size();) {
    if (html[at] == '<') {
      // Block elements divide words, emphasis does not.
      const std::size_t end = std::min(html.find('>', at), html.size() - 1);
      const std::string_view tag = html.substr(at, end + 1 - at);
      text += tag == "<strong>" || tag == "</strong>" ? "" : " ";
      at = end + 1;
      continue;
    }
    bool entity = false;
    for (const auto& [name, character] :
         {std::pair{std::string_view{"&lt;"}, '<'}, std::pair{std::string_view{"&gt;"}, '>'},
          std::pair{std::string_view{"&amp;"}, '&'}, std::pair{std::string_view{"&quot;"}, '"'}}) {
      if (html.substr(at).starts_with(name)) {
        text += character;
        at += name.size();
        entity = true;
        break;
      }
    }
    if (!entity) {
      text += html[at++];
    }
  }
  return one_line(text);
}

}  // namespace trackier::notice
