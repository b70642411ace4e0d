#pragma once
/// New envelopes with new data keys in the places of old ones.

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "context.hpp"
#include "envelope/open.hpp"
#include "envelope/recipient.hpp"
#include "keyring/keyring.hpp"
#include "recipients.hpp"
#include "rewrapper.hpp"

namespace trackier::cli {

class Reencrypter {
 public:
  /// All outlive it. known: recipients who are not in the keyring.
  Reencrypter(Context& context, const keyring::Keyring& keys, const Successors& successors,
              const KnownRecipients& known);

  /// Removes what killed runs have left beside the envelopes that are to be made anew: temporaries
  /// which nobody has open. What the kernel does not tell of stays.
  void remove_leftovers(const std::vector<std::filesystem::path>& paths);

  /// Makes the new envelope beside the old one, reads it again, and puts it in its place. Throws;
  /// then the old one is there as it was.
  void move(const std::filesystem::path& path);

 private:
  void remove_leftovers(const std::filesystem::path& directory, const std::set<std::string>& stems);
  [[nodiscard]] envelope::Recipients recipients_for(const envelope::Block& block,
                                                    const std::string& name) const;
  [[nodiscard]] std::optional<crypto::X25519Public> key_for(const envelope::KeyId& id) const;

  Context& context_;
  const keyring::Keyring& keys_;
  const Successors& successors_;
  const KnownRecipients& known_;
  envelope::Identities identities_;
};

}  // namespace trackier::cli
