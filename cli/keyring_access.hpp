#pragma once
/// Where the keyring is, and what opens it.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "context.hpp"
#include "core/time.hpp"
#include "crypto/secret.hpp"
#include "envelope/identity.hpp"
#include "keyring/keyring_file.hpp"
#include "keys/epoch_key.hpp"
#include "keys/reference.hpp"

namespace trackier::cli {

struct KeyringOptions {
  std::optional<std::string> path;  ///< --keyring; otherwise as the settings say
  std::vector<std::string> unlock;  ///< --unlock: references, or "passphrase"; otherwise as above
  bool accept_rollback = false;
  bool allow_suspended = false;
};

void add_keyring_options(Command& command, KeyringOptions& options);

/// What opens the keyring: the command line's, the settings', or else the passphrase.
std::vector<std::string> unlocks_of(Context& context, const KeyringOptions& options);

enum class Store : bool { left_out, included };

/// Where envelopes are: `paths`, and what the settings name, keyring.roots and the store of
/// backups. Throws Error{Code::usage} for none.
std::vector<std::filesystem::path> all_roots(Context& context,
                                             const std::vector<std::string>& paths,
                                             Store store = Store::included);

/// `paths`, or without any what the settings name. Throws Error{Code::usage} for none.
std::vector<std::filesystem::path> paths_or_roots(Context& context,
                                                  const std::vector<std::string>& paths,
                                                  Store store = Store::included);

/// The file that a reference, or a path alone, names; none for what is no file.
std::optional<std::filesystem::path> key_file_of(const std::string& text);

/// Fetches what a reference, or a path alone, names. Throws what keys::load_key throws.
crypto::Secret load_named_key(Context& context, const std::string& text);

/// Fetches a password. Throws what keys::load_password throws.
crypto::Secret load_named_password(Context& context, const std::string& text);

keyring::KeyringPlace keyring_place(Context& context, const KeyringOptions& options);

/// "passphrase" is asked for twice. label: none for what `text` says.
keyring::NewUnlock new_unlock(Context& context, const std::string& text,
                              const std::optional<std::string>& label = {});

/// Throws what KeyringFile::open throws; without --unlock the passphrase is asked for.
keyring::KeyringFile open_keyring(Context& context, const KeyringOptions& options,
                                  keyring::Access access);

/// Saves a change, and warns when a rollback of it would not be noticed. undo: as of
/// KeyringFile::save. Throws what that throws.
void save_keyring(
    Context& context, keyring::KeyringFile& file, const std::function<void()>& undo = [] {});

/// Fetches a key for a command that has the options of the keyring; `keyring:NAME` is one of it.
crypto::Secret load_key_of(Context& context, const keys::Reference& reference,
                           const KeyringOptions& options);

/// The same of a key that may have periods.
keys::AnyKey load_any_key_of(Context& context, const keys::Reference& reference);

/// The same of what a reference, or a path alone, names.
keys::AnyKey load_any_named_key(Context& context, const std::string& text);

/// The identities of a keyring, which they keep. A key that is compromised is warned of when it
/// opens an envelope.
envelope::Identities keyring_identities(Context& context, const KeyringOptions& options);

/// What time it is.
Time now();

}  // namespace trackier::cli
