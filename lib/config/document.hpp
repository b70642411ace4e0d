#pragma once
/// A settings file, key by key. Every key is asked for by name; what nobody asked for is an error,
/// and every error says file, line and column.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace trackier::config {

struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

class Node;

/// A table of the document. Values that are not there are none; a value of the wrong type or out of
/// range throws Error{Code::config}.
class Table {
 public:
  std::optional<std::string> text(std::string_view key);
  /// A text that is an absolute path: a place that does not depend on where the program was
  /// started.
  std::optional<std::string> path(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most);
  std::optional<double> number(std::string_view key, double least, double most);
  std::optional<bool> boolean(std::string_view key);
  std::optional<std::vector<std::string>> texts(std::string_view key);
  std::vector<std::string> one_or_more_texts(std::string_view key);  ///< one alone, or a list
  std::optional<Table> table(std::string_view key);
  std::vector<Table> tables(std::string_view key);  ///< [[key]]

  /// What its keys are called after from here on, for one of several: "source.shop".
  void rename(std::string name) { name_ = std::move(name); }

  /// The names of all keys, for tables whose keys the user chooses; in the order of the file.
  [[nodiscard]] std::vector<std::string> keys() const;
  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] bool is_text(std::string_view key) const;

  /// Throws for the first key that was not asked for, with a suggestion.
  void refuse_others() const;

  /// An error at the value of `key`, or at the table when it has none: "FILE:LINE:COLUMN: what".
  [[nodiscard]] Error error(std::string_view key, const std::string& what,
                            std::string hint = {}) const;

  /// Throws for a path that is not absolute, one of those at `key`.
  void expect_absolute(std::string_view key, const std::string& path) const;

  /// Where the value of `key` stands.
  [[nodiscard]] Position position(std::string_view key) const;

  /// The full name of a key: "profile.web.format".
  [[nodiscard]] std::string full_name(std::string_view key) const;

 private:
  friend class Document;
  Table(std::shared_ptr<const Node> document, const void* table, std::string name);

  void ask_for(std::string_view key);

  std::shared_ptr<const Node> document_;
  const void* table_;  ///< toml::table; the library stays in document.cpp
  std::string name_;
  std::vector<std::string> asked_;
};

class Document {
 public:
  /// Throws Error{Code::config} where the text is not TOML. file: what errors call it.
  Document(std::string_view text, std::string file);

  [[nodiscard]] Table root() const;
  [[nodiscard]] const std::string& file() const;

 private:
  std::shared_ptr<const Node> node_;
};

}  // namespace trackier::config
