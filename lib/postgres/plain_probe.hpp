#pragma once
/// Whether a server would talk to somebody who does not ask for TLS.

#include <cstdint>
#include <string>

#include "postgres/conninfo.hpp"

namespace trackier::postgres {

struct PlainProbe {
  enum class Outcome : std::uint8_t {
    refused,       ///< the server has turned the connection away for being in plain text
    accepted,      ///< it let it in, or asked for a password, or looked for the role
    local_socket,  ///< there is no TCP, and so no TLS, to be asked about
    unknown,       ///< it could not be reached, or said something else
  };
  Outcome outcome = Outcome::unknown;
  std::string said;  ///< by the server or by libpq; printable
};

/// Connects with sslmode=disable as the role and to the database of `options`, whatever sslmode
/// they have, and hangs up. No password of anybody is sent: one that is none stands in its place.
/// Throws what connection_parameters() throws, but for the sslmode, and Interrupted.
PlainProbe probe_plaintext(const ConnectionOptions& options);

}  // namespace trackier::postgres
