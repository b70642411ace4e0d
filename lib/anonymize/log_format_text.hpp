#pragma once
/// The string of a log format, taken out of what is around it in the settings of a server.

#include <string>
#include <string_view>
#include <vector>

#include "anonymize/log_format.hpp"

namespace trackier::anonymize {

/// Throws Error{Code::config}: "column N: what", columns from 1, `at` from 0.
[[noreturn]] void refuse_log_format(std::size_t at, const std::string& what,
                                    const std::string& hint);

/// A text in which every byte remembers its column in what the operator has written.
struct TracedText {
  std::string text;
  std::vector<std::size_t> columns;

  void add(char c, std::size_t column) {
    text.push_back(c);
    columns.push_back(column);
  }
  [[nodiscard]] std::size_t column(std::size_t at) const {
    return at < columns.size() ? columns[at] : columns.empty() ? 0 : columns.back() + 1;
  }
};

/// Takes the directive apart: name, options, quoted pieces. What is a bare string stays as it is.
class LogFormatText {
 public:
  /// text: must outlive it. Throws as compile_log_format() does.
  explicit LogFormatText(std::string_view text);

  [[nodiscard]] const TracedText& string() const { return string_; }
  [[nodiscard]] LogFormat::Escape escape() const { return escape_; }
  [[nodiscard]] bool nginx() const { return nginx_; }    ///< it says so itself
  [[nodiscard]] bool apache() const { return apache_; }  ///< the same

 private:
  void skip_blanks();
  bool take_word(std::string_view word);
  void take_name();
  void take_escape();
  [[nodiscard]] bool is_wrapped() const;
  void take_piece();

  std::string_view text_;
  std::size_t at_ = 0;
  TracedText string_;
  LogFormat::Escape escape_ = LogFormat::Escape::backslash;
  bool nginx_ = false;
  bool apache_ = false;
};

}  // namespace trackier::anonymize
