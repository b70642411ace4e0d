#pragma once
/// E-mail addresses and the credentials in URLs, both found by their '@'.

#include <optional>
#include <string_view>

#include "anonymize/match.hpp"

namespace trackier::anonymize {

/// What stands around the '@' at `at`: an e-mail address (RFC 5322 as logs write it; also with an
/// address instead of a domain, or its local part in quotes), or `user:password` before the host of
/// a URL. systemd units (getty@tty1.service), git@host, Message-IDs and file names (logo@2x.png)
/// are neither. Looks back no further than the previous '@', so that a text of '@' alone costs no
/// more than any other.
std::optional<Match> mail_at(std::string_view text, std::size_t at);

/// Whether the address around the '@' at `at` goes on with encoded characters that mail_at() cannot
/// see, jos\u00e9@example.com, or begins right behind an escape, %20bob@example.com.
bool is_mail_with_escapes(std::string_view text, std::size_t at);

}  // namespace trackier::anonymize
