#include "anonymize/secrets.hpp"

#include <algorithm>
#include <array>

#include "anonymize/addresses.hpp"
#include "anonymize/characters.hpp"
#include "anonymize/encoded.hpp"
#include "anonymize/value_ends.hpp"

namespace trackier::anonymize {

namespace {

using character::at;
using character::is;
using character::is_alnum;

std::size_t run_end(std::string_view text, std::size_t begin, unsigned classes) {
  std::size_t end = begin;
  while (end < text.size() && is(text[end], classes)) {
    ++end;
  }
  return end;
}

/// Between `"...?token="` and the quote that follows there is only what separates strings.
bool is_between_strings(std::string_view value) {
  return value.find_first_not_of(" ,:;{}[]()") == std::string_view::npos;
}

bool is_empty_value(std::string_view value) {
  return value.empty() || value == "-" || value == "null" || value == "true" || value == "false" ||
         value == "none" || value == "None" || value == "nil" || is_redaction(value);
}

/// 52.520008, -13.4
bool is_decimal(std::string_view text) {
  if (text.starts_with('-')) {
    text.remove_prefix(1);
  }
  return !text.empty() && is(text.front(), character::digit) &&
         std::ranges::all_of(text, [](char c) { return is(c, character::digit) || c == '.'; });
}

/// "lat=high" is not about a place, nor "mac=osx" about hardware.
bool is_other(Kind kind, std::string_view value) {
  return (kind == Kind::location && !is_decimal(value)) || (kind == Kind::mac && !is_mac(value));
}

/// What a key of kind `kind` has for a value: of one for addresses only what its shape alone does
/// not tell.
[[gnu::always_inline]] inline std::optional<Match> keyed(std::string_view text, Kind kind,
                                                         std::size_t begin, std::size_t end) {
  const std::string_view value = text.substr(begin, end - begin);
  if (kind == Kind::ip) {
    const bool dotted = value.find('.') != std::string_view::npos;
    const auto form = dotted ? std::nullopt : form_of_number(value);
    return form ? match_of(Kind::ipv4, begin, end, *form) : std::nullopt;
  }
  return is_empty_value(value) || is_other(kind, value) ? std::nullopt : match_of(kind, begin, end);
}

/// What a redaction between encoded quotes leaves behind: %22[email]%22, %2522[email]%2522.
bool is_escaped_redaction(std::string_view text, std::size_t begin) {
  constexpr std::size_t longest = 40;
  std::size_t i = begin;
  while (at(text, i) == '%') {
    ++i;
    while (text.substr(i, 2) == "25") {
      i += 2;
    }
    i += 2;
  }
  const std::string_view behind = text.substr(std::min(i, text.size()), longest);
  return behind.starts_with('[') && is_redaction(behind.substr(0, behind.find(']') + 1));
}

/// Where in a URL a key stands.
enum class Place : std::uint8_t {
  text,  ///< in none, as far as can be told
  path,  ///< /x;key=value?query
  query  ///< /x?key=value&key=value
};

/// A value that begins at `begin`, of a kind that a key gave it.
std::optional<Match> value_at(std::string_view text, std::size_t begin, Kind kind,
                              const KeyedSearch& search, Place place, bool doubled = false) {
  const char first_character = at(text, begin);
  const bool may_be_quoted =
      first_character == '"' || first_character == '\'' || first_character == '\\';
  if (const auto quote = may_be_quoted ? quote_at(text, begin, doubled) : std::nullopt) {
    if (search.json_structure && quote->mark == '"' && quote->backslashes % 2 == 0) {
      return std::nullopt;  // the end of the string that the key stands in
    }
    const std::size_t first = begin + quote->size();
    const std::size_t end = quoted_end(text, first, *quote, search);
    const std::string_view value = text.substr(first, end - first);
    return is_between_strings(value) ? std::nullopt : keyed(text, kind, first, end);
  }
  if (first_character == '[' || first_character == '{' ||
      (first_character == '%' && is_escaped_redaction(text, begin))) {
    return std::nullopt;  // a list or an object: its members are looked at one by one
  }
  std::size_t end =
      place == Place::query ? query_value_end(text, begin, search) : bare_end(text, begin, search);
  if (place == Place::path) {
    end = std::min(end, text.find('?', begin));
  }
  if (kind == Kind::token) {
    end = credentials_end(text, begin, end, search.json_structure);
  }
  return keyed(text, kind, begin, end);
}

constexpr std::size_t longest_key = 40;

/// The key that ends at `end`.
std::string_view key_before(std::string_view text, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 && end - begin < longest_key && is(text[begin - 1], character::key)) {
    --begin;
  }
  begin = std::min(character::behind_escape(text, begin), end);
  // "%26token=": two hexadecimal digits of an escape are not part of the key
  if (begin > 0 && text[begin - 1] == '%' && end - begin > 2) {
    begin += 2;
  }
  return text.substr(begin, end - begin);
}

/// Without the "[]" or "[0]" of an array of parameters that ends at `end`.
std::size_t before_index(std::string_view text, std::size_t end) {
  if (end == 0 || text[end - 1] != ']') {
    return end;
  }
  std::size_t begin = end - 1;
  while (begin > 0 && is(text[begin - 1], character::digit)) {
    --begin;
  }
  return begin > 0 && text[begin - 1] == '[' ? begin - 1 : end;
}

/// Where in a URL the name of a parameter stands, "key" or "user[key]", of which `begin` is part.
Place place_of(std::string_view text, std::size_t begin) {
  constexpr std::size_t longest_name = 128;
  std::size_t i = begin;
  while (i > 0 && begin - i < longest_name &&
         (is(text[i - 1], character::key) || text[i - 1] == '[' || text[i - 1] == ']')) {
    --i;
  }
  const char before = i > 0 ? text[i - 1] : ' ';
  if (before == '?' || before == '&') {
    return Place::query;
  }
  if (before != ';') {
    return Place::text;
  }
  constexpr std::size_t longest_path = 512;
  while (i > 0 && begin - i<longest_path&& static_cast<unsigned char>(text[i - 1])> ' ' &&
         text[i - 1] != '"') {
    --i;
    if (text[i] == '?') {
      return Place::text;
    }
  }
  return Place::path;
}

/// A quick look before a slow one.
bool may_be_part_of_name(std::string_view key) {
  return key.size() >= 4 && key.size() <= 9 &&
         std::string_view{"flmgFLMG"}.find(key[0]) != std::string_view::npos;
}

/// Whether the key in quotes that begins at `key` is that of a part of a name: "name":{"first":
/// "Jane", "last": "Doe"}, the quotes written in any way.
bool is_in_name(std::string_view text, std::size_t key, KindsOfKeys& kind_of) {
  constexpr std::size_t most = 160;
  if (!is_part_of_name(key_before(text, text.find_first_of("\"'\\", key)))) {
    return false;
  }
  std::size_t i = key;
  while (i > 0 && key - i < most && text[i - 1] != '{' && text[i - 1] != '}' &&
         text[i - 1] != '\n') {
    --i;
  }
  if (i == 0 || text[i - 1] != '{') {
    return false;
  }
  --i;
  const auto pass = [&](std::string_view passed) {
    while (i > 0 && passed.find(text[i - 1]) != std::string_view::npos) {
      --i;
    }
  };
  pass(" ");
  if (i == 0 || text[i - 1] != ':') {
    return false;
  }
  --i;
  pass(" ");
  const std::size_t behind = i;
  pass("\"'\\");
  return i < behind && kind_of(key_before(text, i)) == Kind::name;
}

/// Of fields of addresses and places the detectors find what is in them.
bool is_looked_for(Kind kind, const KeyedSearch& search) {
  return kind == Kind::ip
             ? search.detect[Kind::ipv4]
             : (search.detect[kind] || (kind == Kind::id && search.detect[Kind::uuid]));
}

}  // namespace

