#pragma once
/// The verbs of `keys`, each made in the file of its kind.

#include <memory>
#include <string>
#include <utility>

#include "args.hpp"
#include "keyring_access.hpp"
#include "os/process.hpp"

namespace trackier::cli::keys_verbs {

/// A verb that runs `act` with its options while nobody can look into the process.
template <typename Options>
Command verb(std::string name, std::string summary, std::string about,
             const std::shared_ptr<Options>& options, int (*act)(Context&, const Options&)) {
  Command command{std::move(name), std::move(summary)};
  command.about(std::move(about));
  command.run([options, act](Context& context) {
    os::forbid_inspection();
    return act(context, *options);
  });
  return command;
}

/// And that opens the keyring.
template <typename Options>
Command keyring_verb(std::string name, std::string summary, std::string about,
                     const std::shared_ptr<Options>& options,
                     int (*act)(Context&, const Options&)) {
  Command command = verb(std::move(name), std::move(summary), std::move(about), options, act);
  add_keyring_options(command, options->keyring);
  return command;
}

Command make_new();  // keys_life.cpp
Command make_import();
Command make_list();
Command make_public();
Command make_rotate();
Command make_mark();
Command make_retire();
Command make_unlock();  // keys_unlock.cpp
Command make_passphrase();
Command make_split();
Command make_combine();
Command make_rewrap();  // keys_files.cpp
Command make_reencrypt();
Command make_census();
Command make_destroy();
Command make_request();  // keys_access.cpp
Command make_approve();
Command make_epoch();  // keys_epoch.cpp
Command make_hold();   // keys_shred.cpp
Command make_shred();

}  // namespace trackier::cli::keys_verbs
