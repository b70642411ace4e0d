#pragma once
/// Handing a mail to a mail server, over TLS or not at all. RFC 5321, with STARTTLS (RFC 3207) or
/// TLS from the start (RFC 8314), by libcurl.

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/error.hpp"
#include "crypto/secret.hpp"

namespace trackier::net {

struct MailServer {
  enum class Security : std::uint8_t {
    starttls,  ///< plain until STARTTLS; a server that does not offer it gets nothing
    tls,       ///< TLS from the first byte
  };

  std::string host;  ///< a name or an address; its certificate has to be for it
  std::uint16_t port = 0;
  Security security = Security::starttls;
  std::string
      ca_file;       ///< PEM: the authorities that are trusted, and no other; empty: the system's
  std::string user;  ///< empty: no login
  std::chrono::seconds timeout{60};  ///< for connecting, and for each answer
};

struct Letter {
  std::string from;             ///< addresses alone: local@domain
  std::vector<std::string> to;  ///< at least one; when one is refused, nobody gets it
  Bytes message;                ///< RFC 5322; every line ends with CRLF
};

/// What the caller does on the way. What it throws ends the sending and comes out of `send_mail`.
struct Handover {
  /// Before the first byte of the message leaves, when the server has taken sender and recipients.
  /// Until then nothing can have been delivered.
  std::function<void()> begins;
  /// As soon as the server has said that it takes care of the message. reply: its last line,
  /// printable: "250 2.0.0 Ok: queued as 4D5E".
  std::function<void(const std::string& reply)> accepted;
};

/// The whole message was handed over, and no answer came: perhaps it was accepted, perhaps not.
class OutcomeUnknown : public Error {
 public:
  using Error::Error;
};

/// Sends one mail. The certificate is always checked, against the time, the authorities and the
/// host; TLS is 1.2 or later. Proxies and .netrc do not count. password: of server.user; libcurl's
/// copy of it is freed and not wiped.
///
/// Throws OutcomeUnknown; otherwise the server does not have the mail, and it is
/// Error{Code::unavailable} for a server that cannot be reached, has no STARTTLS, shows a
/// certificate that is not trusted, breaks off, or refuses for now (4yz);
/// Error{Code::no_permission} when it refuses the login; Error{Code::verdict} when it refuses
/// sender, recipient or message for good (5yz); Error{Code::no_input} for a ca_file that cannot be
/// read; os::Interrupted when `stop` asks for it, which takes a second at most. Each has the
/// server's reply. Error{Code::bug} for addresses and messages that are not as above.
void send_mail(const MailServer& server, const crypto::Secret& password, const Letter& letter,
               const Handover& handover, const std::stop_token& stop);

}  // namespace trackier::net
