#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "core/error.hpp"
#include "core/text.hpp"
#include "scope/expression.hpp"

namespace trackier::scope {

namespace {

constexpr std::size_t most_bytes = std::size_t{64} * 1024;
constexpr int most_levels = 100;

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

}  // namespace

bool is_field_letter(char letter) {
  const bool is_small_or_large =
      (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
  return is_small_or_large || is_digit(letter) || static_cast<unsigned char>(letter) >= 0x80 ||
         std::string_view{"_-@$."}.find(letter) != std::string_view::npos;
}

bool is_field_path(std::string_view path) {
  return !path.empty() && std::ranges::all_of(path, is_field_letter) && !is_digit(path.front()) &&
         path.front() != '-' && path.front() != '.' && path.back() != '.' &&
         path.find("..") == std::string_view::npos;
}

class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) : text_(text) {}

  Expression parse() {
    if (text_.size() > most_bytes) {
      throw Error{Code::usage, "--exposed: longer than 64 KiB"};
    }
    made_.root_ = either();
    skip_space();
    if (at_ < text_.size()) {
      fail(at_, text_[at_] == ')' ? "this ) closes nothing" : "expected && or ||");
    }
    return std::move(made_);
  }

 private:
  using Operator = Expression::Operator;
  using Node = Expression::Node;
  using Operand = Expression::Operand;

  [[noreturn]] void fail(std::size_t at, std::string_view what) const {
    throw Error{Code::usage, fmt::format("--exposed: column {}: {}", column_of(at), what),
                "for example: status == 200 && !requester_known && path ~ \"/export\""};
  }

  void skip_space() {
    while (at_ < text_.size() &&
           std::string_view{" \t\r\n"}.find(text_[at_]) != std::string_view::npos) {
      ++at_;
    }
  }

  bool take(std::string_view symbol) {
    skip_space();
    if (!text_.substr(at_).starts_with(symbol)) {
      return false;
    }
    at_ += symbol.size();
    behind_ = symbol;
    return true;
  }

  std::size_t add(Node node) {
    made_.nodes_.push_back(std::move(node));
    return made_.nodes_.size() - 1;
  }

  template <typename Part>
  std::size_t joined(Operator operation, std::string_view symbol, Part part) {
    std::vector<std::size_t> parts{part()};
    while (take(symbol)) {
      parts.push_back(part());
    }
    if (parts.size() == 1) {
      return parts.front();
    }
    return add({.operation = operation, .children = std::move(parts), .left = {}, .right = {}});
  }

  std::size_t either() {
    return joined(Operator::either, "||", [this] { return both(); });
  }

  std::size_t both() {
    return joined(Operator::both, "&&", [this] { return single(); });
  }

  std::size_t single() {
    skip_space();
    const std::size_t began = at_;
    if (text_.substr(at_).starts_with("!=")) {
      fail_value();
    }
    if (take("!")) {
      deeper(began);
      skip_space();
      const std::size_t operand_at = at_;
      const std::size_t child = single();
      const Operator operation = made_.nodes_[child].operation;
      if (text_[operand_at] != '(' && operation != Operator::truth &&
          operation != Operator::negation) {
        fail(began, "! before a comparison reads two ways: write !(a == b)");
      }
      --level_;
      return add({.operation = Operator::negation, .children = {child}, .left = {}, .right = {}});
    }
    if (take("(")) {
      deeper(began);
      const std::size_t inner = either();
      if (!take(")")) {
        fail(at_, at_ < text_.size()
                      ? "expected && or || or )"
                      : fmt::format("the ( of column {} is not closed", column_of(began)));
      }
      --level_;
      return inner;
    }
    return comparison();
  }

  [[nodiscard]] std::size_t column_of(std::size_t at) const {
    return 1 + static_cast<std::size_t>(std::ranges::count_if(text_.substr(0, at), [](char letter) {
             return (static_cast<unsigned char>(letter) & 0xc0U) != 0x80U;
           }));
  }

  void deeper(std::size_t at) {
    if (++level_ > most_levels) {
      fail(at, fmt::format("more than {} levels deep", most_levels));
    }
  }

