#pragma once
/// What a run opens envelopes with.

#include <string>
#include <vector>

#include "context.hpp"
#include "envelope/identity.hpp"

namespace trackier::cli {

struct IdentityOptions {
  std::vector<std::string> references;  ///< -i
  bool passphrase = false;

  [[nodiscard]] bool any() const { return passphrase || !references.empty(); }
};

/// The options that name identities, the same for every command that opens envelopes.
void add_identity_options(Command& command, IdentityOptions& options);

/// Fetches the keys; a passphrase is asked for when an envelope needs it. Throws
/// Error{Code::usage} when nothing is named, what keys::load_key throws for a key that is missing
/// or unfit.
envelope::Identities identities_of(Context& context, const IdentityOptions& options);

}  // namespace trackier::cli
