#pragma once
/// Which records of a log were exposed, in words like
///
///   status == 200 && !requester_known && path ~ "/export"
///
///   either  = both { "||" both }
///   both    = single { "&&" single }
///   single  = "!" single | "(" either ")" | operand [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" |
///   "~" ) operand ] operand = field | "string" | 'string' | number | true | false | null
///
/// A field is a path into nested objects (`user.id`); see is_field_path(). Strings know the escapes
/// \\ \" \' \n \t. `!` before a comparison is refused, for it reads two ways: write !(a == b).
///
/// What an operand alone says: a field that is absent, null, false, "" or the number 0 is false,
/// everything else is true.
///
/// What comparisons say:
/// - When an operand is absent: false, except `!=`, which is true.
/// - Two numbers, or a number and a text that reads as a number: by value. (Status and bytes of
///   access logs are numbers.)
/// - Two texts, or a number and any other text: byte by byte. Two texts never as numbers: "07" is
///   not "7".
/// - true, false and null equal themselves alone, and are neither less nor greater than anything.
/// - Objects and arrays equal nothing.
/// - `~`: the left text or number, as written, contains the right one; letters count as written.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scope/record.hpp"

namespace trackier::scope {

class Expression {
 public:
  /// Throws Error{Code::usage}: "--exposed: column 12: expected a value after ==". Columns count
  /// characters from 1. Refuses more than 64 KiB, and more than 100 levels of `!` and `(`.
  static Expression parse(std::string_view text);

  /// Field i of the record must be fields()[i]; the record may have more. Thread-safe.
  [[nodiscard]] bool holds(const Record& record) const { return holds(root_, record); }

  /// Those it asks for, each once, in the order of their first mention.
  [[nodiscard]] const std::vector<std::string>& fields() const { return fields_; }

  enum class Operator : std::uint8_t {
    either,  ///< any of the children
    both,    ///< all of the children
    negation,
    truth,  ///< of `left`
    equal,
    unequal,
    less,
    less_equal,
    greater,
    greater_equal,
    contains,
  };

 private:
  friend class ExpressionParser;

  struct Operand {
    bool is_field = false;
    std::size_t field = 0;
    Value::Kind kind = Value::Kind::absent;
    std::string text;

    [[nodiscard]] Value value(const Record& record) const {
      return is_field ? record[field] : Value{kind, text};
    }
  };

  struct Node {
    Operator operation = Operator::truth;
    std::vector<std::size_t> children;
    Operand left;
    Operand right;
  };

  Expression() = default;
  [[nodiscard]] bool holds(std::size_t node, const Record& record) const;

  std::vector<Node> nodes_;
  std::size_t root_ = 0;
  std::vector<std::string> fields_;
};

}  // namespace trackier::scope
