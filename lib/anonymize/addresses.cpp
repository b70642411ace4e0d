#include "anonymize/addresses.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>

#include "anonymize/characters.hpp"
#include "anonymize/digits.hpp"

namespace trackier::anonymize {

namespace {

using character::at;
using character::is_hex;

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

/// The IPv4 address of a name in in-addr.arpa. The label of a divided zone (RFC 2317) is left out.
std::optional<Address> parse_reversed(std::string_view text) {
  const std::size_t divided = text.find_first_of("-/");
  if (divided == std::string_view::npos) {
    return parse_numbers(text, '.', true);
  }
  const std::size_t first = text.find('.');
  const std::size_t rest = text.find('.', divided);
  if (first > divided || rest == std::string_view::npos) {
    return std::nullopt;
  }
  return parse_numbers(std::string{text.substr(0, first)}.append(text.substr(rest)), '.', true);
}

/// IPv6 with a dash for each colon.
std::optional<Address> parse_dashed(std::string_view text) {
  if (const auto address = parse_numbers(text, '-', false)) {
    return address;
  }
  std::string colons{text};
  std::ranges::replace(colons, '-', ':');
  return parse_v6(colons);
}

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

/// One number stays one, in its base; of others come four decimal ones.
void append_number(std::string_view like, Form form, const Address& address, std::string& out) {
  const auto& bytes = address.bytes;
  const unsigned value = unsigned{bytes[0]} << 24U | unsigned{bytes[1]} << 16U |
                         unsigned{bytes[2]} << 8U | unsigned{bytes[3]};
  const bool in_hex = form == Form::hex || like.starts_with("0x") || like.starts_with("0X");
  if (like.find('.') != std::string_view::npos || (!in_hex && like.starts_with('0'))) {
    out.append(spelled(address, Form::plain));
  } else if (!in_hex) {
    fmt::format_to(std::back_inserter(out), "{}", value);
  } else {
    out.append(form == Form::hex ? "" : like.substr(0, 2));
    const bool capitals = like.find_first_of("ABCDEF") != std::string_view::npos;
    fmt::format_to(std::back_inserter(out), fmt::runtime(capitals ? "{:08X}" : "{:08x}"), value);
  }
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
  if (form == Form::dashed && (address.v6 || address.embedding != Address::Embedding::none)) {
    std::string colons = spelled(address, Form::plain);
    if (!address.v6) {  // no dot in the name of a host
      colons = fmt::format("{}{:x}-{:x}", colons.substr(0, colons.rfind(':') + 1),
                           address.bytes[0] << 8U | address.bytes[1],
                           address.bytes[2] << 8U | address.bytes[3]);
    }
    std::ranges::replace(colons, ':', '-');
    out.append(colons);
    return;
  }
  if (!address.v6 && (form == Form::hex || form == Form::number)) {
    append_number(like, form, address, out);
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
      return parse_dashed(text);
    case Form::reversed:
      return text.size() == all_nibbles ? parse_nibbles(text) : parse_reversed(text);
    case Form::number:
    case Form::hex:
      return parse_numeric(text, form);
    default:
      break;
  }
  if (text.find(':') != std::string_view::npos) {
    return parse_v6(text.substr(0, text.find('%')));
  }
  return parse_numbers(text, '.', false);
}

namespace {

/// Sets the bits from `from` on, of the first `size` bytes, to zero.
void clear_bits(Address& address, int from, std::size_t size) {
  const auto first = static_cast<std::size_t>(from) / 8;
  if (first < size) {
    address.bytes[first] = static_cast<std::uint8_t>(address.bytes[first] & ~(0xFFU >> (from % 8)));
    std::fill(address.bytes.begin() + first + 1, address.bytes.begin() + size, std::uint8_t{0});
  }
}

bool begins_with(const Address& address, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.bytes.begin());
}

/// Whether the last 32 bits are an IPv4 address: of Teredo (RFC 4380; all bits turned), ISATAP (RFC
/// 5214), and of what begins with 64 zeros (RFC 4291, RFC 6145).
bool ends_in_ipv4(const Address& address) {
  const bool isatap = (address.bytes[8] & 0xFDU) == 0 && address.bytes[9] == 0 &&
                      address.bytes[10] == 0x5E && address.bytes[11] == 0xFE;
  return isatap || begins_with(address, {0x20, 0x01, 0, 0}) ||
         begins_with(address, {0, 0, 0, 0, 0, 0, 0, 0});
}

/// How many of `prefix` bits may stay so that no more of an IPv4 address near its beginning does
/// than `ipv4_prefix` says: of 6to4 (RFC 3056) and of NAT64 within a network (RFC 8215 with RFC
/// 6052, where half of the address stands before a byte of zeros and half behind).
int prefix_for(const Address& address, int ipv4_prefix, int prefix) {
  if (begins_with(address, {0x20, 0x02})) {
    return std::min(prefix, 16 + ipv4_prefix);
  }
  if (begins_with(address, {0, 0x64, 0xFF, 0x9B, 0, 1})) {
    return std::min(prefix, 48 + std::min(16, ipv4_prefix));
  }
  return prefix;
}

}  // namespace

Address truncated(Address address, int ipv4_prefix, int ipv6_prefix) {
  if (!address.v6) {
    clear_bits(address, ipv4_prefix, 4);
    return address;
  }
  if (ends_in_ipv4(address)) {
    clear_bits(address, 96 + ipv4_prefix, 16);
  }
  clear_bits(address, prefix_for(address, ipv4_prefix, ipv6_prefix), 16);
  return address;
}

namespace {

/// Numbers with marks between: those that the cut leaves alone keep their spelling.
bool append_truncated_numbers(std::string_view text, Form form, int prefix, std::string& out) {
  const char mark = form == Form::dashed ? '-' : '.';
  const bool four =
      form == Form::plain || (form == Form::dashed && std::ranges::count(text, mark) == 3);
  if (prefix == 24 && four) {  // the common case: the last number goes
    const std::size_t begin = text.rfind(mark) + 1;
    const std::string_view number = text.substr(begin);
    out.append(text.substr(0, begin));
    out.append(octet(number) == 0 ? number : "0");
    return octet(number) != 0;
  }
  bool changed = false;
  std::size_t i = 0;
  const auto last = static_cast<int>(std::ranges::count(text, mark));  // fewer than 3 in a zone
  for (int number = 0; number <= last; ++number) {
    const std::size_t digits = digits_from(text, i, 3);
    const std::string_view spelling = text.substr(i, digits);
    // With a fifth number it may be either of the last two that ends the address.
    const auto kept_of = [prefix](int place) {
      return std::clamp(prefix - 8 * std::min(place, 3), 0, 8);
    };
    int kept = kept_of(form == Form::reversed ? last - number : number);
    if (form == Form::any_order) {
      kept = std::min(kept_of(number), kept_of(last - number));
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
    if (number < last) {
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

/// The half that names the maker stays; in the spelling at hand.
bool append_truncated_mac(std::string_view text, std::string& out) {
  const std::size_t mark = text.find_first_of(":-");
  std::size_t maker = mark;
  if (mark == std::string_view::npos) {  // six digits, and a dot between four and two
    maker = text.find('.') == std::string_view::npos ? 6 : 7;
  } else {
    for (int pair = 1; pair < 3 && maker != std::string_view::npos; ++pair) {
      maker = text.find(text[mark], maker + 1);
    }
  }
  out.append(text.substr(0, maker));
  bool changed = false;
  for (const char c : text.substr(std::min(maker, text.size()))) {
    changed = changed || (is_hex(c) && c != '0');
    out.push_back(is_hex(c) ? '0' : c);
  }
  return changed;
}

}  // namespace

bool append_truncated(std::string_view text, Kind kind, Form form, int ipv4_prefix, int ipv6_prefix,
                      std::string& out) {
  if (kind == Kind::mac) {
    return append_truncated_mac(text, out);
  }
  const bool divided = form == Form::reversed && text.find_first_of("-/") != std::string_view::npos;
  if (kind == Kind::ipv4 && form != Form::number && form != Form::hex && !divided) {
    return append_truncated_numbers(text, form, ipv4_prefix, out);
  }
  if (kind == Kind::ipv6 && form == Form::reversed) {
    return append_truncated_nibbles(text, ipv6_prefix, out);
  }
  const auto address = parse_address(text, form);
  if (!address) {
    out.append(kind == Kind::ipv4 ? "[ipv4]" : "[ipv6]");
    return true;
  }
  const Address cut = truncated(*address, ipv4_prefix, ipv6_prefix);
  if (cut == *address) {
    out.append(text);
    return false;
  }
  append_spelled(text, form, cut, out);
  return true;
}

}  // namespace trackier::anonymize
