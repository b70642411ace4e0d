#include "identities.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "keys/reference.hpp"
#include "passphrase.hpp"

namespace trackier::cli {
namespace {

/// A path alone is a file; what looks like a key itself is not repeated as the name of one.
keys::Reference reference_in(const std::string& text) {
  constexpr std::array schemes{"file:", "fd:", "credential:", "command:"};
  const bool has_scheme = std::ranges::any_of(
      schemes, [&text](std::string_view scheme) { return text.starts_with(scheme); });
  const bool is_key = text.size() == 64 && std::ranges::all_of(text, [](char c) {
                        return std::isxdigit(static_cast<unsigned char>(c)) != 0;
                      });
  if (has_scheme || is_key || text.empty()) {
    return keys::parse_reference(text);
  }
  return {.scheme = keys::Reference::Scheme::file, .value = text};
}

}  // namespace

void add_identity_options(Command& command, IdentityOptions& options) {
  command
      .option("-i,--identity", options.references, "REFERENCE",
              "private key: a file, credential:, fd: or command:; may be repeated")
      .offers(Offer::files);
  command.flag("--passphrase", options.passphrase,
               "ask for the passphrase of an envelope that has one");
}

envelope::Identities identities_of(Context& context, const IdentityOptions& options) {
  if (!options.any()) {
    throw Error{Code::usage, "nothing is named to open envelopes with",
                "pass -i with a private key, or --passphrase"};
  }
  const Environment& environment = context.environment();
  envelope::Identities identities;
  for (const std::string& text : options.references) {
    identities.push_back(envelope::private_key_identity(keys::load_key(
        reference_in(text), {.files = context.files(),
                             .credentials_directory = environment.credentials_directory,
                             .environment = environment.variables})));
  }
  if (options.passphrase) {
    identities.push_back(envelope::passphrase_identity(
        [&context] { return ask_passphrase(context, "Passphrase: "); }));
  }
  return identities;
}

}  // namespace trackier::cli
