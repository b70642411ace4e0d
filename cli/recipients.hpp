#pragma once
/// For whom a run encrypts: what the command line names, what the settings add, and whether the
/// lines are to be trusted.

#include <map>
#include <memory>
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
  std::vector<std::string> described;      ///< "hpke 1a2b3c4d5e6f7081 acme/encrypt/3", for people
  std::vector<std::string> key_ids;        ///< 16 hexadecimal digits each
  std::vector<crypto::X25519Public> keys;  ///< of the recipients, but for officers
};

/// Throws Error{Code::usage} when nobody is named, or more than fit into a head; Code::usage, data
/// or config for what is no recipient, by where it stands; Code::no_permission for a line that is
/// not signed as the settings demand or whose time is over.
RecipientList recipients_of(Context& context, const RecipientOptions& options);

/// Everybody who is named anywhere, on the command line, with --tenant, and in [encrypt]; for new
/// envelopes in place of old ones, which say by ids who their recipients are. Nobody is no error.
struct KnownRecipients {
  std::map<envelope::KeyId, crypto::X25519Public> keys;
  std::shared_ptr<const envelope::Recipient> officers;  ///< null: the settings name none
};

/// Throws as recipients_of does, except when nobody is named.
KnownRecipients known_recipients(Context& context, const RecipientOptions& options);

}  // namespace trackier::cli
