#include "audit/text_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "audit/note.hpp"
#include "core/bytes.hpp"
#include "core/error.hpp"
#include "crypto/base64.hpp"

namespace trackier::audit {

std::optional<std::uint64_t> decimal_in(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc{} && read.ptr == end && fmt::format("{}", number) == text
             ? std::optional{number}
             : std::nullopt;
}

TextLines::TextLines(std::string_view text, std::string_view what) : rest_(text), what_(what) {
  if (text.size() > most_note_bytes) {
    refuse("it is too long");
  }
}

std::string_view TextLines::next() {
  const std::size_t end = rest_.find('\n');
  if (end == std::string_view::npos) {
    refuse("it is cut short");
  }
  const std::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return line;
}

std::vector<Hash> TextLines::hashes(std::size_t most) {
  std::vector<Hash> found;
  for (std::string_view line = next(); !line.empty(); line = next()) {
    if (found.size() == most) {
      refuse("it has too many hashes");
    }
    const auto bytes = crypto::bytes_from_padded_base64(line);
    Hash& made = found.emplace_back();
    if (!bytes || bytes->size() != made.size()) {
      refuse("a line of it is no hash");
    }
    std::ranges::copy(as_bytes(*bytes), made.begin());
  }
  return found;
}

void TextLines::refuse(const char* why) const {
  throw Error{Code::data, fmt::format("{}: {}", what_, why)};
}

}  // namespace trackier::audit
