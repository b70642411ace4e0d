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

/// Parses the text of a match (Kind ipv4 or ipv6, any Form), or any text that is exactly an
/// address.
std::optional<Address> parse_address(std::string_view text, Form form = Form::plain);

/// The first `prefix` bits of it (IPv4: 0 to 32, IPv6: 0 to 128), the rest zero.
Address truncated(Address address, int ipv4_prefix, int ipv6_prefix);

/// Appends the truncated spelling of `text`, an address of this form, to `out`; the spelling stays
/// as it was where nothing is cut. Returns whether it differs from `text`.
bool append_truncated(std::string_view text, Kind kind, Form form, int ipv4_prefix, int ipv6_prefix,
                      std::string& out);

/// A block of addresses: "10.0.0.0/8", "fd00::/8", "192.0.2.1".
class Network {
 public:
  /// None when the text is not one.
  static std::optional<Network> parse(std::string_view text);
  [[nodiscard]] bool contains(const Address& address) const;

 private:
  Address address_;
  int prefix_ = 0;
};

}  // namespace trackier::anonymize
