#include "scope/expression.hpp"

#include <algorithm>
#include <charconv>
#include <compare>
#include <optional>

namespace trackier::scope {

namespace {

using Kind = Value::Kind;

template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || stopped != end || error != std::errc{}) {
    return std::nullopt;
  }
  return number;
}

/// What from_chars takes beyond numbers ("inf", "nan") does not begin like one.
bool begins_number(std::string_view text) {
  const std::size_t at = text.starts_with('-') ? 1 : 0;
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

/// None when they are not both numbers.
std::optional<std::partial_ordering> by_value(std::string_view left, std::string_view right) {
  if (!begins_number(left) || !begins_number(right)) {
    return std::nullopt;
  }
  const auto left_integer = whole_number<std::int64_t>(left);
  const auto right_integer = whole_number<std::int64_t>(right);
  if (left_integer && right_integer) {
    return *left_integer <=> *right_integer;
  }
  const auto left_number = whole_number<double>(left);
  const auto right_number = whole_number<double>(right);
  if (!left_number || !right_number) {
    return std::nullopt;
  }
  return *left_number <=> *right_number;
}

bool has_text(const Value& value) {
  return value.kind == Kind::text || value.kind == Kind::number;
}

/// Both must have texts.
std::partial_ordering order(const Value& left, const Value& right) {
  if (left.kind == Kind::number || right.kind == Kind::number) {
    if (const auto ordered = by_value(left.text, right.text)) {
      return *ordered;
    }
  }
  return left.text <=> right.text;
}

bool is_zero(std::string_view number) {
  const std::string_view digits = number.substr(0, number.find_first_of("eE"));
  return digits.find_first_of("123456789") == std::string_view::npos;
}

bool is_true(const Value& value) {
  switch (value.kind) {
    case Kind::absent:
    case Kind::null:
    case Kind::no:
      return false;
    case Kind::number:
      return !is_zero(value.text);
    case Kind::text:
      return !value.text.empty();
    case Kind::yes:
    case Kind::container:
      break;
  }
  return true;
}

bool are_equal(const Value& left, const Value& right) {
  if (has_text(left) && has_text(right)) {
    return order(left, right) == std::partial_ordering::equivalent;
  }
  return left.kind == right.kind && left.kind != Kind::container;
}

bool compare(Expression::Operator operation, const Value& left, const Value& right) {
  using Operator = Expression::Operator;
  if (left.kind == Kind::absent || right.kind == Kind::absent) {
    return operation == Operator::unequal;
  }
  if (operation == Operator::equal || operation == Operator::unequal) {
    return are_equal(left, right) == (operation == Operator::equal);
  }
  if (!has_text(left) || !has_text(right)) {
    return false;
  }
  if (operation == Operator::contains) {
    return left.text.find(right.text) != std::string_view::npos;
  }
  const std::partial_ordering ordered = order(left, right);
  switch (operation) {
    case Operator::less:
      return std::is_lt(ordered);
    case Operator::less_equal:
      return std::is_lteq(ordered);
    case Operator::greater:
      return std::is_gt(ordered);
    default:
      return std::is_gteq(ordered);
  }
}

}  // namespace

bool Expression::holds(std::size_t node, const Record& record) const {
  const Node& asked = nodes_[node];
  const auto child_holds = [&](std::size_t child) { return holds(child, record); };
  switch (asked.operation) {
    case Operator::either:
      return std::ranges::any_of(asked.children, child_holds);
    case Operator::both:
      return std::ranges::all_of(asked.children, child_holds);
    case Operator::negation:
      return !child_holds(asked.children.front());
    case Operator::truth:
      return is_true(asked.left.value(record));
    default:
      return compare(asked.operation, asked.left.value(record), asked.right.value(record));
  }
}

}  // namespace trackier::scope
