#pragma once
/// "NAME VALUE" lines in a fixed order. Of interest inside this area only.

#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "core/time.hpp"

namespace trackier::access {

class FieldWriter {
 public:
  /// kind: the first line, e.g. "trackier-request/1".
  explicit FieldWriter(std::string_view kind);

  FieldWriter& add(std::string_view name, std::string_view value);
  FieldWriter& add(std::string_view name, Bytes bytes);  ///< in base64
  FieldWriter& add(std::string_view name, Time time);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// Reads what FieldWriter wrote; anything else is Error{Code::data} that names the line.
class FieldReader {
 public:
  /// name: what errors call the text.
  FieldReader(std::string_view text, std::string_view kind, std::string name);

  std::string text(std::string_view name);  ///< printable UTF-8, 1 to 500 bytes
  void bytes(std::string_view name, MutBytes into);
  Time time(std::string_view name);
  unsigned number(std::string_view name, unsigned least, unsigned most);

  /// What has been read so far: what a signature covers.
  [[nodiscard]] std::string_view so_far() const { return all_.substr(0, at_); }

  /// Nothing may follow.
  void end() const;

 private:
  std::string_view line(std::string_view name);
  [[noreturn]] void fail(const std::string& what) const;

  std::string_view all_;
  std::size_t at_ = 0;
  unsigned line_ = 0;
  std::string name_;
};

/// One line of text for people: 1 to 500 bytes of UTF-8 without control characters, not beginning
/// or ending with a space.
bool is_plain_line(std::string_view text);

}  // namespace trackier::access
