#include "anonymize/emails.hpp"

#include <algorithm>
#include <array>

#include "anonymize/addresses.hpp"
#include "anonymize/characters.hpp"
#include "anonymize/encoded.hpp"

namespace trackier::anonymize {

namespace {

using character::at;
using character::is;
using character::is_alnum;
using character::is_digit;

/// `//user:password@host`: the first byte behind the slashes, when only they stand before
/// `position`.
std::optional<std::size_t> userinfo_begin(std::string_view text, std::size_t position) {
  constexpr std::size_t most = 256;
  std::size_t begin = position;
  while (begin > 0 && position - begin < most) {
    const char c = text[begin - 1];
    if (c == '/' && begin >= 2 && text[begin - 2] == '/') {
      // "//" and "\/\/" of JSON
      return begin < position ? std::optional{begin} : std::nullopt;
    }
    if (c == '/' && begin >= 4 && text[begin - 2] == '\\' && text[begin - 3] == '/') {
      return begin < position ? std::optional{begin} : std::nullopt;
    }
    if (static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' ||
        c == '/' || c == '@' || c == '?' || c == '#') {
      return std::nullopt;
    }
    --begin;
  }
  return std::nullopt;
}

std::size_t domain_end(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size() && is(text[end], character::domain)) {
    ++end;
  }
  while (end > begin && !is_alnum(text[end - 1]) && !is(text[end - 1], character::high)) {
    --end;
  }
  return end;
}

std::string_view last_label(std::string_view domain) {
  const std::size_t dot = domain.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : domain.substr(dot + 1);
}

bool is_unit_suffix(std::string_view label) {
  static constexpr std::array<std::string_view, 10> suffixes = {
      "service", "socket", "timer", "target", "mount", "slice", "scope", "device", "path", "swap"};
  return std::ranges::find(suffixes, label) != suffixes.end();
}

/// logo@2x.png: a scale and a picture.
bool is_scaled_picture(std::string_view domain) {
  std::size_t digits = 0;
  while (is_digit(at(domain, digits)) || at(domain, digits) == '.') {
    ++digits;
  }
  return digits > 0 && at(domain, digits) == 'x' && at(domain, digits + 1) == '.';
}

bool is_message_id(std::string_view text, std::size_t begin) {
  if (begin == 0 || text[begin - 1] != '<') {
    return false;
  }
  for (const std::string_view word :
       {"message-id=", "message-id: ", "message_id=", "msgid=", "messageid="}) {
    if (character::ends_with_word(text, begin - 1, word)) {
      return true;
    }
  }
  return false;
}

/// The first byte of the local part as it stands.
std::size_t local_begin(std::string_view text, std::size_t position) {
  std::size_t begin = position;
  while (begin > 0 && is(text[begin - 1], character::mail_local)) {
    --begin;
  }
  return begin;
}

/// Where "john doe"@example.com begins, its quotes as they are, \" or "". `position` when it is no
/// such address: "john", "@example.com".
std::size_t quoted_local_begin(std::string_view text, std::size_t position) {
  constexpr std::size_t longest = 64;  // RFC 5321, section 4.5.3.1.1
  if (text[position - 1] != '"') {
    return position;
  }
  std::size_t close = position - 1;
  while (close > 0 && text[close - 1] == '\\') {
    --close;
  }
  if (close == position - 1 && close > 0 && text[close - 1] == '"') {
    --close;
  }
  const std::string_view quote = text.substr(close, position - close);
  const std::size_t limit = close - std::min(close, longest + 1);
  const std::size_t open = text.substr(limit, close - limit).rfind('"');
  if (open == std::string_view::npos || limit + open + 1 < quote.size()) {
    return position;
  }
  const std::size_t first = limit + open + 1;
  const std::size_t begin = first - quote.size();
  const std::string_view local = text.substr(first, close - first);
  const bool opens =
      text.substr(begin, quote.size()) == quote && (begin == 0 || text[begin - 1] != '\\');
  const bool is_local = !local.empty() && is(local.front(), character::mail_local) &&
                        is(local.back(), character::mail_local) &&
                        local.find_first_of("\\\r\n\t<>") == std::string_view::npos;
  return opens && is_local ? begin : position;
}

}  // namespace

bool is_mail_with_escapes(std::string_view text, std::size_t position) {
  const std::size_t begin = local_begin(text, position);
  if (begin > 0) {
    const bool glued =  // its digits are taken for letters
        text[begin - 1] == '%' || (text[begin - 1] == '\\' && at(text, begin) == 'x');
    if (glued ? is_escape(text, begin - 1) : foreign_escape_size(text, begin - 1) > 0) {
      return true;
    }
    constexpr std::size_t longest_reference = 10;  // &#1114111;
    const std::size_t limit = begin - std::min(begin, longest_reference);
    const std::size_t reference = text.substr(limit, begin - limit).rfind('&');
    if (text[begin - 1] == ';' && reference != std::string_view::npos &&
        limit + reference + foreign_escape_size(text, limit + reference) == begin) {
      return true;
    }
  }
  std::size_t end = position + 1;
  while (end < text.size() && is(text[end], character::domain)) {
    ++end;
  }
  return foreign_escape_size(text, end) > 0;
}

std::optional<Match> mail_at(std::string_view text, std::size_t position) {
  if (position == 0) {
    return std::nullopt;
  }
  if (const auto begin = userinfo_begin(text, position)) {
    const std::string_view user = text.substr(*begin, position - *begin);
    const bool host_follows =
        is(at(text, position + 1), character::domain) || at(text, position + 1) == '[';
    if (host_follows && user != "[credentials]") {
      return user == "git" ? std::nullopt : match_of(Kind::credentials, *begin, position);
    }
    return std::nullopt;
  }

  std::size_t begin = character::behind_escape(text, local_begin(text, position));
  while (begin < position && (text[begin] == '\'' || text[begin] == '.' || text[begin] == '*')) {
    ++begin;
  }
  begin = begin < position ? begin : quoted_local_begin(text, position);
  if (begin >= position) {
    return std::nullopt;
  }

  // A domain in brackets, or an address without them.
  if (at(text, position + 1) == '[') {
    const std::size_t close =
        text.substr(0, std::min(text.size(), position + 64)).find(']', position);
    if (close != std::string_view::npos) {
      std::string_view inner = text.substr(position + 2, close - position - 2);
      if (character::starts_with_word(inner, 0, "ipv6:")) {
        inner.remove_prefix(5);
      }
      if (parse_address(inner)) {
        return match_of(Kind::email, begin, close + 1);
      }
    }
    return std::nullopt;
  }
  const std::size_t end = domain_end(text, position + 1);
  const std::string_view domain = text.substr(position + 1, end - position - 1);
  if (domain.empty()) {
    return std::nullopt;
  }
  if (is_digit(domain[0]) && parse_address(domain)) {
    return match_of(Kind::email, begin, end);
  }
  const std::string_view label = last_label(domain);
  const bool tld =
      label.size() >= 2 && !is_digit(label[0]) && std::ranges::all_of(label, [](char c) {
        return character::is_letter(c) || is(c, character::high);
      });
  const bool punycode = character::starts_with_word(label, 0, "xn--");
  if ((!tld && !punycode) || is_unit_suffix(label) || is_scaled_picture(domain) ||
      is_message_id(text, begin)) {
    return std::nullopt;
  }
  const std::string_view local = text.substr(begin, position - begin);
  if (local == "git") {
    return std::nullopt;
  }
  return match_of(Kind::email, begin, end);
}

}  // namespace trackier::anonymize
