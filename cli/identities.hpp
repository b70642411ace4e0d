#pragma once
/// What a run opens envelopes with.

#include <optional>
#include <string>
#include <vector>

#include "context.hpp"
#include "envelope/identity.hpp"
#include "keyring_access.hpp"

namespace trackier::cli {

struct IdentityOptions {
  std::vector<std::string> references;  ///< -i
  bool passphrase = false;
  KeyringOptions keyring;
  std::optional<std::string> request;  ///< --request, with its one-time key beside it
  std::vector<std::string> approvals;  ///< --approval

  [[nodiscard]] bool names_keyring() const { return keyring.path || !keyring.unlock.empty(); }
  [[nodiscard]] bool any() const {
    return passphrase || request || !references.empty() || names_keyring();
  }
};

/// The options that name identities, the same for every command that opens envelopes.
void add_identity_options(Command& command, IdentityOptions& options);

/// Fetches the keys; a passphrase is asked for when an envelope needs it. When nothing is named,
/// the keyring serves that the settings name. Throws Error{Code::usage} when they name none, what
/// keys::load_key throws for a key that is missing or unfit.
envelope::Identities identities_of(Context& context, const IdentityOptions& options);

}  // namespace trackier::cli
