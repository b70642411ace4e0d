// Recognising addresses in text, and telling them from versions, times and names.
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "anonymize/addresses.hpp"
#include "anonymize/characters.hpp"
#include "anonymize/digits.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace trackier::anonymize {

namespace {

using character::at;
using character::is_alnum;
using character::is_digit;
using character::is_letter;

/// Where the first number ends on the left: a percent escape before it ("%2010.0.0.1") is not part
/// of it. Returns no value when the digits run on.
std::optional<std::size_t> first_octet_begin(std::string_view text, std::size_t end) {
  const std::size_t run = digits_before(text, end, 6);
  std::size_t begin = end - run;
  const bool escape_in_run = begin > 0 && text[begin - 1] == '%' && run >= 3;
  if (escape_in_run) {
    begin += 2;
  }
  if (end - begin > 3 || end == begin) {
    return std::nullopt;
  }
  return begin;
}

/// "UDP/1.2.3.4/5061" of SIP is no version.
bool is_protocol(std::string_view word) {
  static constexpr std::array<std::string_view, 14> protocols = {
      "UDP", "TCP", "TLS", "DTLS",  "SIP",  "SIPS", "SCTP",
      "WS",  "WSS", "IP",  "PJSIP", "IPV4", "ICMP", "RTP"};
  return std::ranges::find(protocols, word) != protocols.end();
}

/// Whether `Product/` of a user agent stands before `begin`: a word with a capital first letter,
/// itself behind a space or at the start of a line. "/10.0.0.1" and "host/10.0.0.1" (as Java writes
/// them) are not.
bool product_before(std::string_view text, std::size_t begin) {
  if (begin < 2 || text[begin - 1] != '/') {
    return false;
  }
  const std::size_t slash = begin - 1;
  std::size_t word = slash;
  while (word > 0 && slash - word < 40 &&
         (is_alnum(text[word - 1]) || text[word - 1] == '-' || text[word - 1] == '_' ||
          text[word - 1] == '.' || text[word - 1] == '!')) {
    --word;
  }
  if (word == slash || !character::is(text[word], character::upper)) {
    return false;
  }
  if (word > 0 &&
      std::string_view{" \"(;,+[\t\r\n"}.find(text[word - 1]) == std::string_view::npos &&
      !character::percent_escape_before(text, word)) {
    return false;
  }
  return !is_protocol(text.substr(word, slash - word));
}

constexpr std::array<bool, 256> table_of(std::string_view characters) {
  std::array<bool, 256> table{};
  for (const char c : characters) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}
constexpr std::array<bool, 256> before_version = table_of(" =:\"'(\\");
constexpr std::array<bool, 256> ends_version_word =
    table_of("nredNRED");  // most words end otherwise

/// Whether the word before `begin` says that a version follows: version=, Version: ", build (...
bool version_word_before(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  while (end > 0 && begin - end < 4 && before_version[static_cast<unsigned char>(text[end - 1])]) {
    --end;
  }
  if (end == 0 || !ends_version_word[static_cast<unsigned char>(text[end - 1])]) {
    return false;
  }
  for (const std::string_view word : {"version", "ver", "release", "build", "firmware", "driver"}) {
    if (character::ends_with_word(text, end, word)) {
      return end == word.size() || !is_letter(text[end - word.size() - 1]) || word == "version";
    }
  }
  return false;
}

/// Whether the number with dots looks like a version by what stands before it.
bool is_version_by_context(std::string_view text, std::size_t begin, std::size_t end) {
  if (begin == 0) {
    return false;
  }
  const char before = text[begin - 1];
  if (before == '\n' || before == ' ') {
    return before == ' ' && version_word_before(text, begin);
  }
  if (before == '/' && product_before(text, begin)) {
    return !(at(text, end) == ':' && is_digit(at(text, end + 1)));
  }
  if (is_letter(before) && !character::is_escaped(text, begin - 1) &&
      !character::percent_escape_before(text, begin)) {
    const bool version_letter = before == 'v' || before == 'V' || before == 'r';
    return version_letter && (begin < 2 || !is_alnum(text[begin - 2]));
  }
  if (before == ':' && character::ends_with_word(text, begin, "rv:")) {
    return true;
  }
  return version_word_before(text, begin);
}

/// Five numbers: address and port as tcpdump and dante write them, or a version. A port is taken to
/// be above 255 or to stand beside the '>' of a connection.
bool fifth_number_is_port(std::string_view text, std::size_t begin, std::size_t fifth) {
  const std::size_t digits = digits_from(text, fifth, 6);
  if (digits == 0 || digits > 5) {
    return false;
  }
  const std::size_t after = fifth + digits;
  if (at(text, after) == '.' && is_digit(at(text, after + 1))) {
    return false;
  }
  int value = 0;
  std::from_chars(text.data() + fifth, text.data() + after, value);
  const std::string_view beside = text.substr(after, 3);
  return (value > 255 && value <= 65535) || beside.starts_with(" >") || beside.starts_with("-> ") ||
         beside.starts_with(" ->") || character::ends_with_word(text, begin, "> ") ||
         character::ends_with_word(text, begin, "ip ");
}

}  // namespace