  std::optional<Operator> operation() {
    struct Symbol {
      std::string_view text;
      Operator operation;
    };
    static constexpr std::array symbols{
        // the longer before their beginnings
        Symbol{"==", Operator::equal},      Symbol{"!=", Operator::unequal},
        Symbol{"<=", Operator::less_equal}, Symbol{">=", Operator::greater_equal},
        Symbol{"<", Operator::less},        Symbol{">", Operator::greater},
        Symbol{"~", Operator::contains},
    };
    for (const Symbol& symbol : symbols) {
      if (take(symbol.text)) {
        return symbol.operation;
      }
    }
    if (text_.substr(at_).starts_with('=')) {
      fail(at_, "a single =; to compare, write ==");
    }
    return std::nullopt;
  }

  std::size_t comparison() {
    Node node;
    node.left = operand();
    if (const auto found = operation()) {
      node.operation = *found;
      node.right = operand();
      skip_space();
      const std::size_t after = at_;
      if (operation()) {
        fail(after, "a comparison has two sides: join comparisons with &&");
      }
    }
    return add(std::move(node));
  }

  [[noreturn]] void fail_value() const {
    fail(at_, behind_.empty() ? std::string{"expected a value"}
                              : fmt::format("expected a value after {}", behind_));
  }

  Operand operand() {
    skip_space();
    if (at_ == text_.size()) {
      fail_value();
    }
    const char first = text_[at_];
    if (first == '"' || first == '\'') {
      return quoted(first);
    }
    if (is_digit(first) || first == '-') {
      return number();
    }
    if (is_field_letter(first)) {
      return word();
    }
    fail_value();
  }

  Operand quoted(char quote) {
    const std::size_t began = at_++;
    Operand made;
    made.kind = Value::Kind::text;
    for (; at_ < text_.size(); ++at_) {
      const char letter = text_[at_];
      if (letter == quote) {
        ++at_;
        return made;
      }
      if (letter != '\\') {
        made.text += letter;
        continue;
      }
      ++at_;
      static constexpr std::string_view escapes = "\\\"'nt";
      static constexpr std::string_view meant = "\\\"'\n\t";
      const std::size_t found =
          at_ < text_.size() ? escapes.find(text_[at_]) : std::string_view::npos;
      if (found == std::string_view::npos) {
        fail(at_ - 1, "in strings, \\ stands before \\ \" ' n or t");
      }
      made.text += meant[found];
    }
    fail(began, "this string does not end");
  }

  bool digits() {
    const std::size_t began = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) {
      ++at_;
    }
    return at_ > began;
  }

  /// -?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?
  Operand number() {
    const std::size_t began = at_;
    at_ += text_[at_] == '-' ? 1U : 0U;
    bool good = digits();
    if (good && at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      good = digits();
    }
    if (good && at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      const bool is_signed = at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-');
      at_ += is_signed ? 1U : 0U;
      good = digits();
    }
    if (!good || (at_ < text_.size() && is_field_letter(text_[at_]))) {
      fail(began, "not a number; a text stands in quotes");
    }
    Operand made;
    made.kind = Value::Kind::number;
    made.text = text_.substr(began, at_ - began);
    return made;
  }

  Operand word() {
    const std::size_t began = at_;
    while (at_ < text_.size() && is_field_letter(text_[at_])) {
      ++at_;
    }
    const std::string_view name = text_.substr(began, at_ - began);
    Operand made;
    if (name == "true" || name == "false" || name == "null") {
      made.kind = name == "true"    ? Value::Kind::yes
                  : name == "false" ? Value::Kind::no
                                    : Value::Kind::null;
      return made;
    }
    if (!is_field_path(name)) {
      fail(began,
           fmt::format("{} is not a field: a name is missing beside a dot", printable(name)));
    }
    auto& fields = made_.fields_;
    const auto found = std::ranges::find(fields, name);
    made.is_field = true;
    made.field = static_cast<std::size_t>(found - fields.begin());
    if (found == fields.end()) {
      fields.emplace_back(name);
    }
    return made;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string_view behind_;  ///< the symbol last taken
  int level_ = 0;
  Expression made_;
};

Expression Expression::parse(std::string_view text) {
  return ExpressionParser{text}.parse();
}

}  // namespace trackier::scope
