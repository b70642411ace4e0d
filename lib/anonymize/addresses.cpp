#include "anonymize/addresses.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "anonymize/characters.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace trackier::anonymize {

namespace {

using character::at;
using character::is_alnum;
using character::is_digit;
using character::is_hex;
using character::is_letter;

/// The value of one to three decimal digits that is an octet; -1 for anything else.
inline int octet(std::string_view digits) {
  if (digits.size() == 1) {
    return is_digit(digits[0]) ? digits[0] - '0' : -1;
  }
  if (digits.empty() || digits.size() > 3) {
    return -1;
  }
  int value = 0;
  for (const char c : digits) {
    if (!is_digit(c)) {
      return -1;
    }
    value = value * 10 + (c - '0');
  }
  return value <= 255 ? value : -1;
}

std::size_t digits_before(std::string_view text, std::size_t end, std::size_t most) {
  std::size_t count = 0;
  while (count < most && count < end && is_digit(text[end - 1 - count])) {
    ++count;
  }
  return count;
}

std::size_t digits_from(std::string_view text, std::size_t begin, std::size_t most) {
  std::size_t count = 0;
  while (count < most && begin + count < text.size() && is_digit(text[begin + count])) {
    ++count;
  }
  return count;
}

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

/// Whether the word before `begin` says that a version follows: version=, Version: ", build (...
bool version_word_before(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  while (end > 0 && begin - end < 4 &&
         std::string_view{" =:\"'(\\"}.find(text[end - 1]) != std::string_view::npos) {
    --end;
  }
  if (end == 0 || !is_letter(text[end - 1])) {
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
  const auto [begin, end] = *quad;
  Match match{.begin = static_cast<std::uint32_t>(begin),
              .end = static_cast<std::uint32_t>(end),
              .kind = Kind::ipv4};
  const char before = begin > 0 ? text[begin - 1] : ' ';
  const char after = at(text, end);

  if (mark == '-') {
    const bool host_before =
        before == '-' && begin >= 2 && is_alnum(text[begin - 2]) && !is_digit(text[begin - 2]);
    const bool numbered_host_before =
        before == '-' && begin >= 3 && is_digit(text[begin - 2]) && is_letter(text[begin - 3]);
    const bool domain_after = after == '.' && is_letter(at(text, end + 1));
    const bool runs_on = after == '-' && is_digit(at(text, end + 1));
    if (runs_on || (!host_before && !numbered_host_before && !domain_after)) {
      return std::nullopt;
    }
    match.form = Form::dashed;
    return match;
  }

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

namespace {

bool is_colon_address_character(char c) {
  return is_hex(c) || c == ':';
}

struct Groups {
  int count = 0;  ///< groups of one to four hexadecimal digits
  bool compressed = false;
  bool all_pairs = true;  ///< every group has two digits
  bool any_digit = false;
  bool valid = true;
};

Groups groups_of(std::string_view text) {
  Groups groups;
  std::size_t run = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != ':') {
      groups.any_digit = groups.any_digit || is_digit(text[i]);
      ++run;
      continue;
    }
    if (run > 0) {
      ++groups.count;
      groups.all_pairs = groups.all_pairs && run == 2;
      groups.valid = groups.valid && run <= 4;
    }
    run = 0;
    if (i + 1 < text.size() && text[i] == ':' && text[i + 1] == ':') {
      groups.valid = groups.valid && !groups.compressed && at(text, i + 2) != ':';
      groups.compressed = true;
    }
  }
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
  begin = character::behind_escape(text, begin);
  std::size_t end = position;
  while (end < text.size() && end - position < most && is_colon_address_character(text[end])) {
    colons += text[end] == ':' ? 1 : 0;
    if (colons > most_colons) {
      return std::nullopt;
    }
    ++end;
  }
  // "src:2001:db8::1": a word that happens to end in hexadecimal letters is not a group.
  if (begin > 0 && (is_alnum(text[begin - 1]) || text[begin - 1] == '_') &&
      !character::is_escaped(text, begin - 1) && !character::percent_escape_before(text, begin)) {
    const std::size_t colon = text.find(':', begin);
    if (colon >= position) {
      return std::nullopt;
    }
    begin = colon + 1;
    if (at(text, begin) == ':') {
      return std::nullopt;
    }
  }
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
  if (!groups.compressed && groups.all_pairs && groups.count == 6) {
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

std::optional<Address> parse_numbers(std::string_view text, char mark, bool reversed) {
  Address address;
  std::size_t i = 0;
  for (std::size_t number = 0; number < 4; ++number) {
    const std::size_t digits = digits_from(text, i, 4);
    const int value = octet(text.substr(i, digits));
    if (value < 0) {
      return std::nullopt;
    }
    address.bytes[reversed ? 3 - number : number] = static_cast<std::uint8_t>(value);
    i += digits;
    if (number < 3) {
      if (at(text, i) != mark) {
        return std::nullopt;
      }
      ++i;
    }
  }
  return i == text.size() ? std::optional{address} : std::nullopt;
}

/// Both the form with leading zeros in a dotted tail and the ordinary one.
std::optional<Address> parse_v6(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN + 8) {
    return std::nullopt;
  }
  std::string plain{text};
  Address tail;
  const std::size_t dot = plain.find('.');
  if (dot != std::string::npos) {
    const std::size_t colon = plain.rfind(':');
    if (colon == std::string::npos) {
      return std::nullopt;
    }
    const auto numbers = parse_numbers(std::string_view{plain}.substr(colon + 1), '.', false);
    if (!numbers) {
      return std::nullopt;
    }
    tail = *numbers;
    plain.replace(colon + 1, std::string::npos, "0.0.0.0");
  }
  Address address;
  address.v6 = true;
  if (inet_pton(AF_INET6, plain.c_str(), address.bytes.data()) != 1) {
    return std::nullopt;
  }
  if (dot != std::string::npos) {
    std::copy_n(tail.bytes.begin(), 4, address.bytes.begin() + 12);
  }
  static constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  static constexpr std::array<std::uint8_t, 12> nat64 = {0, 0x64, 0xff, 0x9b};
  const auto prefix_is = [&address](const auto& prefix) {
    return std::equal(prefix.begin(), prefix.end(), address.bytes.begin());
  };
  if (prefix_is(mapped) || prefix_is(nat64)) {
    Address inner;
    inner.embedding = prefix_is(mapped) ? Address::Embedding::mapped : Address::Embedding::nat64;
    std::copy_n(address.bytes.begin() + 12, 4, inner.bytes.begin());
    return inner;
  }
  return address;
}

/// As RFC 5952 says; of an address with a port behind it all eight groups, so that the port still
/// stands apart.
std::string spelled(const Address& address, Form form) {
  const auto& bytes = address.bytes;
  if (address.v6 && form == Form::with_port) {
    std::string groups;
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
      groups += fmt::format("{}{:x}", i == 0 ? "" : ":", bytes[i] << 8U | bytes[i + 1]);
    }
    return groups;
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(address.v6 ? AF_INET6 : AF_INET, bytes.data(), text.data(), text.size());
  if (address.v6) {
    return text.data();
  }
  switch (address.embedding) {
    case Address::Embedding::mapped:
      return std::string{"::ffff:"} + text.data();
    case Address::Embedding::nat64:
      return std::string{"64:ff9b::"} + text.data();
    default:
      return text.data();
  }
}

}  // namespace

namespace {

constexpr std::size_t all_nibbles = 63;  // 32 of them, and the dots between

/// The name of one address in ip6.arpa; none for that of a network.
std::optional<Address> parse_nibbles(std::string_view text) {
  if (text.size() != all_nibbles) {
    return std::nullopt;
  }
  Address address;
  address.v6 = true;
  for (std::size_t i = 0; i < 32; ++i) {
    const std::size_t at = text.size() - 1 - 2 * i;
    if (!is_hex(text[at])) {
      return std::nullopt;
    }
    const unsigned value = character::hex_value(text[at]);
    address.bytes[i / 2] =
        static_cast<std::uint8_t>(address.bytes[i / 2] | value << (i % 2 == 0 ? 4U : 0U));
  }
  return address;
}

}  // namespace

void append_spelled(std::string_view like, Form form, const Address& address, std::string& out) {
  if (address.v6 && form == Form::reversed) {
    for (std::size_t i = 32; i-- > 0;) {
      const unsigned nibble = address.bytes[i / 2] >> (i % 2 == 0 ? 4U : 0U) & 0xFU;
      fmt::format_to(std::back_inserter(out), "{:x}{}", nibble, i == 0 ? "" : ".");
    }
    return;
  }
  if (address.v6 || form == Form::plain || form == Form::with_port ||
      like.find(':') != std::string_view::npos) {
    out.append(spelled(address, form));
    return;
  }
  const char mark = form == Form::dashed ? '-' : '.';
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t place = form == Form::reversed ? 3 - i : i;
    fmt::format_to(std::back_inserter(out), "{}", address.bytes[place]);
    if (i < 3) {
      out.push_back(mark);
    }
  }
}

std::optional<Address> parse_address(std::string_view text, Form form) {
  switch (form) {
    case Form::dashed:
      return parse_numbers(text, '-', false);
    case Form::reversed:
      return text.size() == all_nibbles ? parse_nibbles(text) : parse_numbers(text, '.', true);
    default:
      break;
  }
  if (text.find(':') != std::string_view::npos) {
    return parse_v6(text.substr(0, text.find('%')));
  }
  return parse_numbers(text, '.', false);
}

Address truncated(Address address, int ipv4_prefix, int ipv6_prefix) {
  constexpr int before_ipv4 = 16;  // of 2002::/16, 6to4: its IPv4 address is cut as others are
  const bool is_6to4 = address.v6 && address.bytes[0] == 0x20 && address.bytes[1] == 0x02;
  const int prefix = is_6to4      ? std::min(ipv6_prefix, before_ipv4 + ipv4_prefix)
                     : address.v6 ? ipv6_prefix
                                  : ipv4_prefix;
  const int bytes = address.v6 ? 16 : 4;
  for (int i = 0; i < bytes; ++i) {
    const int kept = std::clamp(prefix - 8 * i, 0, 8);
    auto& byte = address.bytes[static_cast<std::size_t>(i)];
    byte = static_cast<std::uint8_t>(byte & (0xFFU << (8 - kept)));
  }
  return address;
}

namespace {

/// Numbers with marks between: those that the cut leaves alone keep their spelling.
bool append_truncated_numbers(std::string_view text, Form form, int prefix, std::string& out) {
  const char mark = form == Form::dashed ? '-' : '.';
  if (prefix == 24 &&
      (form == Form::plain || form == Form::dashed)) {  // the common case: the last number goes
    const std::size_t last = text.rfind(mark) + 1;
    const std::string_view number = text.substr(last);
    out.append(text.substr(0, last));
    out.append(octet(number) == 0 ? number : "0");
    return octet(number) != 0;
  }
  bool changed = false;
  std::size_t i = 0;
  for (int number = 0; number < 4; ++number) {
    const std::size_t digits = digits_from(text, i, 3);
    const std::string_view spelling = text.substr(i, digits);
    const auto kept_of = [prefix](int place) { return std::clamp(prefix - 8 * place, 0, 8); };
    int kept = kept_of(form == Form::reversed ? 3 - number : number);
    if (form == Form::any_order) {
      kept = std::min(kept_of(number), kept_of(3 - number));
    }
    const int value = octet(spelling);
    const int cut = static_cast<int>(static_cast<unsigned>(value) & (0xFFU << (8 - kept)) & 0xFFU);
    if (cut == value) {
      out.append(spelling);
    } else {
      changed = true;
      std::array<char, 3> number_text{};
      const auto end = std::to_chars(number_text.data(), number_text.data() + 3, cut).ptr;
      out.append(number_text.data(), end);
    }
    i += digits;
    if (number < 3) {
      out.push_back(mark);
      ++i;
    }
  }
  return changed;
}

/// Nibbles of a reverse zone, the last of the address first; a zone may name only the first ones.
bool append_truncated_nibbles(std::string_view text, int prefix, std::string& out) {
  const std::size_t nibbles = (text.size() + 1) / 2;
  bool changed = false;
  for (std::size_t i = 0; i < nibbles; ++i) {
    const auto place = static_cast<int>(nibbles - 1 - i);  // of this nibble in the address
    const int kept = std::clamp(prefix - 4 * place, 0, 4);
    const unsigned value = character::hex_value(text[2 * i]);
    const unsigned cut = value & (0xFU << static_cast<unsigned>(4 - kept)) & 0xFU;
    changed = changed || cut != value;
    out.push_back(cut == value ? text[2 * i] : "0123456789abcdef"[cut]);
    if (2 * i + 1 < text.size()) {
      out.push_back('.');
    }
  }
  return changed;
}

}  // namespace

bool append_truncated(std::string_view text, Kind kind, Form form, int ipv4_prefix, int ipv6_prefix,
                      std::string& out) {
  if (kind == Kind::mac) {  // the half that names the maker stays
    const std::string_view device = text.substr(9);
    out.append(text.substr(0, 9)).append("00:00:00");
    return device != "00:00:00";
  }
  if (kind == Kind::ipv4) {
    return append_truncated_numbers(text, form, ipv4_prefix, out);
  }
  if (form == Form::reversed) {
    return append_truncated_nibbles(text, ipv6_prefix, out);
  }
  const auto address = parse_address(text);
  if (!address) {
    out.append("[ipv6]");
    return true;
  }
  const Address cut = truncated(*address, ipv4_prefix, ipv6_prefix);
  if (cut == *address) {
    out.append(text);
    return false;
  }
  out.append(spelled(cut, form));
  return true;
}

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) {
    return std::nullopt;
  }
  Network network;
  const int most = address->v6 ? 128 : 32;
  network.prefix_ = most;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto result =
        std::from_chars(digits.data(), digits.data() + digits.size(), network.prefix_);
    if (result.ec != std::errc{} || result.ptr != digits.data() + digits.size() ||
        network.prefix_ < 0 || network.prefix_ > most) {
      return std::nullopt;
    }
  }
  network.address_ = truncated(*address, network.prefix_, network.prefix_);
  network.address_.embedding = Address::Embedding::none;
  return network;
}