namespace {

/// The four numbers of a candidate.
struct Quad {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::optional<Quad> quad_by_number(std::string_view text, std::size_t position) {
  const char mark = text[position - 1];
  std::size_t end_of_number = position - 1;
  std::size_t begin = 0;
  for (int number = 0; number < 3; ++number) {
    if (text[end_of_number] != mark) {
      return std::nullopt;
    }
    if (number == 2) {
      const auto first = first_octet_begin(text, end_of_number);
      if (!first) {
        return std::nullopt;
      }
      begin = *first;
    } else {
      const std::size_t digits = digits_before(text, end_of_number, 3);
      if (digits == 0 || digits + 1 > end_of_number) {
        return std::nullopt;
      }
      begin = end_of_number - digits;
    }
    if (octet(text.substr(begin, end_of_number - begin)) < 0) {
      return std::nullopt;
    }
    if (number < 2) {
      end_of_number = begin - 1;
    }
  }
  const std::size_t last = digits_from(text, position, 4);
  if (octet(text.substr(position, last)) < 0) {
    return std::nullopt;
  }
  return Quad{begin, position + last};
}

#if defined(__SSE2__)
/// The same from the bits of 16 bytes, for numbers of one to three digits with no digit before: no
/// loop, so no branch to guess wrong. Answers false where the slow way has to look.
bool quad_by_bits(std::string_view text, std::size_t position, std::optional<Quad>& quad) {
  constexpr unsigned at_bit = 13;  // three numbers, three marks and the byte before them
  if (position < at_bit || position + 4 > text.size()) {
    return false;
  }
  const char* const window = text.data() + position - at_bit;
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(window));
  const auto bits_of = [](__m128i mask) { return static_cast<unsigned>(_mm_movemask_epi8(mask)); };
  const __m128i from_zero = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
  const unsigned others =
      ~bits_of(_mm_cmpeq_epi8(_mm_min_epu8(from_zero, _mm_set1_epi8(9)), from_zero));
  const unsigned marks = bits_of(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(text[position - 1])));
  const auto last_below = [others](unsigned bit) {
    return 31U - static_cast<unsigned>(std::countl_zero((others & ((1U << bit) - 1U)) | 1U));
  };
  const unsigned third = at_bit - 1;
  const unsigned second = last_below(third);
  const unsigned first = last_below(second);
  const unsigned before = last_below(first);
  const auto last_size = static_cast<unsigned>(std::countr_zero(others >> at_bit));
  const bool known_before = (others >> before & 1U) != 0 && first > 0;
  const unsigned wanted = 1U << third | 1U << second | 1U << first;
  const unsigned size_1 = first - before - 1;
  const unsigned size_2 = second - first - 1;
  const unsigned size_3 = third - second - 1;
  const auto fits = [](unsigned size) { return size - 1U < 3U; };
  if (!known_before || !fits(size_1) || window[before] == '%') {
    return false;
  }
  if ((marks & wanted) != wanted || !fits(size_2) || !fits(size_3) || !fits(last_size) ||
      (last_size == 3 && character::is_digit(text[position + 3]))) {
    return true;
  }
  // Three digits above "255" are no octet.
  const auto too_large = [window](unsigned end, unsigned size) {
    const auto digit = [window, end](unsigned back) {
      return static_cast<unsigned>(static_cast<unsigned char>(window[end - back]));
    };
    const unsigned spelled = digit(3) << 16U | digit(2) << 8U | digit(1);
    return static_cast<unsigned>(size == 3) & static_cast<unsigned>(spelled > 0x323535U);
  };
  if ((too_large(first, size_1) | too_large(second, size_2) | too_large(third, size_3) |
       too_large(at_bit + last_size, last_size)) == 0) {
    quad = Quad{position - at_bit + before + 1, position + last_size};
  }
  return true;
}
#else
bool quad_by_bits(std::string_view /*text*/, std::size_t /*position*/,
                  std::optional<Quad>& /*quad*/) {
  return false;
}
#endif

}  // namespace

