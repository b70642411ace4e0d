#pragma once
/// A wish to read one envelope, put before its officers. trackier-access(5), REQUEST.

#include <string>
#include <string_view>

#include "core/time.hpp"
#include "crypto/digest.hpp"
#include "crypto/x25519.hpp"
#include "envelope/format.hpp"

namespace trackier::access {

struct Request {
  envelope::FileId envelope{};
  std::string set;        ///< which of the envelope's sets of shares
  std::string file;       ///< what the requester calls the envelope; printable
  std::string requester;  ///< who will read; printable
  std::string reason;     ///< printable
  Time made{};
  Time expires{};                   ///< at most 31 days after `made`
  crypto::X25519Public one_time{};  ///< shares are released to the holder of this key alone

  friend bool operator==(const Request&, const Request&) = default;
};

/// Throws Error{Code::usage} for an empty or unprintable text, or an expiry that is not after
/// `made` or too far from it.
std::string to_text(const Request& request);

/// Throws Error{Code::data} for anything that to_text() does not write. name: what errors call it.
Request parse_request(std::string_view text, const std::string& name);

/// What approvals refer to.
crypto::Sha256Digest digest_of(const Request& request);

/// Throws Error{Code::no_permission} when `now` is not between `made` (an hour of difference
/// between clocks is granted) and `expires`.
void check_time(const Request& request, Time now);

}  // namespace trackier::access
