#include "config/document.hpp"

// toml++ 3.3.0 asserts on some malformed input ("[=") before it reports it; without its assertions,
// as in Debian's shared library, it reports it. Compiled into this file alone, it is also under our
// sanitizers.
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ASSERT(condition) static_cast<void>(0)
#define TOML_ASSERT_ASSUME(condition) static_cast<void>(0)

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>

#include "core/text.hpp"

namespace trackier::config {

class Node {
 public:
  toml::table root;
  std::string file;
};

namespace {

const toml::table& as_table(const void* table) {
  return *static_cast<const toml::table*>(table);
}

std::string at(const std::string& file, const toml::source_position& position) {
  return fmt::format("{}:{}:{}", printable(file), position.line, position.column);
}

}  // namespace

Document::Document(std::string_view text, std::string file) {
  auto node = std::make_shared<Node>();
  node->file = std::move(file);
  try {
    node->root = toml::parse(text);
  } catch (const toml::parse_error& error) {
    std::string what{error.description()};
    throw Error{Code::config, at(node->file, error.source().begin) + ": " + printable(what, 400),
                "the syntax is TOML's: key = value, strings in quotes, tables in [brackets]"};
  }
  node_ = std::move(node);
}

Table Document::root() const {
  return Table{node_, &node_->root, ""};
}
const std::string& Document::file() const {
  return node_->file;
}

Table::Table(std::shared_ptr<const Node> document, const void* table, std::string name)
    : document_(std::move(document)), table_(table), name_(std::move(name)) {}

std::string Table::full_name(std::string_view key) const {
  return name_.empty() ? printable(key) : name_ + "." + printable(key);
}

void Table::ask_for(std::string_view key) {
  asked_.emplace_back(key);
}

Position Table::position(std::string_view key) const {
  const toml::node* node = as_table(table_).get(key);
  const auto& begin = node != nullptr ? node->source().begin : as_table(table_).source().begin;
  return {begin.line, begin.column};
}

Error Table::error(std::string_view key, const std::string& what, std::string hint) const {
  const Position where = position(key);
  return Error{
      Code::config,
      fmt::format("{}:{}:{}: {}", printable(document_->file), where.line, where.column, what),
      std::move(hint)};
}

bool Table::has(std::string_view key) const {
  return as_table(table_).contains(key);
}

bool Table::is_text(std::string_view key) const {
  const toml::node* node = as_table(table_).get(key);
  return node != nullptr && node->is_string();
}

std::vector<std::string> Table::keys() const {
  std::vector<std::pair<toml::source_position, std::string>> found;
  for (const auto& [key, value] : as_table(table_)) {
    found.emplace_back(key.source().begin, std::string{key.str()});
  }
  std::ranges::sort(found, [](const auto& one, const auto& other) {
    return std::tie(one.first.line, one.first.column) <
           std::tie(other.first.line, other.first.column);
  });
  std::vector<std::string> names;
  for (auto& [position, name] : found) {
    names.push_back(std::move(name));
  }
  return names;
}

std::optional<std::string> Table::text(std::string_view key) {
  ask_for(key);
  const toml::node* node = as_table(table_).get(key);
  if (node == nullptr) {
    return std::nullopt;
  }
  if (!node->is_string()) {
    throw error(key, full_name(key) + " has to be a string", "put it in quotes");
  }
  return node->as_string()->get();
}

std::optional<std::int64_t> Table::integer(std::string_view key, std::int64_t least,
                                           std::int64_t most) {
  ask_for(key);
  const toml::node* node = as_table(table_).get(key);
  if (node == nullptr) {
    return std::nullopt;
  }
  if (!node->is_integer()) {
    throw error(key, full_name(key) + " has to be a whole number");
  }
  const std::int64_t value = node->as_integer()->get();
  if (value < least || value > most) {
    throw error(
        key, fmt::format("{} is {}, but has to be {} to {}", full_name(key), value, least, most));
  }
  return value;
}

std::optional<double> Table::number(std::string_view key, double least, double most) {
  ask_for(key);
  const toml::node* node = as_table(table_).get(key);
  if (node == nullptr) {
    return std::nullopt;
  }
  const auto value = node->value<double>();
  if (!value || !node->is_number()) {
    throw error(key, full_name(key) + " has to be a number");
  }
  if (!(*value >= least && *value <= most)) {
    throw error(
        key, fmt::format("{} is {}, but has to be {} to {}", full_name(key), *value, least, most));
  }
  return value;
}

std::optional<bool> Table::boolean(std::string_view key) {
  ask_for(key);
  const toml::node* node = as_table(table_).get(key);
  if (node == nullptr) {
    return std::nullopt;
  }
  if (!node->is_boolean()) {
    throw error(key, full_name(key) + " has to be true or false");
  }
  return node->as_boolean()->get();
}

std::optional<std::vector<std::string>> Table::texts(std::string_view key) {
  ask_for(key);
  const toml::node* node = as_table(table_).get(key);
  if (node == nullptr) {
    return std::nullopt;
  }
  std::vector<std::string> values;
  if (const toml::array* array = node->as_array()) {
    for (const toml::node& element : *array) {
      if (!element.is_string()) {
        throw error(key, full_name(key) + " has to be a list of strings");
      }
      values.push_back(element.as_string()->get());
    }
    return values;
  }
  throw error(key, full_name(key) + " has to be a list of strings",
              "write it like [\"one\", \"two\"]");
}

std::optional<Table> Table::table(std::string_view key) {
  ask_for(key);
  const toml::node* node = as_table(table_).get(key);
  if (node == nullptr) {
    return std::nullopt;
  }
  const toml::table* found = node->as_table();
  if (found == nullptr) {
    throw error(key, full_name(key) + " has to be a table");
  }
  return Table{document_, found, full_name(key)};
}

std::vector<Table> Table::tables(std::string_view key) {
  ask_for(key);
  const toml::node* node = as_table(table_).get(key);
  std::vector<Table> found;
  if (node == nullptr) {
    return found;
  }
  const toml::array* array = node->as_array();
  if (array == nullptr ||
      !std::ranges::all_of(*array, [](const toml::node& each) { return each.is_table(); })) {
    throw error(key, full_name(key) + " has to be a list of tables",
                "write it like [[" + full_name(key) + "]]");
  }
  for (const toml::node& each : *array) {
    found.push_back(Table{document_, each.as_table(), full_name(key)});
  }
  return found;
}

void Table::refuse_others() const {
  for (const auto& [key, value] : as_table(table_)) {
    if (std::ranges::find(asked_, key.str()) != asked_.end()) {
      continue;
    }
    const auto near = closest(key.str(), asked_);
    throw Error{Code::config,
                fmt::format("{}: unknown key {}", at(document_->file, key.source().begin),
                            full_name(key.str())),
                near ? "did you mean " + *near + "?" : "trackier-ctl.toml(5) lists the keys"};
  }
}

}  // namespace trackier::config