namespace {

/// Where 7.0-127.113.0.203.in-addr.arpa begins, a zone that is divided by ranges or prefixes
/// ("0/25", RFC 2317); `begin` is that of the numbers without a gap.
[[gnu::noinline]] std::size_t begin_of_divided_zone(std::string_view text, std::size_t begin) {
  if (begin == 0 || (text[begin - 1] != '-' && text[begin - 1] != '/')) {
    return begin;
  }
  const std::size_t first = digits_before(text, begin - 1, 3);
  if (first == 0 || begin < first + 3 || text[begin - 2 - first] != '.') {
    return begin;
  }
  const std::size_t dot = begin - 2 - first;
  const std::size_t last = digits_before(text, dot, 4);
  const bool is_octet = octet(text.substr(dot - last, last)) >= 0;
  return is_octet ? dot - last : begin;
}

}  // namespace

namespace {

/// Where the number begins that a dash at `dash` follows, if it is no tail of a word: ec2-203.
std::optional<std::size_t> number_before_dash(std::string_view text, std::size_t dash) {
  const std::size_t digits = digits_before(text, dash, 4);
  const std::size_t begin = dash - digits;
  const bool whole = begin == 0 || !is_alnum(text[begin - 1]);
  return whole && digits > 0 ? std::optional{begin} : std::nullopt;
}

/// Where five numbers with dashes begin, of which the last four begin at `begin`. Six and more are
/// rather a time.
std::optional<std::size_t> fifth_before(std::string_view text, std::size_t begin) {
  if (begin == 0 || text[begin - 1] != '-') {
    return std::nullopt;
  }
  const auto first = number_before_dash(text, begin - 1);
  if (!first || octet(text.substr(*first, begin - 1 - *first)) < 0) {
    return std::nullopt;
  }
  const bool dash_before = *first > 0 && text[*first - 1] == '-';
  return dash_before && number_before_dash(text, *first - 1) ? std::nullopt : first;
}

/// Whether a port stands at `begin`, one that cannot be the last number of an address.
bool is_port_above_octets(std::string_view text, std::size_t begin) {
  const std::size_t end = begin + digits_from(text, begin, 6);
  int value = 0;
  std::from_chars(text.data() + begin, text.data() + end, value);
  return value > 255 && value <= 65535 && !is_alnum(at(text, end)) &&
         !(at(text, end) == '-' && is_digit(at(text, end + 1)));
}

/// Four numbers with dashes, in the name of a host.
std::optional<Match> dashed_quad(std::string_view text, const Quad& quad) {
  const auto [begin, end] = quad;
  const bool dash_before = begin > 0 && text[begin - 1] == '-';
  const bool host_before =
      dash_before && begin >= 2 && is_alnum(text[begin - 2]) && !is_digit(text[begin - 2]);
  const bool numbered_host_before =
      dash_before && begin >= 3 && is_digit(text[begin - 2]) && is_letter(text[begin - 3]);
  const bool runs_on = at(text, end) == '-' && is_digit(at(text, end + 1));
  if (runs_on && !is_port_above_octets(text, end + 1)) {
    return std::nullopt;
  }
  const std::size_t name_end = runs_on ? end + 1 + digits_from(text, end + 1, 5) : end;
  const bool domain_after = at(text, name_end) == '.' && is_letter(at(text, name_end + 1));
  if (!host_before && !numbered_host_before && !domain_after) {
    return std::nullopt;
  }
  // Of nat-203-0-113-7-8.example it cannot be told which four are the address: all five go on.
  return match_of(Kind::ipv4, fifth_before(text, begin).value_or(begin), end, Form::dashed);
}

}  // namespace

std::optional<Match> ipv4_at(std::string_view text, std::size_t position) {
  if (position < 6) {
    return std::nullopt;
  }
  const char mark = text[position - 1];
  std::optional<Quad> quad;
  if (!quad_by_bits(text, position, quad)) {
    quad = quad_by_number(text, position);
  }
  if (!quad) {
    return std::nullopt;
  }
  if (mark == '-') {
    return dashed_quad(text, *quad);
  }
  const auto [begin, end] = *quad;
  Match match{.begin = static_cast<std::uint32_t>(begin),
              .end = static_cast<std::uint32_t>(end),
              .kind = Kind::ipv4};
  const char before = begin > 0 ? text[begin - 1] : ' ';
  const char after = at(text, end);

  if (before == '.' && begin >= 2 && is_digit(text[begin - 2])) {
    return std::nullopt;  // the tail of five numbers and more
  }
  if (after == '.') {
    if (is_digit(at(text, end + 1))) {
      if (!fifth_number_is_port(text, begin, end + 1)) {
        return std::nullopt;
      }
    } else if (character::starts_with_word(text, end, ".in-addr.arpa")) {
      match.form = Form::reversed;
      match.begin = static_cast<std::uint32_t>(begin_of_divided_zone(text, begin));
      return match;
    } else if (is_letter(at(text, end + 1)) && !character::is(before, character::upper)) {
      match.form = Form::any_order;
    }
  }
  if (is_version_by_context(text, begin, end)) {
    return std::nullopt;
  }
  return match;
}

}  // namespace trackier::anonymize
