// Recognising what is written with colons, or dashes in their place: IPv6 and hardware addresses.
#include <algorithm>
#include <array>

#include "anonymize/addresses.hpp"
#include "anonymize/characters.hpp"
#include "anonymize/digits.hpp"

namespace trackier::anonymize {

namespace {

using character::at;
using character::is_alnum;
using character::is_digit;
using character::is_hex;
using character::is_letter;

bool is_colon_address_character(char c) {
  return is_hex(c) || c == ':';
}

/// Where groups begin whose characters reach back to `begin`: behind an escape (\f, \u000a, \x1b,
/// %20) that they are no part of. Otherwise, if a word stands right before them, which `mark`
/// follows, behind that; npos if there is no such mark.
std::size_t begin_of_groups(std::string_view text, std::size_t begin, char mark) {
  const std::size_t behind = character::behind_escape(text, begin);
  if (behind != begin || begin == 0) {
    return behind;
  }
  const char before = text[begin - 1];
  const bool percent = before == '%' && is_hex(text[begin]) && is_hex(at(text, begin + 1));
  if (percent && is_hex(at(text, begin + 2))) {  // %202001:db8::1
    return begin + 2;
  }
  if (character::is_escaped(text, begin - 1)) {
    return begin + (before == 'u' ? 4 : before == 'x' ? 2 : 0);
  }
  if ((is_alnum(before) || before == '_') && !character::percent_escape_before(text, begin)) {
    const std::size_t end = text.find(mark, begin);
    return end == std::string_view::npos ? end : end + 1;
  }
  return begin;
}

struct Groups {
  int count = 0;            ///< groups of one to four hexadecimal digits
  std::size_t longest = 0;  ///< digits
  bool compressed = false;
  bool all_pairs = true;  ///< every group has two digits
  bool any_digit = false;
  bool valid = true;
};

template <char mark = ':'>
Groups groups_of(std::string_view text) {
  Groups groups;
  std::size_t run = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != mark) {
      groups.any_digit = groups.any_digit || is_digit(text[i]);
      ++run;
      continue;
    }
    if (run > 0) {
      ++groups.count;
      groups.all_pairs = groups.all_pairs && run == 2;
      groups.longest = std::max(groups.longest, run);
    }
    run = 0;
    if (i + 1 < text.size() && text[i] == mark && text[i + 1] == mark) {
      groups.valid = groups.valid && !groups.compressed && at(text, i + 2) != mark;
      groups.compressed = true;
    }
  }
  groups.valid = groups.valid && groups.longest <= 4;
  return groups;
}

/// The end of ":203.0.113.6" behind the colon at `colon`; 0 when there is none.
std::size_t dotted_tail_end(std::string_view text, std::size_t colon) {
  std::size_t i = colon + 1;
  for (int number = 0; number < 4; ++number) {
    const std::size_t digits = digits_from(text, i, 4);
    if (octet(text.substr(i, digits)) < 0) {
      return 0;
    }
    i += digits;
    if (number < 3) {
      if (at(text, i) != '.') {
        return 0;
      }
      ++i;
    }
  }
  return i;
}

}  // namespace

