#pragma once
/// Text as a mail: one that a person opens, looks over and sends (.eml), or that goes to a server.

#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace trackier::mail {

/// Everything UTF-8.
struct Mail {
  std::string from_name;  ///< may be empty, as to_name
  std::string from_address;
  std::string to_name;
  std::string to_address;
  std::vector<std::string> more_to;  ///< addresses of further recipients
  std::string subject;
  std::string plain;
  std::string html;        ///< empty: there is plain text alone
  std::string message_id;  ///< "something@host", without angle brackets
  Time date;
  bool is_automatic = false;  ///< says so, that no machine answers it (RFC 3834)
};

/// RFC 5322 with a MIME body (plain text; with HTML multipart/alternative, plain text first). ASCII
/// alone, lines end with CRLF and have at most 78 characters, unless an address alone is longer.
/// The same mail is always the same bytes.
///
/// Throws Error{Code::data} for control characters and invalid UTF-8 in a header, for invalid UTF-8
/// in a body, for an address that is none or is not ASCII, and for an empty subject.
std::string to_eml(const Mail& mail);

/// Throws Error{Code::data} unless `address` is local@domain, in the letters mail programs agree
/// on: no spaces, quotes, comments or angle brackets. what: what the error calls it.
void check_address(std::string_view address, std::string_view what);

}  // namespace trackier::mail
