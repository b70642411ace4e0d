#pragma once
/// The lines of a log that say which columns the lines behind them have: "#Fields: date time c-ip"
/// of the W3C extended format, "#separator \x09", "#fields" and "#types" of Zeek. They come again
/// whenever the server starts or its columns change.

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace trackier::anonymize {

/// Whether a line may be a directive.
constexpr bool is_directive(std::string_view line) {
  return !line.empty() && line[0] == '#';
}

/// The value behind `name` and its separator ("#Fields: ", "#fields\t"); empty when `line` is
/// another directive.
std::string_view directive_value(std::string_view line, std::string_view name);

/// Reads a log in order and keeps the directives in force.
class Directives {
 public:
  /// text: whole lines.
  void read(std::string_view text);

  /// One line, without its line end.
  void read_line(std::string_view line);

  /// A line that was too long to be read may have been one: what the columns are is not known.
  void forget() { *this = {}; }

  /// The lines in force, each with a line end; null while there are none. Shared by all chunks that
  /// they hold for.
  [[nodiscard]] std::shared_ptr<const std::string> text() const;

 private:
  static constexpr std::size_t kinds_of_line = 7;
  std::array<std::string, kinds_of_line> lines_;
  mutable std::shared_ptr<const std::string> text_;
};

}  // namespace trackier::anonymize
