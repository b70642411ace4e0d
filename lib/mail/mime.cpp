#include "mail/mime.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/bytes.hpp"
#include "core/words.hpp"
#include "crypto/base64.hpp"

namespace trackier::mail {
namespace {

constexpr std::string_view end_of_line = "\r\n";
constexpr std::size_t most_columns = 76;  // RFC 2045 6.7 (5); RFC 2047 section 2 for encoded words

std::string hex(char byte) {
  return fmt::format("={:02X}", static_cast<unsigned>(static_cast<unsigned char>(byte)));
}

bool is_plain_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char character) { return character >= ' ' && character <= '~'; });
}

/// One line without its break.
void quote_line(std::string_view line, std::string& into) {
  std::size_t column = 0;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t size = std::max<std::size_t>(1, character_at(line, at));
    const char byte = line[at];
    const bool last = at + 1 == line.size();
    const bool kept = size == 1 && ((byte > ' ' && byte <= '~' && byte != '=') ||
                                    ((byte == ' ' || byte == '\t') && !last));
    std::string piece;
    if (kept) {
      piece = byte;
    } else {
      for (const char part : line.substr(at, size)) {
        piece += hex(part);
      }
    }
    if (column + piece.size() > most_columns - (last ? 0 : 1)) {
      // The soft break's "=" takes a column, so that a space before it is not at the end.
      into += '=';
      into += end_of_line;
      column = 0;
    }
    if (column == 0 && (byte == '.' || line.substr(at).starts_with("From "))) {
      piece = hex(byte);
    }
    into += piece;
    column += piece.size();
    at += size;
  }
}

std::string encoded_word(std::string_view text) {
  std::string coded = crypto::base64(as_bytes(text));
  coded.append((4 - coded.size() % 4) % 4, '=');
  return fmt::format("=?UTF-8?B?{}?=", coded);
}

/// Encoded words with folds between them. column: where the first begins.
std::string encoded_words(std::string_view text, std::size_t column) {
  constexpr std::size_t frame = 12;  // =?UTF-8?B??=
  std::string words;
  while (!text.empty()) {
    const std::size_t room = (most_columns - std::max<std::size_t>(column, 1) - frame) / 4 * 3;
    std::size_t size = 0;
    while (size < text.size()) {
      const std::size_t next = std::max<std::size_t>(1, character_at(text, size));
      if (size + next > room) {
        break;
      }
      size += next;
    }
    words += words.empty() ? "" : "\r\n ";
    words += encoded_word(text.substr(0, size));
    text.remove_prefix(size);
    column = 1;
  }
  return words;
}

/// Whether text can stand as it is, folded at its spaces.
bool folds(std::string_view text, std::size_t column) {
  if (!is_plain_ascii(text) || text.empty() || text.front() == ' ' || text.back() == ' ' ||
      text.find("  ") != std::string_view::npos || text.find("=?") != std::string_view::npos) {
    return false;
  }
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    if (column + space > most_columns) {
      return false;
    }
    text.remove_prefix(std::min(space + 1, text.size()));
    column = 1;
  }
  return true;
}

}  // namespace

std::string quoted_printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(end_of_line), text.size());
    quote_line(text.substr(0, end), result);
    text.remove_prefix(end);
    if (!text.empty()) {
      text.remove_prefix(text.starts_with(end_of_line) ? 2 : 1);
      result += end_of_line;
    }
  }
  return result;
}

std::string text_header(std::string_view name, std::string_view value) {
  std::string header = fmt::format("{}: ", name);
  std::size_t column = header.size();
  if (!folds(value, column)) {
    return header + encoded_words(value, column) + std::string{end_of_line};
  }
  while (!value.empty()) {
    const std::size_t space = std::min(value.find(' '), value.size());
    if (!header.ends_with(": ")) {
      const bool fits = column + 1 + space <= most_columns;
      header += fits ? " " : "\r\n ";
      column = fits ? column + 1 : 1;
    }
    header += value.substr(0, space);
    column += space;
    value.remove_prefix(std::min(space + 1, value.size()));
  }
  return header + std::string{end_of_line};
}

std::string mailbox_header(std::string_view name, std::string_view display,
                           std::string_view address) {
  const std::string begin = fmt::format("{}: ", name);
  if (display.empty()) {
    return fmt::format("{}{}\r\n", begin, address);
  }
  std::string shown;
  if (is_plain_ascii(display) && display.find("=?") == std::string_view::npos) {
    shown = '"';
    for (const char character : display) {
      if (character == '"' || character == '\\') {
        shown += '\\';
      }
      shown += character;
    }
    shown += '"';
  }
  if (shown.empty() || begin.size() + shown.size() > most_columns) {
    shown = encoded_words(display, begin.size());
  }
  const std::size_t line_begin = shown.rfind('\n');
  const std::size_t column =
      line_begin == std::string::npos ? begin.size() + shown.size() : shown.size() - line_begin - 1;
  const bool fits = column + address.size() + 3 <= most_columns;
  return fmt::format("{}{}{}<{}>\r\n", begin, shown, fits ? " " : "\r\n ", address);
}

}  // namespace trackier::mail