bool is_redaction(std::string_view text) {
  return text.size() > 2 && text.front() == '[' && text.back() == ']' &&
         std::ranges::all_of(text.substr(1, text.size() - 2), [](char c) {
           return is(c, character::lower | character::digit) || c == '-' || c == ' ' || c == '_';
         });
}

std::optional<Match> jwt_at(std::string_view text, std::size_t position) {
  if (position < 2 || text[position - 1] != 'y' || text[position - 2] != 'e') {
    return std::nullopt;
  }
  const std::size_t begin = position - 2;
  if (begin > 0 && is(text[begin - 1], character::base64url) &&
      !character::is_escaped(text, begin - 1) && !character::percent_escape_before(text, begin)) {
    return std::nullopt;
  }
  const std::size_t header = run_end(text, begin, character::base64url);
  if (header - begin < 12 || at(text, header) != '.') {
    return std::nullopt;
  }
  std::size_t end = run_end(text, header + 1, character::base64url);
  if (at(text, end) == '.') {
    end = run_end(text, end + 1, character::base64url);
  }
  return match_of(Kind::jwt, begin, end);
}

std::optional<Match> bearer_at(std::string_view text, std::size_t position) {
  constexpr std::string_view word = "Bearer";
  if (text.substr(position, word.size()) != word) {
    return std::nullopt;
  }
  std::size_t begin = position + word.size();
  if (at(text, begin) == ' ') {
    ++begin;
  } else if (text.substr(begin, 3) == "%20") {
    begin += 3;
  } else {
    return std::nullopt;
  }
  const std::size_t end = token68_end(text, begin);
  const std::string_view token = text.substr(begin, end - begin);
  // "Bearer token expired" is a sentence.
  const bool a_word = std::ranges::all_of(token, [](char c) { return is(c, character::lower); });
  return token.size() >= 6 && !a_word ? match_of(Kind::bearer, begin, end) : std::nullopt;
}

