#include "compare/value_search.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "anonymize/base64.hpp"

namespace trackier::compare {
namespace {

constexpr std::size_t shortest_base64 = 12;

enum class Class : std::uint8_t {
  other,
  word,    ///< of ASCII, and thereby of base64 as well
  high,    ///< of a word outside of ASCII
  joined,  ///< + / - _, in base64 alone
  escape,  ///< may begin an encoded character
};

constexpr std::array<Class, 256> classes = [] {
  std::array<Class, 256> table{};
  const auto put = [&table](std::string_view characters, Class of) {
    for (const char c : characters) {
      table[static_cast<unsigned char>(c)] = of;
    }
  };
  put("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", Class::word);
  put("+/-_", Class::joined);
  put("%\\&", Class::escape);
  for (std::size_t c = 0x80; c < table.size(); ++c) {
    table[c] = Class::high;
  }
  return table;
}();

}  // namespace

const std::vector<WordPrints::Met>& ValueSearch::find(std::string_view text) {
  met_.clear();
  decoded_ = 0;
  scan(text);
  const auto by_place = [](const WordPrints::Met& a, const WordPrints::Met& b) {
    return a.begin < b.begin;
  };
  const auto same_place = [](const WordPrints::Met& a, const WordPrints::Met& b) {
    return a.begin == b.begin;
  };
  std::stable_sort(met_.begin(), met_.end(), by_place);
  met_.erase(std::unique(met_.begin(), met_.end(), same_place), met_.end());
  return met_;
}

/// Once over the text: words, rows of base64, escapes.
void ValueSearch::scan(std::string_view text) {
  constexpr std::size_t none = std::string_view::npos;
  std::size_t word = none;  // where the one at hand begins
  std::size_t row = none;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const Class of = i < text.size() ? classes[static_cast<unsigned char>(text[i])] : Class::other;
    if (of == Class::word) {
      word = word == none ? i : word;
      row = row == none ? i : row;
      continue;
    }
    if (of == Class::high) {
      word = word == none ? i : word;
    } else if (word != none) {
      prints_.find_at(text, word, i, met_);
      word = none;
    }
    if (of == Class::joined) {
      row = row == none ? i : row;
      continue;
    }
    if (row != none && i - row >= shortest_base64) {
      look_into_row(text, row, i);
    }
    row = none;
    if (of == Class::escape && i >= decoded_) {
      look_behind_escape(text, i);
    }
  }
}

void ValueSearch::look_behind_escape(std::string_view text, std::size_t at) {
  region_.decode(text, at);
  inner_.clear();
  prints_.find(region_.text(), inner_);
  for (const WordPrints::Met& each : inner_) {
    met_.push_back({.begin = region_.origin(static_cast<std::uint32_t>(each.begin)),
                    .end = region_.origin(static_cast<std::uint32_t>(each.end)),
                    .rule = each.rule,
                    .telling = each.telling});
  }
  decoded_ = std::max<std::size_t>(region_.end(), at + 1);
}

/// The row of letters [begin, end), and what slashes divide it into: a path may hold one.
void ValueSearch::look_into_row(std::string_view text, std::size_t begin, std::size_t end) {
  const std::string_view behind = text.substr(end);
  const std::size_t padding = behind.starts_with("==") ? 2 : behind.starts_with('=') ? 1 : 0;
  look_into_base64(text, begin, end + padding);
  const std::string_view row = text.substr(begin, end - begin);
  if (row.find('/') == std::string_view::npos) {
    return;
  }
  for (std::size_t from = 0; from < row.size();) {
    const std::size_t slash = std::min(row.find('/', from), row.size());
    if (slash - from >= shortest_base64) {
      const bool is_last = slash == row.size();
      look_into_base64(text, begin + from, begin + slash + (is_last ? padding : 0));
    }
    from = slash + 1;
  }
}

void ValueSearch::look_into_base64(std::string_view text, std::size_t begin, std::size_t end) {
  constexpr std::size_t front = 8;  // most that is no base64 of text is told by six bytes
  const std::string_view row = text.substr(begin, end - begin);
  const auto beginning = anonymize::decode_base64(row.substr(0, front));
  if (!beginning || std::ranges::any_of(beginning->bytes, [](char c) {
        return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\r' && c != '\t';
      })) {
    return;
  }
  const auto decoded = anonymize::decode_base64(row);
  if (!decoded || !anonymize::is_plain_text(decoded->bytes)) {
    return;
  }
  inner_.clear();
  prints_.find(decoded->bytes, inner_);
  for (const WordPrints::Met& each : inner_) {
    met_.push_back({.begin = begin, .end = end, .rule = each.rule, .telling = each.telling});
  }
}

}  // namespace trackier::compare
