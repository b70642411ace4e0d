#pragma once
/// For whom a run encrypts: what the command line names, what the settings add, and whether the
/// lines are to be trusted.

#include <optional>
#include <string>
#include <vector>

#include "context.hpp"
#include "envelope/recipient.hpp"

namespace trackier::cli {

struct RecipientOptions {
  std::vector<std::string> recipients;  ///< -r
  std::vector<std::string> files;       ///< -R
  std::optional<std::string> tenant;
  bool passphrase = false;  ///< then nobody else, and the caller asks for it
  bool unsigned_recipient = false;
};

struct RecipientList {
  envelope::Recipients recipients;
  std::vector<std::string> described;  ///< "hpke 1a2b3c4d5e6f7081 acme/encrypt/3", for people
  std::vector<std::string> key_ids;    ///< 16 hexadecimal digits each
};

/// Throws Error{Code::usage} when nobody is named, or more than fit into a head; Code::usage, data
/// or config for what is no recipient, by where it stands; Code::no_permission for a line that is
/// not signed as the settings demand or whose time is over.
RecipientList recipients_of(Context& context, const RecipientOptions& options);

}  // namespace trackier::cli
