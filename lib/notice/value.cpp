#include "notice/value.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/text.hpp"

namespace trackier::notice {
namespace {

using nlohmann::json;

constexpr int deepest = 32;

/// The name up to the first dot, and what follows the dot.
std::pair<std::string_view, std::string_view> split(std::string_view path) {
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) {
    return {path, {}};
  }
  return {path.substr(0, dot), path.substr(dot + 1)};
}

Value value_of(const json& from, const std::string& place, int depth) {
  if (depth > deepest) {
    throw Error{Code::data, fmt::format("{} is nested too deeply", place)};
  }
  switch (from.type()) {
    case json::value_t::string:
      return from.get<std::string>();
    case json::value_t::boolean:
      return from.get<bool>();
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
      return from.dump();
    case json::value_t::array: {
      Value::List list;
      for (const json& item : from) {
        list.push_back(value_of(item, fmt::format("{}[{}]", place, list.size() + 1), depth + 1));
      }
      return list;
    }
    case json::value_t::object: {
      Value::Object object;
      for (const auto& [name, item] : from.items()) {
        if (!item.is_null()) {
          object.emplace(name,
                         value_of(item, fmt::format("{}.{}", place, printable(name)), depth + 1));
        }
      }
      return object;
    }
    default:
      throw Error{Code::data, fmt::format("{} is {}", place, from.type_name()),
                  "write texts, whole numbers, true or false, lists and objects"};
  }
}

json json_of(const Value& value) {
  if (const std::string* text = value.text()) {
    return *text;
  }
  if (const bool* flag = value.flag()) {
    return *flag;
  }
  if (const Value::List* list = value.list()) {
    json array = json::array();
    for (const Value& item : *list) {
      array.push_back(json_of(item));
    }
    return array;
  }
  json object = json::object();
  for (const auto& [name, item] : *value.object()) {
    object[name] = json_of(item);
  }
  return object;
}

}  // namespace

const Value* Value::find(std::string_view path) const {
  const auto [first, rest] = split(path);
  const Object* names = object();
  if (names == nullptr) {
    return nullptr;
  }
  const auto found = names->find(first);
  if (found == names->end()) {
    return nullptr;
  }
  return rest.empty() ? &found->second : found->second.find(rest);
}

void Value::set(std::string_view path, Value value) {
  const auto [first, rest] = split(path);
  if (object() == nullptr) {
    data = Object{};
  }
  Value& place = std::get<Object>(data)[std::string{first}];
  if (rest.empty()) {
    place = std::move(value);
  } else {
    place.set(rest, std::move(value));
  }
}

bool Value::erase(std::string_view path) {
  const auto [first, rest] = split(path);
  auto* names = std::get_if<Object>(&data);
  if (names == nullptr) {
    return false;
  }
  const auto found = names->find(first);
  if (found == names->end()) {
    return false;
  }
  if (!rest.empty()) {
    return found->second.erase(rest);
  }
  names->erase(found);
  return true;
}

Value parse(std::string_view text, const std::string& name) {
  json document;
  try {
    document = json::parse(text);
  } catch (const json::exception& problem) {
    throw Error{Code::data, fmt::format("{}: {}", name, printable(problem.what(), 300))};
  }
  return value_of(document, name, 0);
}

std::string to_json(const Value& value) {
  return json_of(value).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace trackier::notice
