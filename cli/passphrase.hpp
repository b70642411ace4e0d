#pragma once
/// Asking people for passphrases: on the terminal, and nowhere else.

#include <string_view>

#include "context.hpp"
#include "crypto/secret.hpp"

namespace trackier::cli {

/// There is no passphrase: the same for every file of a run, which ends.
class NoPassphrase : public Error {
 public:
  using Error::Error;
};

/// Throws NoPassphrase, Code::no_permission, when there is no terminal or nothing is typed.
crypto::Secret ask_passphrase(Context& context, std::string_view prompt);

/// Asks twice, for what is sealed under a slip of the finger is lost. Throws
/// NoPassphrase as well when the two differ.
crypto::Secret ask_new_passphrase(Context& context);

}  // namespace trackier::cli
