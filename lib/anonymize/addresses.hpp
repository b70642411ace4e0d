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

/// The first `prefix` bits of it (IPv4: 0 to 32, IPv6: 0 to 128), the rest zero; of 6to4 (RFC 3056)
/// no more of the IPv4 address in it than of any other.
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
