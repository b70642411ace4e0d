// The command that keeps keys; its verbs are in the files keys_*.cpp.
#include "keys.hpp"

#include "commands.hpp"

namespace trackier::cli {

Command keys() {
  Command command{"keys", "make, rotate, move to, retire, share and destroy keys"};
  command.about(
      "Keys are kept in one file, the keyring, which opens with any of its unlock methods.\n"
      "A key is named TENANT/PURPOSE/VERSION, as acme/encrypt/3; without the version the active\n"
      "one is meant. Keys of no tenant belong to house. man trackier-ctl-keys tells what each\n"
      "verb does not achieve.");
  command.add(keys_verbs::make_new());
  command.add(keys_verbs::make_list());
  command.add(keys_verbs::make_public());
  command.add(keys_verbs::make_import());
  command.add(keys_verbs::make_unlock());
  command.add(keys_verbs::make_passphrase());
  command.add(keys_verbs::make_rotate());
  command.add(keys_verbs::make_mark());
  command.add(keys_verbs::make_rewrap());
  command.add(keys_verbs::make_reencrypt());
  command.add(keys_verbs::make_census());
  command.add(keys_verbs::make_retire());
  command.add(keys_verbs::make_destroy());
  command.add(keys_verbs::make_split());
  command.add(keys_verbs::make_combine());
  command.add(keys_verbs::make_request());
  command.add(keys_verbs::make_approve());
  command.add(keys_verbs::make_epoch());
  command.add(keys_verbs::make_hold());
  command.add(keys_verbs::make_shred());
  command.example("trackier-ctl keys new house/encrypt acme/encrypt");
  command.example("trackier-ctl keys public acme/encrypt > acme.recipient");
  return command;
}

}  // namespace trackier::cli