std::optional<Match> assigned_at(std::string_view text, std::size_t position,
                                 const KeyedSearch& search) {
  std::size_t end = before_index(text, position);
  const bool in_brackets = end > 0 && text[end - 1] == ']';  // user[password]=
  end -= in_brackets ? 1U : 0U;
  const std::string_view key = key_before(text, end);
  if (key.size() < 2) {
    return std::nullopt;
  }
  if (in_brackets) {  // and not [email]=, which this program has written
    const std::size_t bracket = end - key.size();
    if (bracket < 2 || text[bracket - 1] != '[' ||
        (!is_alnum(text[bracket - 2]) && text[bracket - 2] != '_' && text[bracket - 2] != ']') ||
        ends_in_escape(text, bracket - 1)) {
      return std::nullopt;
    }
  }
  const auto kind = search.kind_of(key);
  if (!kind || !is_looked_for(*kind, search)) {
    return std::nullopt;
  }
  const Place place = place_of(text, end - key.size());
  return value_at(text, position + 1, *kind, search, place);
}

std::optional<Match> announced_at(std::string_view text, std::size_t position,
                                  const KeyedSearch& search) {
  if (position < 3) {
    return std::nullopt;
  }
  std::size_t end = position - 1;  // the colon
  if (text[end - 1] == ' ' && (text[end - 2] == '"' || text[end - 2] == '\'')) {
    --end;  // "key" : "value"
  }
  bool quoted = false;
  bool doubled = false;
  if (text[end - 1] == '"' || text[end - 1] == '\'') {
    quoted = true;
    --end;
    doubled = end > 0 && text[end] == '"' && text[end - 1] == '"';
    end -= doubled ? 1U : 0U;
    while (end > 0 && text[end - 1] == '\\') {
      --end;
    }
  }
  const std::string_view key = key_before(text, end);
  auto kind = search.kind_of(key);
  if (!kind && quoted && may_be_part_of_name(key) &&
      is_in_name(text, end - key.size(), search.kind_of)) {
    kind = Kind::name;
  }
  if (!kind || !is_looked_for(*kind, search) || (!quoted && !announced_in_text(*kind))) {
    return std::nullopt;
  }
  std::size_t begin = position;
  while (at(text, begin) == ' ') {
    ++begin;
  }
  if (*kind == Kind::cookie && !quoted && !quote_at(text, begin, false) && key.size() >= 6) {
    // a header line: all its cookies, to the end of the line or of the quote around it;
    // an apostrophe that opened nothing is part of a cookie
    const std::size_t key_begin = end - key.size();
    const bool apostrophe = key_begin > 0 && text[key_begin - 1] == '\'';
    const std::size_t limit =
        std::min(text.find_first_of(apostrophe ? "\"'\r\n" : "\"\r\n", begin), text.size());
    std::size_t last = limit;
    while (last > begin && text[last - 1] == '\\') {
      --last;
    }
    return is_empty_value(text.substr(begin, last - begin)) ? std::nullopt
                                                            : match_of(*kind, begin, last);
  }
  return value_at(text, begin, *kind, search, Place::text, doubled);
}

}  // namespace trackier::anonymize
