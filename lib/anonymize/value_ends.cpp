// Where values end: quotes in all their spellings, credentials, parameters of URLs.
#include "anonymize/value_ends.hpp"

#include <algorithm>
#include <array>

#include "anonymize/characters.hpp"
#include "anonymize/encoded.hpp"

namespace trackier::anonymize {

namespace {

using character::at;
using character::is;
using character::is_alnum;

/// The end of a secret with parameters, Digest username="x", realm="y": the end of the line, or the
/// quote that closes what the whole stands in.
std::size_t parameters_end(std::string_view text, std::size_t begin, bool json_structure) {
  std::size_t i = text.find_first_of("\"'\r\n", begin);
  while (i != std::string_view::npos && text[i] == '"') {
    const bool opens = text[i - 1] == '=' && !json_structure;
    if (!opens && !character::is_escaped(text, i)) {
      break;
    }
    if (opens) {
      i = text.find_first_of("\"\r\n", i + 1);
      if (i == std::string_view::npos || text[i] != '"') {
        break;
      }
    }
    i = text.find_first_of("\"'\r\n", i + 1);
  }
  return std::min(i, text.size());
}

}  // namespace

std::size_t token68_end(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size() && (is_alnum(text[end]) || std::string_view{"-._~+/="}.find(text[end]) !=
                                                          std::string_view::npos)) {
    ++end;
  }
  return end;
}

std::optional<Quote> quote_at(std::string_view text, std::size_t begin, bool doubled) {
  constexpr std::size_t most = 7;  // three layers
  if (at(text, begin) == '\'') {
    return Quote{.mark = '\''};
  }
  std::size_t i = begin;
  while (at(text, i) == '\\' && i - begin < most) {
    ++i;
  }
  if (at(text, i) != '"' || (doubled && at(text, i + 1) != '"')) {
    return std::nullopt;
  }
  return Quote{.backslashes = i - begin, .doubled = doubled};
}

/// Inside JSON inside JSON, quotes have backslashes before them: a string opened by n of them, 0,
/// 1, 3 or 7, is closed by a quote with n of them. Backslashes in it come in multiples of 2 * (n +
/// 1), and a quote in it has n + 1 more. With fewer than n it is the string around that ends; so it
/// is with one quote where quotes are doubled.
std::size_t quoted_end(std::string_view text, std::size_t begin, const Quote& quote,
                       const KeyedSearch& search) {
  const std::size_t depth = quote.backslashes;
  const unsigned encoded = search.depth(begin - 1);
  std::size_t backslashes = 0;
  for (std::size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++backslashes;
      continue;
    }
    if (search.depth(i) > encoded) {
      backslashes = 0;
      continue;
    }
    if (c == '\n' || c == '\r' || (search.json_structure && c == '"' && backslashes % 2 == 0)) {
      return i;
    }
    if (c == quote.mark) {
      const bool single = quote.doubled && at(text, i + 1) != '"';
      if (backslashes < depth || single) {
        return i - std::min(backslashes, depth);
      }
      if (backslashes % (2 * (depth + 1)) == depth) {
        return i - depth;
      }
      i += quote.doubled ? 1U : 0U;
    }
    backslashes = 0;
  }
  return text.size();
}

std::size_t credentials_end(std::string_view text, std::size_t begin, std::size_t end,
                            bool json_structure) {
  static constexpr std::array<std::string_view, 4> one_token = {"basic", "bearer", "token",
                                                                "negotiate"};
  const std::string_view scheme = text.substr(begin, end - begin);
  for (const std::string_view known : one_token) {
    if (scheme.size() == known.size() && character::starts_with_word(scheme, 0, known) &&
        at(text, end) == ' ') {
      return token68_end(text, end + 1);
    }
  }
  if (scheme.size() >= 4 && (character::starts_with_word(scheme, 0, "digest") ||
                             character::starts_with_word(scheme, 0, "aws4"))) {
    return parameters_end(text, end, json_structure);
  }
  return end;
}

std::size_t bare_end(std::string_view text, std::size_t begin, const KeyedSearch& search) {
  const unsigned encoded = search.depth(begin - 1);
  std::size_t end = begin;
  while (end < text.size()) {
    std::size_t size = 1;
    if (is(text[end], character::value_end) && search.depth(end) <= encoded) {
      size = foreign_escape_size(text, end);
    }
    if (size == 0) {
      break;
    }
    end += size;
  }
  return end;
}

std::size_t query_value_end(std::string_view text, std::size_t begin, const KeyedSearch& search) {
  const auto opens = [](char c) { return c == '(' || c == '[' || c == '{'; };
  const auto closes = [](char c) { return c == ')' || c == ']' || c == '}'; };
  const unsigned encoded = search.depth(begin - 1);
  std::size_t open = 0;
  std::size_t end = begin;
  while (end < text.size()) {
    const char c = text[end];
    std::size_t size = 1;
    if (opens(c)) {
      ++open;
    } else if (open > 0 && closes(c)) {
      --open;
    } else if (is(c, character::value_end) && search.depth(end) <= encoded) {
      const char next = at(text, end + 1);
      // In a URL within a URL ' and ) may be as they are, and the others are encoded.
      const std::string_view may_belong = search.depth(end) == encoded ? "',;|)]}" : "')";
      const bool belongs = may_belong.find(c) != std::string_view::npos &&
                           (next == '&' || !is(next, character::value_end));
      size = belongs ? 1 : foreign_escape_size(text, end);
    }
    if (size == 0) {
      break;
    }
    end += size;
  }
  return end;
}

}  // namespace trackier::anonymize