Address Network::last() const {
  Address made = address_;
  for (int bit = prefix_; bit < (address_.v6 ? 128 : 32); ++bit) {
    auto& byte = made.bytes[static_cast<std::size_t>(bit) / 8];
    byte = static_cast<std::uint8_t>(byte | 0x80U >> (bit % 8));
  }
  return made;
}

namespace {

struct NamedNetworks {
  std::string_view name;
  std::array<std::string_view, 5> blocks;  // the rest is empty
};

/// RFC 1918 and 4193; RFC 1122 and 4291; RFC 3927 and 4291; RFC 6598; RFC 5737, 3849 and 9637.
constexpr std::array<NamedNetworks, 5> named_networks = {{
    {"private", {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", {}}},
    {"loopback", {"127.0.0.0/8", "::1", {}, {}, {}}},
    {"link-local", {"169.254.0.0/16", "fe80::/10", {}, {}, {}}},
    {"shared", {"100.64.0.0/10", {}, {}, {}, {}}},
    {"documentation",
     {"192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"}},
}};

}  // namespace

bool Networks::add(std::string_view text) {
  const auto* const named = std::ranges::find(named_networks, text, &NamedNetworks::name);
  if (named != named_networks.end()) {
    for (const std::string_view block : named->blocks) {
      if (!block.empty()) {
        add(*Network::parse(block));
      }
    }
    return true;
  }
  const auto network = Network::parse(text);
  if (network) {
    add(*network);
  }
  return network.has_value();
}

/// Blocks that overlap or are in each other become one range.
void Networks::add(const Network& network) {
  Ranges& ranges = network.first().v6 ? v6_ : v4_;
  ranges.emplace_back(network.first().bytes, network.last().bytes);
  std::ranges::sort(ranges);
  Ranges apart;
  for (const auto& range : ranges) {
    if (!apart.empty() && range.first <= apart.back().second) {
      apart.back().second = std::max(apart.back().second, range.second);
    } else {
      apart.push_back(range);
    }
  }
  ranges = std::move(apart);
}

bool Networks::contains(const Address& address) const {
  const Ranges& ranges = address.v6 ? v6_ : v4_;
  const auto behind = std::ranges::upper_bound(ranges, address.bytes, {},
                                               [](const auto& range) { return range.first; });
  return behind != ranges.begin() && address.bytes <= std::prev(behind)->second;
}

}  // namespace trackier::anonymize
