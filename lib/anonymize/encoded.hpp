#pragma once
/// Values hidden in percent-encoding (%40, %2540), JSON escapes (\u0040) and HTML references
/// (&#64;).

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trackier::anonymize {

/// A stretch of text with its encodings undone, and where each byte of it came from.
class DecodedRegion {
 public:
  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  [[nodiscard]] std::uint32_t begin() const noexcept { return begin_; }  ///< in the original
  [[nodiscard]] std::uint32_t end() const noexcept { return end_; }

  /// For each byte of text(), under how many layers of percent-encoding it was. What divides the
  /// parameters of a URL is part of a value when it was encoded once more than the '=' before.
  [[nodiscard]] std::span<const std::uint8_t> depths() const noexcept { return depths_; }

  /// Where the byte `place` of text() begins in the original; `place` may be text().size().
  [[nodiscard]] std::uint32_t origin(std::uint32_t place) const noexcept;

  /// Decodes the stretch around `at`: to the next white space, quote, angle bracket, '?' or '&' on
  /// either side, however far; up to three layers deep. Around a quote that a backslash encodes
  /// blanks do not end it. Uses its room again.
  void decode(std::string_view original, std::size_t at);

  /// Forgets the stretch.
  void clear() noexcept { begin_ = end_ = 0; }

 private:
  struct Escape {
    std::uint32_t place = 0;  ///< of the decoded byte
    std::uint32_t saved = 0;  ///< bytes saved in its layer, up to and with it
  };
  static constexpr std::size_t most_layers = 3;

  bool undo_layer();

  std::string text_;
  std::vector<std::uint8_t> depths_;
  std::vector<Escape> escapes_;                        ///< layer after layer
  std::array<std::size_t, most_layers> layer_ends_{};  ///< in escapes_
  std::size_t layers_ = 0;
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
};

/// Whether the '%', '\\' or '&' at `at` begins the encoding of a character that personal values
/// hinge on: one of @ : . - + = " ], a letter or digit, another '%' or '&', a blank between digits
/// or a '(' before one. The "%3A%2F" of a URL's scheme is not telling.
bool is_telling_escape(std::string_view text, std::size_t at);

/// Whether at `at` the encoding of a character begins.
bool is_escape(std::string_view text, std::size_t at);

/// Whether right before `end` the encoding of a character ends whose last letter is one: %22,
/// %2522, \x22, \u0022.
bool ends_in_escape(std::string_view text, std::size_t end);

/// The size of the escape at `at` when it encodes a character outside ASCII, or a byte of one; 0
/// for anything else.
std::size_t foreign_escape_size(std::string_view text, std::size_t at);

}  // namespace trackier::anonymize
