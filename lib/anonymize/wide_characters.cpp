#include "anonymize/wide_characters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "anonymize/characters.hpp"
#include "core/error.hpp"

namespace trackier::anonymize {

namespace {

constexpr std::string_view cure = "convert it first: iconv -f UTF-16 -t UTF-8";

bool is_text(char c) {
  return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t';
}

/// The end of characters that take `size` bytes each, from `begin` on: one of ASCII, the others
/// zero. big: the zeros stand before it.
std::size_t wide_end(std::string_view text, std::size_t begin, std::size_t size, bool big) {
  std::size_t i = begin;
  for (; i + size <= text.size(); i += size) {
    const std::size_t place = i + (big ? size - 1 : 0);
    for (std::size_t byte = i; byte < i + size; ++byte) {
      if (byte == place ? !is_text(text[byte]) : text[byte] != '\0') {
        return i;
      }
    }
  }
  return i;
}

}  // namespace

std::optional<std::size_t> wide_characters_in(std::string_view text) {
  constexpr std::size_t least = 6;  // characters: a@b.de
  for (std::size_t from = 0; from < text.size();) {
    const void* const found = std::memchr(text.data() + from, '\0', text.size() - from);
    if (found == nullptr) {
      return std::nullopt;
    }
    const auto zero = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    std::size_t seen = zero + 1;
    for (const std::size_t size : {std::size_t{2}, std::size_t{4}}) {
      for (const bool big : {true, false}) {
        if (!big && zero == 0) {
          continue;
        }
        const std::size_t begin = big ? zero : zero - 1;
        const std::size_t end = wide_end(text, begin, size, big);
        if (end - begin >= least * size) {
          return begin;
        }
        seen = std::max(seen, end);
      }
    }
    from = seen;
  }
  return std::nullopt;
}

std::size_t line_of(std::string_view text, std::size_t place) {
  return 1 + static_cast<std::size_t>(std::ranges::count(text.substr(0, place), '\n'));
}

void refuse_wide_characters(std::string_view beginning) {
  const std::string_view little{"\xFF\xFE", 2};
  const std::string_view big{"\xFE\xFF", 2};
  // Without one zero there is no line end of UTF-16 in it: bytes that happen to be a mark.
  const bool marked = beginning.find('\0') != std::string_view::npos &&
                      (beginning.starts_with(little) || beginning.starts_with(big));
  const auto found = wide_characters_in(beginning);
  constexpr std::size_t other_text = 64;  // that stands before it
  if (found && *found > other_text && !marked) {
    refuse_wide_line(line_of(beginning, *found));
  }
  if (marked || found) {
    throw Error{Code::data,
                "this is UTF-16 or UTF-32 text, in which no personal value would be found",
                std::string{cure}};
  }
}

void refuse_wide_line(std::size_t line) {
  throw Error{Code::data,
              fmt::format("line {}: UTF-16 or UTF-32 text begins here, in which no personal value "
                          "would be found",
                          line),
              std::string{cure} + ", each part of the input by itself"};
}

}  // namespace trackier::anonymize