std::optional<Match> colon_address_at(std::string_view text, std::size_t position) {
  constexpr std::size_t most =
      56;  // 8 groups of 4, 8 colons, a port, and some to see that it is longer
  constexpr int most_colons = 13;  // of a frame's addresses; more are a picture, or a trap
  int colons = 0;
  std::size_t begin = position;
  while (begin > 0 && position - begin < most && is_colon_address_character(text[begin - 1])) {
    --begin;
    colons += text[begin] == ':' ? 1 : 0;
    if (colons > most_colons) {
      return std::nullopt;
    }
  }
  std::size_t end = position;
  while (end < text.size() && end - position < most && is_colon_address_character(text[end])) {
    colons += text[end] == ':' ? 1 : 0;
    if (colons > most_colons) {
      return std::nullopt;
    }
    ++end;
  }
  // "src:2001:db8::1": a word that happens to end in hexadecimal letters is not a group.
  const std::size_t groups_begin = begin_of_groups(text, begin, ':');
  if (groups_begin > position ||
      (groups_begin != begin && at(text, groups_begin) == ':' && text[groups_begin - 1] == ':')) {
    return std::nullopt;
  }
  begin = groups_begin;
  // A letter that follows makes a name of it (std::bad_alloc, a::move), unless it is a dotted tail.
  std::size_t last_colon = end;
  while (last_colon > begin && text[last_colon - 1] != ':') {
    --last_colon;
  }
  if (last_colon == begin) {
    return std::nullopt;
  }
  --last_colon;
  if (at(text, end) == '.' && is_digit(at(text, end + 1))) {
    const std::size_t tail = dotted_tail_end(text, last_colon);
    const std::string_view head = text.substr(begin, last_colon + 1 - begin);
    const Groups groups = groups_of(head);
    if (tail != 0 && groups.valid && (groups.compressed ? groups.count <= 6 : groups.count == 6)) {
      return match_of(Kind::ipv6, begin, tail);
    }
  }
  const char after = at(text, end);
  if (is_letter(after) || after == '_') {
    if (end - last_colon > 1 || is_letter(after)) {
      // cut back to the last whole group: "...::1en0" is not worth a guess
      return std::nullopt;
    }
  }
  while (end > begin + 1 && text[end - 1] == ':' && text[end - 2] != ':') {
    --end;  // "2001:db8::1:" in a sentence
  }
  std::string_view token = text.substr(begin, end - begin);
  if (token.size() > 1 && token[0] == ':' && token[1] != ':') {
    token.remove_prefix(1);  // "addr::2001" is handled by the word rule; ":2001:..." is a label
    ++begin;
  }
  Groups groups = groups_of(token);
  // Six pairs; without leading zeros, as BSD writes them, only if they cannot be a time.
  if (!groups.compressed && groups.count == 6 &&
      (groups.all_pairs || (groups.longest <= 2 && std::ranges::any_of(token, is_letter)))) {
    return match_of(Kind::mac, begin, end);
  }
  // Receiver, sender and protocol of a frame, as the Linux kernel logs them: two addresses and two
  // pairs.
  constexpr std::size_t mac_size = 17;
  if (!groups.compressed && groups.all_pairs && groups.count == 14) {
    const std::size_t place = (position - begin) / (mac_size + 1);
    const std::size_t first = begin + place * (mac_size + 1);
    return place < 2 ? match_of(Kind::mac, first, first + mac_size) : std::nullopt;
  }
  Form form = Form::plain;
  if (!groups.compressed && groups.count == 9) {  // address and port without brackets
    const std::size_t colon = token.rfind(':');
    const std::string_view port = token.substr(colon + 1);
    if (port.size() <= 5 && std::ranges::all_of(port, is_digit)) {
      token = token.substr(0, colon);
      end = begin + colon;
      groups = groups_of(token);
      form = Form::with_port;
    }
  }
  if (groups.compressed && !groups.valid) {  // "2001:db8::1:46824": the last group is a port
    const std::size_t colon = token.rfind(':');
    const std::string_view port = token.substr(colon + 1);
    if (port.size() == 5 && std::ranges::all_of(port, is_digit)) {
      token = token.substr(0, colon);
      end = begin + colon;
      groups = groups_of(token);
      form = Form::with_port;
    }
  }
  if (!groups.valid) {
    return std::nullopt;
  }
  if (groups.compressed) {
    const bool believable = groups.any_digit || groups.count >= 3;
    return groups.count >= 1 && groups.count <= 7 && believable
               ? match_of(Kind::ipv6, begin, end, form)
               : std::nullopt;
  }
  const bool time_like = std::ranges::none_of(token, is_letter) && groups.all_pairs;
  return groups.count == 8 && !time_like ? match_of(Kind::ipv6, begin, end, form) : std::nullopt;
}

namespace {

/// 26-01-31-12-34-56: all pairs are decimal and in the ranges of a time.
bool is_time(std::string_view pairs) {
  constexpr std::array<int, 6> most = {99, 12, 31, 23, 59, 60};
  for (std::size_t i = 0; i < most.size(); ++i) {
    const char tens = pairs[3 * i];
    const char ones = pairs[3 * i + 1];
    if (!is_digit(tens) || !is_digit(ones) || (tens - '0') * 10 + (ones - '0') > most[i]) {
      return false;
    }
  }
  return true;
}

/// 2026-01-31-...: digits alone, which begin with a date.
bool begins_as_date(std::string_view token) {
  constexpr std::string_view date = "0000-00-00-";
  for (std::size_t i = 0; i < date.size(); ++i) {
    if (date[i] == '-' ? at(token, i) != '-' : !is_digit(at(token, i))) {
      return false;
    }
  }
  return std::ranges::none_of(token, is_letter);
}

/// Groups behind which the name of a host goes on, or the zone of a literal ("s4").
bool is_in_host_name(std::string_view text, std::size_t end) {
  if (at(text, end) == 's') {
    const std::size_t zone = digits_from(text, end + 1, 4);
    return zone > 0 && character::starts_with_word(text, end + 1 + zone, ".ipv6-literal.net");
  }
  return (at(text, end) == '.' || at(text, end) == '-') && is_letter(at(text, end + 1));
}

/// Global, unique local, link-local and NAT64 addresses begin so.
bool begins_as_used(std::string_view token) {
  const std::size_t dash = token.find('-');
  return (dash == 4 && std::string_view{"23fF"}.find(token[0]) != std::string_view::npos) ||
         character::starts_with_word(token, 0, "64-ff9b-");
}

}  // namespace

