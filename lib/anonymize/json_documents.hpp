#pragma once
/// JSON texts that do not keep to lines: spread over several, one behind the other, behind record
/// separators (RFC 7464), or as the elements of one array. A record is an object at the top; arrays
/// around it are transparent, as they are in the paths of rules.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace trackier::anonymize {

/// White space, commas and brackets of an array around the records, RFC 7464's record separator.
constexpr bool is_between_documents(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == '[' || c == ']' ||
         c == '\x1E';
}

/// Finds the ends of documents in text that grows: looks at each byte once. Where a document was
/// cut off, an object that cannot be part of it begins the next record.
class DocumentScan {
 public:
  /// text: the record's, from its first byte, at least as much as at the call before. The end of
  /// the record, with the separators and the line end that follow it, and the next call is about
  /// another record; npos while it is not complete.
  std::size_t record_end(std::string_view text);

  /// The first `bytes` of the record are done with and will not be in the text again.
  void forget(std::size_t bytes) { at_ -= bytes < at_ ? bytes : at_; }

 private:
  enum class State : std::uint8_t { between, word, word_string, inside, string, closed };

  bool step(std::string_view text);
  void inside(char c);
  bool outside(char c);
  void in_string(std::string_view text);
  [[nodiscard]] bool may_hold_object() const;
  void push(bool object);

  State state_ = State::between;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;      ///< objects and arrays open, from the object at the top on
  std::uint64_t objects_ = 0;  ///< bit i: what opened level i + 1, counted from the inside
  char last_ = 0;              ///< the last byte inside that is no space
};

/// The end of the first record in `text`; npos when it is not complete.
std::size_t document_end(std::string_view text);

/// Where in a record the value is, without what stands between it and others.
struct DocumentRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};
DocumentRange document_in(std::string_view record);

}  // namespace trackier::anonymize
