#pragma once
/// How a web server behaves towards one who does not ask as they should, and how long its
/// certificate lasts. By libcurl; nothing of what the server sends is kept.

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "core/time.hpp"

namespace trackier::net {

struct ProbeRequest {
  enum class Manner : std::uint8_t {
    plain,      ///< HTTP without TLS: one GET, redirections not followed
    tls,        ///< a handshake of TLS 1.2 or later, whatever the certificate
    trusted,    ///< the same, and the certificate has to be trusted
    tls_of_old  ///< a handshake of TLS 1.0 or 1.1, whatever certificate and ciphers
  };

  Manner manner = Manner::tls;
  std::string host;  ///< a name or an address
  std::uint16_t port = 443;
  std::string path = "/";
  std::string ca_file;  ///< as of net::MailServer
  std::chrono::seconds timeout{10};
};

struct ProbeAnswer {
  enum class End : std::uint8_t {
    answered,     ///< an answer of HTTP, or a handshake that went through
    unreachable,  ///< nobody took the connection, or the name is not known
    silent,       ///< the attempt to connect was not answered in time
    turned_away,  ///< it was taken, and ended by the server: by an alert of TLS, or without a word
    untrusted,    ///< the certificate is not trusted
    unknown,      ///< anything else: the reason may be on this side
  };
  End end = End::unknown;
  bool is_connected = false;             ///< TCP
  long status = 0;                       ///< of HTTP
  std::string location;                  ///< where it redirects to; printable
  std::optional<Time> certificate_ends;  ///< the first of the chain to end
  std::string said;                      ///< why it is not answered; printable
};

/// Proxies do not count. Throws Error{Code::unavailable} without libcurl, Interrupted when `stop`
/// asks for it.
ProbeAnswer probe(const ProbeRequest& request, const std::stop_token& stop);

/// "Nov 27 11:00:00 2026 GMT" or "2026-11-27 11:00:00 GMT", as libcurl has it.
std::optional<Time> parse_certificate_time(const std::string& text);

}  // namespace trackier::net
