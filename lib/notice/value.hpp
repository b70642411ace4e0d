#pragma once
/// The facts a text is rendered with: a tree of texts, flags, lists and objects.
///
/// This area makes the texts that leave the house: it says which facts a text needs (check.hpp),
/// puts them into it (render.hpp), looks the model texts over (lint.hpp), looks for values that
/// must not be in the result (leaks.hpp) and makes a mail of it (mail.hpp). The model texts are
/// those of samples/breach, or a copy somebody edited (template_set.hpp).

#include <concepts>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace trackier::notice {

struct Value {
  using List = std::vector<Value>;
  using Object = std::map<std::string, Value, std::less<>>;

  Value() : data{Object{}} {}
  Value(std::string text) : data{std::move(text)} {}
  Value(std::string_view text) : data{std::string{text}} {}
  Value(const char* text) : data{std::string{text}} {}
  template <std::same_as<bool> Flag>
  Value(Flag flag) : data{flag} {}
  Value(List list) : data{std::move(list)} {}
  Value(Object object) : data{std::move(object)} {}

  /// Null when it is of another type.
  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&data); }
  [[nodiscard]] const bool* flag() const { return std::get_if<bool>(&data); }
  [[nodiscard]] const List* list() const { return std::get_if<List>(&data); }
  [[nodiscard]] const Object* object() const { return std::get_if<Object>(&data); }

  /// What stands at "customer.name": name by name down through objects. Null when there is no such
  /// thing.
  [[nodiscard]] const Value* find(std::string_view path) const;

  /// Puts `value` there, making the objects on the way; what was in the way and is no object is
  /// replaced.
  void set(std::string_view path, Value value);

  /// Takes it out; false when it was not there.
  bool erase(std::string_view path);

  bool operator==(const Value&) const = default;

  std::variant<std::string, bool, List, Object> data;
};

/// Reads JSON. Whole numbers become texts; a null in an object is left out, as if it were not
/// there. Throws Error{Code::data} for what is no JSON, for fractions, and for null in a list.
/// name: what errors call it.
Value parse(std::string_view json, const std::string& name = "the facts");

/// One line of JSON with its keys in order: the same tree is always the same bytes. Invalid UTF-8
/// is replaced by U+FFFD.
std::string to_json(const Value& value);

}  // namespace trackier::notice