std::optional<Match> dashed_address_at(std::string_view text, std::size_t position) {
  constexpr std::size_t most = 44;  // 8 groups of 4, 7 dashes, and some to see that it is longer
  const auto is_part = [](char c) { return is_hex(c) || c == '-'; };
  const bool doubled = position > 0 && text[position - 1] == '-';
  const std::size_t before = position - (doubled ? 2U : 1U);
  if (position < 2 || !is_hex(text[before]) ||
      !(is_hex(at(text, position + 1)) || (doubled && at(text, position + 1) == '.'))) {
    return std::nullopt;
  }
  std::size_t begin = position;
  while (begin > 0 && position - begin < most && is_part(text[begin - 1])) {
    --begin;
  }
  std::size_t end = position + 1;
  while (end < text.size() && end - position < most && is_part(text[end])) {
    ++end;
  }
  // "pd-2001-...", "...-1-dyn.": a word that happens to end or begin in hexadecimal letters.
  begin = begin_of_groups(text, begin, '-');
  if (begin > position) {
    return std::nullopt;
  }
  begin += at(text, begin) == '-' ? 1U : 0U;
  const bool literal_zone = at(text, end) == 's' && is_in_host_name(text, end);
  if (is_alnum(at(text, end)) && !literal_zone) {
    while (end > begin && text[end - 1] != '-') {
      --end;
    }
    end -= end > begin ? 1U : 0U;
  }
  if (begin >= end || position < begin || position >= end) {
    return std::nullopt;
  }
  const std::string_view token = text.substr(begin, end - begin);
  const Groups groups = groups_of<'-'>(token);
  const bool is_eui64 =
      groups.count == 8 && groups.all_pairs && character::starts_with_word(token, 9, "ff-fe-");
  if (!groups.compressed && groups.all_pairs && (groups.count == 6 || is_eui64)) {
    return is_time(token) ? std::nullopt : match_of(Kind::mac, begin, end);
  }
  if (!groups.valid || !is_in_host_name(text, end) || !begins_as_used(token) ||
      begins_as_date(token)) {
    return std::nullopt;
  }
  const bool whole = !groups.compressed && groups.count == 8;
  const bool shortened =
      groups.compressed && groups.count <= 7 &&
      (groups.count >= 3 || character::starts_with_word(text, end, ".ipv6-literal.net"));
  return whole || shortened ? match_of(Kind::ipv6, begin, end, Form::dashed) : std::nullopt;
}

std::optional<Match> dotted_mac_at(std::string_view text, std::size_t position) {
  constexpr std::size_t before = 9;  // four digits, a dot, four digits
  constexpr std::size_t size = 14;
  if (position < before || position - before + size > text.size()) {
    return std::nullopt;
  }
  const std::size_t begin = position - before;
  const std::string_view token = text.substr(begin, size);
  bool any_letter = false;
  bool any_digit = false;
  for (std::size_t i = 0; i < size; ++i) {
    if (i == 4 || i == before ? token[i] != '.' : !is_hex(token[i])) {
      return std::nullopt;
    }
    any_letter = any_letter || is_letter(token[i]);
    any_digit = any_digit || is_digit(token[i]);
  }
  const auto goes_on = [](char c) { return is_alnum(c) || c == '-' || c == '_'; };
  const char after = at(text, begin + size);
  const bool alone = !(begin > 0 && (goes_on(text[begin - 1]) || text[begin - 1] == '.')) &&
                     !goes_on(after) && !(after == '.' && is_alnum(at(text, begin + size + 1)));
  // Of digits alone it is a version or an amount.
  return alone && any_letter && any_digit ? match_of(Kind::mac, begin, begin + size) : std::nullopt;
}

}  // namespace trackier::anonymize
