#pragma once
/// A personal value that was found: where, of which kind, and how it was spelled there.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "anonymize/kind.hpp"

namespace trackier::anonymize {

enum class Form : std::uint8_t {
  plain,      ///< as usual
  dashed,     ///< with dashes in a host name: ip-10-77-20-248, 2001-db8--1.ipv6-literal.net; also
              ///< five numbers of which any four may be the address: nat-10-77-20-248-5.example
  reversed,   ///< IPv4 or IPv6 of a reverse zone: 248.20.77.10.in-addr.arpa
  with_port,  ///< IPv6 without brackets, a port behind it: 2001:db8:0:0:0:0:0:1:49225
  number,     ///< IPv4 as inet_aton reads it: 3405803783, 0xcb.0.0x71.7, 203.0.28935
  hex,        ///< IPv4 as eight hexadecimal digits: cb007107.dialup.example
  any_order,  ///< IPv4 at the start of a host name, which may be reversed: 4.3.2.1.dialup.example
};

struct Match {
  std::uint32_t begin = 0;  ///< first byte in the text that was searched
  std::uint32_t end = 0;    ///< one past the last
  Kind kind = Kind::ipv4;
  Form form = Form::plain;
  std::uint32_t decoded_begin = 0;  ///< where the value is among the decoded values
  std::uint32_t decoded_size = 0;   ///< 0: the text is the value itself

  /// Whether the text is an encoded spelling (percent, JSON, HTML) of a value kept aside.
  [[nodiscard]] bool decoded() const { return decoded_size > 0; }
};

/// What the parsers of single kinds return.
inline std::optional<Match> match_of(Kind kind, std::size_t begin, std::size_t end,
                                     Form form = Form::plain) {
  return Match{.begin = static_cast<std::uint32_t>(begin),
               .end = static_cast<std::uint32_t>(end),
               .kind = kind,
               .form = form};
}

}  // namespace trackier::anonymize
