#pragma once
/// E-mail addresses and the credentials in URLs, both found by their '@'.

#include <optional>
#include <string_view>

#include "anonymize/match.hpp"

namespace trackier::anonymize {

/// What stands around the '@' at `at`: an e-mail address (RFC 5322 as logs write it; also with an
/// address instead of a domain), or `user:password` before the host of a URL. systemd units
/// (getty@tty1.service), git@host, Message-IDs and file names (logo@2x.png) are neither. Looks back
/// no further than the previous '@', so that a text of '@' alone costs no more than any other.
std::optional<Match> mail_at(std::string_view text, std::size_t at);

}  // namespace trackier::anonymize
