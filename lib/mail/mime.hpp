#pragma once
/// How MIME writes text that is not ASCII.

#include <string>
#include <string_view>

namespace trackier::mail {

/// Quoted-printable (RFC 2045, section 6.7): lines of at most 76 characters that end with CRLF, no
/// space at the end of a line, no line that begins with a full stop or "From ", which some mail
/// programs change. text: UTF-8 with any line breaks.
std::string quoted_printable(std::string_view text);

/// "Name: value" with its CRLF, folded. value: UTF-8 without control characters; encoded words
/// (RFC 2047) when it is not ASCII or does not fold well. Unfolding gives the value back exactly.
std::string text_header(std::string_view name, std::string_view value);

/// "Name: "display name" <address>" with its CRLF.
std::string mailbox_header(std::string_view name, std::string_view display,
                           std::string_view address);

}  // namespace trackier::mail
