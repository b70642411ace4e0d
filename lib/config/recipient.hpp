#pragma once
/// Recipients as people write them, in settings, in files and on the command line.

#include <optional>
#include <string_view>

#include "crypto/x25519.hpp"
#include "keyring/recipient_line.hpp"

namespace trackier::config {

struct GivenRecipient {
  crypto::X25519Public key{};
  std::optional<keyring::RecipientLine> line;  ///< none: the key was given bare
};

/// A line as of keyring/recipient_line.hpp, or 43 characters of base64. Throws Error{Code::data}
/// saying what is wrong, without repeating the text: it may be a private key, by mistake.
GivenRecipient parse_recipient(std::string_view text);

/// The same, or a line as of access/officer.hpp.
GivenRecipient parse_officer(std::string_view text);

}  // namespace trackier::config
