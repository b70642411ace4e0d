// What opens the keyring, and the sharing of it.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/text.hpp"
#include "crypto/random.hpp"
#include "envelope/recipient.hpp"
#include "keyring/share.hpp"
#include "keyring_access.hpp"
#include "keys.hpp"
#include "keys/reference.hpp"
#include "passphrase.hpp"
#include "private_file.hpp"

namespace trackier::cli::keys_verbs {
namespace {

using Json = nlohmann::ordered_json;
using keyring::Access;
using keyring::KeyringFile;
using keyring::UnlockMethod;

struct Options {
  KeyringOptions keyring;
  std::string label;
  std::optional<std::string> with;
  std::optional<std::string> new_label;
  std::optional<unsigned> threshold;
  std::optional<unsigned> shares;
  std::optional<std::string> directory;
  std::optional<std::string> output;
  std::vector<std::string> files;
  bool json = false;
  bool force = false;
};

int run_list(Context& context, const Options& options) {
  const KeyringFile file = open_keyring(context, options.keyring, Access::read);
  for (const UnlockMethod& method : file.unlocks()) {
    const Json json{{"label", method.label},
                    {"kind", to_text(method.kind)},
                    {"id", method.id},
                    {"added", to_rfc3339(method.added)}};
    context.out().result(options.json ? json.dump() + "\n"
                                      : fmt::format("{}  {}  {}  since {}\n",
                                                    printable(method.label), to_text(method.kind),
                                                    method.id, to_rfc3339(method.added)));
  }
  return 0;
}

int run_add(Context& context, const Options& options) {
  KeyringFile file = open_keyring(context, options.keyring, Access::change);
  file.add_unlock(new_unlock(context, options.with.value_or(""), options.new_label), now());
  save_keyring(context, file);
  return 0;
}

int run_remove(Context& context, const Options& options) {
  KeyringFile file = open_keyring(context, options.keyring, Access::change);
  file.remove_unlock(options.label);
  save_keyring(context, file);
  context.out().caveat("old copies of the keyring still open with it");
  return 0;
}

int run_passphrase(Context& context, const Options& options) {
  KeyringFile file = open_keyring(context, options.keyring, Access::change);
  std::vector<std::string> old;
  for (const UnlockMethod& method : file.unlocks()) {
    if (method.kind == UnlockMethod::Kind::passphrase) {
      old.push_back(method.id);
    }
  }
  const std::string label = fmt::format("passphrase {}", file.keyring().document().generation + 1);
  file.add_unlock(
      {.recipient = envelope::passphrase_recipient(ask_new_passphrase(context)), .label = label},
      now());
  for (const std::string& id : old) {
    file.remove_unlock(id);
  }
  save_keyring(context, file);
  context.out().caveat("old copies of the keyring still open with the old passphrase");
  return 0;
}

int run_split(Context& context, const Options& options) {
  const std::filesystem::path directory = *options.directory;
  KeyringFile file = open_keyring(context, options.keyring, Access::change);
  const crypto::Secret key = crypto::random_secret(32);
  const auto shares = keyring::split(key, *options.threshold, *options.shares);
  const std::string set = envelope::to_text(shares.front().set);
  file.add_unlock(
      {.recipient = envelope::wrapping_key_recipient(crypto::Secret::copy_of(key.bytes())),
       .label = options.new_label.value_or(
           fmt::format("shares {} ({} of {})", set, *options.threshold, *options.shares))},
      now());
  // The shares are written first: a keyring that names shares nobody has would be the worse rest.
  context.files().create_directories(directory);
  std::vector<std::filesystem::path> written;
  const auto remove_shares = [&] {  // of a key that opens nothing
    for (const auto& path : written) {
      context.files().remove(path);
    }
  };
  try {
    for (const keyring::Share& share : shares) {
      const auto path = directory / fmt::format("share-{}.txt", share.x);
      write_private_file(context, path, to_text(share).bytes(), {.replace = options.force});
      written.push_back(path);
    }
  } catch (...) {
    remove_shares();
    throw;
  }
  save_keyring(context, file, remove_shares);
  context.out().note("hand the shares to different people, and remove the files");
  return 0;
}

int run_combine(Context& context, const Options& options) {
  if (*options.output == "-") {
    throw Error{Code::usage, "the key does not go to standard output", "name a file with -o"};
  }
  std::vector<keyring::NamedShare> shares;
  for (const std::string& name : options.files) {
    const auto file = context.files().open(name);
    crypto::Secret text{4096};
    std::size_t size = 0;
    for (std::size_t got = 1; got > 0 && size < text.size(); size += got) {
      got = file->read(text.writable().subspan(size));
    }
    shares.push_back({.name = printable(name),
                      .share = keyring::parse_share(text.bytes().first(size), printable(name))});
  }
  const crypto::Secret key = keyring::combine(shares);
  const crypto::Secret text = keys::key_file_text(key);
  write_private_file(
      context, *options.output, text.bytes(),
      {.replace = options.force, .inputs = {options.files.begin(), options.files.end()}});
  return 0;
}

}  // namespace

Command make_unlock() {
  Command command{"unlock", "list, add and remove what opens the keyring"};
  command.about("The keyring opens with any of its unlock methods. Have two, in different places.");
  const auto listing = std::make_shared<Options>();
  Command list = keyring_verb("list", "print the unlock methods",
                              "Prints label, kind and id of each.", listing, run_list);
  list.flag("--json", listing->json, "print a line of JSON for each");
  command.add(std::move(list));

  const auto adding = std::make_shared<Options>();
  Command add = keyring_verb("add", "add an unlock method",
                             "The keyring has to be opened with one it has.", adding, run_add);
  add.option("--with", adding->with, "REFERENCE", "the new key, or the word passphrase").required();
  add.option("--label", adding->new_label, "TEXT", "what it is called in lists");
  command.add(std::move(add));

  const auto removing = std::make_shared<Options>();
  Command remove = keyring_verb("remove", "take an unlock method away",
                                "The last one stays. Old copies of the keyring still open with it.",
                                removing, run_remove);
  remove.positional("LABEL", removing->label, "label or id, as listed").required();
  command.add(std::move(remove));
  return command;
}

Command make_passphrase() {
  const auto options = std::make_shared<Options>();
  Command command =
      keyring_verb("passphrase", "replace the passphrase of the keyring",
                   "Asks for a new one twice; the old one is taken away.", options, run_passphrase);
  return command;
}

Command make_split() {
  const auto options = std::make_shared<Options>();
  Command command = keyring_verb("split", "make an unlock key that several people hold together",
                                 "Any K of the N shares open the keyring, fewer say nothing.",
                                 options, run_split);
  command.option("--threshold", options->threshold, "K", "shares that are needed", 2, 16)
      .required();
  command.option("--shares", options->shares, "N", "shares that are made", 2, 16).required();
  command.option("--out-dir", options->directory, "DIR", "write share-1.txt and so on here")
      .required()
      .offers(Offer::directories);
  command.option("--label", options->new_label, "TEXT", "what it is called in lists");
  command.flag("--force", options->force, "replace shares that exist");
  return command;
}

Command make_combine() {
  const auto options = std::make_shared<Options>();
  Command command = verb("combine", "make the unlock key from its shares",
                         "Do this on a machine that is off the network: the key is whole there.",
                         options, run_combine);
  command.positionals("SHARE", options->files, "files with a share each")
      .required()
      .offers(Offer::files);
  command.option("-o,--output", options->output, "FILE", "write the key here, for --unlock")
      .required()
      .offers(Offer::files);
  command.flag("--force", options->force, "replace an output that exists");
  return command;
}

}  // namespace trackier::cli::keys_verbs
