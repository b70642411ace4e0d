#pragma once
/// Internet and hardware addresses: recognising them in text, and cutting them short.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anonymize/match.hpp"

namespace trackier::anonymize {

/// An address in network order; IPv4 (also IPv4-mapped and NAT64 spellings) as its four bytes.
struct Address {
  std::array<std::uint8_t, 16> bytes{};
  bool v6 = false;
  enum class Embedding : std::uint8_t { none, mapped, nat64 } embedding = Embedding::none;

  bool operator==(const Address&) const = default;
};

/// The IPv4 address whose third dot (or dash) stands before the digit at `at`. Versions
/// (Chrome/120.0.0.0, 4.3.2.1.0, rv:1.9.2.28) are none; "when in doubt hide".
std::optional<Match> ipv4_at(std::string_view text, std::size_t at);

/// The IPv6 or MAC address around the colon at `at`. A port without brackets, a zone and the
/// brackets themselves are not part of it. Times and C++ names are none.
std::optional<Match> colon_address_at(std::string_view text, std::size_t at);

// Spellings that are rare are looked for out of line, so that the others stay as quick as they
// were.

/// The IPv6 or MAC address with dashes around the dash at `at`: 2001-db8--1.ipv6-literal.net,
/// 08-00-27-4e-66-a1. IPv6 only in the name of a host; dates and times are none.
[[gnu::noinline]] std::optional<Match> dashed_address_at(std::string_view text, std::size_t at);

/// The MAC address whose second dot is at `at`: 0800.274e.66a1.
[[gnu::noinline]] std::optional<Match> dotted_mac_at(std::string_view text, std::size_t at);

/// The IPv4 address of eight hexadecimal digits before the dot at `at`, in the name of a host that
/// other labels, or 0x, show to be somebody's: cb007107.dialup.example.
[[gnu::noinline]] std::optional<Match> hex_host_at(std::string_view text, std::size_t at);

/// The zone of a network before the "in-addr.arpa" whose dash is at `at`: 113.0.203.in-addr.arpa.
[[gnu::noinline]] std::optional<Match> zone_at(std::string_view text, std::size_t at);

/// The IPv4 address that the host of a URL is, from `at` on, in decimal, hexadecimal or octal
/// numbers (inet_aton(3)); none for four decimal numbers, which ipv4_at() finds.
[[gnu::noinline]] std::optional<Match> numeric_host_at(std::string_view text, std::size_t at);

/// The address as which a field of addresses may hold it, if it is no address by its own shape: a
/// number, eight hexadecimal digits.
std::optional<Address> parse_numeric(std::string_view text, Form form);

/// The form in which parse_numeric() reads it; none for what is no number of an address.
[[gnu::noinline]] std::optional<Form> form_of_number(std::string_view text);

/// Whether it is a MAC address: twelve hexadecimal digits in pairs, in fours or in one, or six
/// numbers (0:8:27:4e:66:a1).
bool is_mac(std::string_view text);

/// Parses the text of a match (Kind ipv4 or ipv6, any Form), or any text that is exactly an
/// address.
std::optional<Address> parse_address(std::string_view text, Form form = Form::plain);

/// The first `prefix` bits of it (IPv4: 0 to 32, IPv6: 0 to 128), the rest zero; of an IPv4 address
/// in it (6to4, Teredo, ISATAP, NAT64 of RFC 8215 and others) no more than of any other.
Address truncated(Address address, int ipv4_prefix, int ipv6_prefix);

/// Appends `address` written as `like` is, an address of this form: in a name of a host with its
/// marks and in its order, IPv6 as RFC 5952 says. Of Form::any_order forwards, as it is read.
void append_spelled(std::string_view like, Form form, const Address& address, std::string& out);

/// Appends the truncated spelling of `text`, an address of this form, to `out`; the spelling stays
/// as it was where nothing is cut. Returns whether it differs from `text`.
bool append_truncated(std::string_view text, Kind kind, Form form, int ipv4_prefix, int ipv6_prefix,
                      std::string& out);

/// A block of addresses: "10.0.0.0/8", "fd00::/8", "192.0.2.1".
class Network {
 public:
  /// None when the text is not one.
  static std::optional<Network> parse(std::string_view text);
  [[nodiscard]] const Address& first() const { return address_; }
  [[nodiscard]] Address last() const;

 private:
  Address address_;
  int prefix_ = 0;
};

/// Blocks of addresses, among which is searched in the logarithm of their number. An IPv4 address
/// is in an IPv4 block however it is embedded.
class Networks {
 public:
  /// A block, or the name of a set of the IANA registries of special-purpose addresses: "private",
  /// "loopback", "link-local", "shared", "documentation". False for other text.
  bool add(std::string_view text);

  [[nodiscard]] bool empty() const { return v4_.empty() && v6_.empty(); }
  [[nodiscard]] bool contains(const Address& address) const;

 private:
  using Bytes16 = std::array<std::uint8_t, 16>;
  using Ranges = std::vector<std::pair<Bytes16, Bytes16>>;  ///< first and last, sorted, apart

  void add(const Network& network);

  Ranges v4_;
  Ranges v6_;
};

}  // namespace trackier::anonymize
