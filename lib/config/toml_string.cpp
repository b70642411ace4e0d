#include "config/toml_string.hpp"

#include <fmt/format.h>

#include "core/text.hpp"

namespace trackier::config {
namespace {

/// The code point of one well-formed UTF-8 sequence of at most three bytes.
unsigned code_point(std::string_view sequence) {
  unsigned value = static_cast<unsigned char>(sequence[0]) & (sequence.size() == 1   ? 0x7FU
                                                              : sequence.size() == 2 ? 0x1FU
                                                                                     : 0x0FU);
  for (const char c : sequence.substr(1)) {
    value = value << 6U | (static_cast<unsigned char>(c) & 0x3FU);
  }
  return value;
}

}  // namespace

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    const std::string_view sequence = text.substr(at, length);
    if (first == '"' || first == '\\') {
      out += {'\\', text[at]};
    } else if (printable(sequence) == sequence) {
      out += sequence;
    } else {
      out += fmt::format("\\u{:04X}", code_point(sequence));
    }
    at += length;
  }
  return out + '"';
}

}  // namespace trackier::config
