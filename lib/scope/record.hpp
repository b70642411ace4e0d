#pragma once
/// One line of a log, as far as somebody asked for its fields.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trackier::scope {

struct Value {
  enum class Kind : std::uint8_t {
    absent,
    null,
    no,  ///< false
    yes,
    number,     ///< text: as written
    text,       ///< text: escapes undone; may be empty, may be invalid UTF-8
    container,  ///< an object or an array, of which nothing is known
  };
  Kind kind = Kind::absent;
  std::string_view text;
};

/// Values by the number of their field. The texts are views of the line, or of room the record
/// keeps: they are good until the next line is read into the record.
class Record {
 public:
  explicit Record(std::size_t fields) : values_(fields), room_(fields) {}

  [[nodiscard]] std::size_t size() const { return values_.size(); }
  [[nodiscard]] const Value& operator[](std::size_t field) const { return values_[field]; }
  void set(std::size_t field, Value value) { values_[field] = value; }
  /// Sets a text that lives nowhere else.
  void keep(std::size_t field, std::string text) {
    room_[field] = std::move(text);
    values_[field] = {Value::Kind::text, room_[field]};
  }
  void clear() { values_.assign(values_.size(), Value{}); }

 private:
  std::vector<Value> values_;
  std::vector<std::string> room_;
};

/// Whether `path` can name a field: one or more names with dots between them, none of them empty,
/// of ASCII letters, digits and `_ - @ $` and of bytes outside ASCII; the first character is no
/// digit and no `-`.
bool is_field_path(std::string_view path);

/// Whether `letter` may stand in a field path behind its beginning (a dot may).
bool is_field_letter(char letter);

}  // namespace trackier::scope
