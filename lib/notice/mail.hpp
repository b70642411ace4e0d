#pragma once
/// A rendered text as a mail (.eml) that a person opens, looks over and sends.

#include <string>
#include <string_view>

#include "core/time.hpp"

namespace trackier::notice {

/// Everything UTF-8.
struct Mail {
  std::string from_name;  ///< may be empty, as to_name
  std::string from_address;
  std::string to_name;
  std::string to_address;
  std::string subject;
  std::string plain;
  std::string html;
  std::string message_id;  ///< "something@host", without angle brackets
  Time date;
};

/// RFC 5322 with a MIME body (multipart/alternative: plain text, then HTML). ASCII alone, lines end
/// with CRLF and have at most 78 characters, unless an address alone is longer. The same mail is
/// always the same bytes.
///
/// Throws Error{Code::data} for control characters and invalid UTF-8 in a header, for invalid UTF-8
/// in a body, for an address that is none or is not ASCII, and for an empty subject.
std::string to_eml(const Mail& mail);

/// Throws Error{Code::data} unless `address` is local@domain, in the letters mail programs agree
/// on: no spaces, quotes, comments or angle brackets. what: what the error calls it.
void check_address(std::string_view address, std::string_view what);

}  // namespace trackier::notice
