#include "identities.hpp"

#include <algorithm>
#include <iterator>

#include "granted_access.hpp"
#include "passphrase.hpp"

namespace trackier::cli {

void add_identity_options(Command& command, IdentityOptions& options) {
  command
      .option("-i,--identity", options.references, "REFERENCE",
              "private key: a file, credential:, fd: or command:; may be repeated")
      .offers(Offer::files);
  command.flag("--passphrase", options.passphrase,
               "ask for the passphrase of an envelope that has one");
  add_keyring_options(command, options.keyring);
  command.flag("--allow-suspended", options.keyring.allow_suspended,
               "open with suspended keys of the keyring, too");
  command.option("--request", options.request, "FILE", "the request that officers have approved")
      .offers(Offer::files);
  command
      .option("--approval", options.approvals, "FILE",
              "an officer's approval of the request; may be repeated")
      .offers(Offer::files);
}

envelope::Identities identities_of(Context& context, const IdentityOptions& options) {
  const config::Keyring& settings = context.settings().keyring;
  const bool settings_name_keyring = !settings.path.empty() || !settings.unlock.empty();
  if (!options.any() && !settings_name_keyring) {
    throw Error{Code::usage, "nothing is named to open envelopes with",
                "pass -i with a private key, --keyring, or --passphrase"};
  }
  if (options.approvals.empty() == options.request.has_value()) {
    throw Error{Code::usage, "a request and its approvals go together",
                "pass --request once, and --approval for each officer"};
  }
  envelope::Identities identities;
  for (const std::string& text : options.references) {
    identities.push_back(envelope::private_key_identity(load_named_key(context, text)));
  }
  if (options.request) {
    identities.push_back(granted_identity(context, *options.request, options.approvals));
  }
  if (options.names_keyring() || !options.any()) {
    std::ranges::move(keyring_identities(context, options.keyring), std::back_inserter(identities));
  }
  if (options.passphrase) {
    identities.push_back(envelope::passphrase_identity(
        [&context] { return ask_passphrase(context, "Passphrase: "); }));
  }
  return identities;
}

}  // namespace trackier::cli
