#include "config/recipient.hpp"

#include "access/officer.hpp"
#include "core/error.hpp"
#include "crypto/base64.hpp"

namespace trackier::config {

GivenRecipient parse_recipient(std::string_view text) {
  GivenRecipient given;
  if (text.find(' ') != std::string_view::npos) {
    given.line = keyring::parse_recipient_line(text);
    given.key = given.line->key;
    return given;
  }
  if (!crypto::from_base64(text, given.key)) {
    throw Error{Code::data, "neither a recipient line nor a public key",
                "a line begins with tkr1; a public key has 43 characters of base64"};
  }
  return given;
}

GivenRecipient parse_officer(std::string_view text) {
  if (!text.starts_with("tko1 ")) {
    return parse_recipient(text);
  }
  return {.key = access::parse_officer(text).opens};
}

}  // namespace trackier::config
