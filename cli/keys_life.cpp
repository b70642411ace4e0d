// Keys are made, shown, and led from state to state.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "access/officer.hpp"
#include "core/text.hpp"
#include "crypto/base64.hpp"
#include "keyring/shred_half.hpp"
#include "keyring_access.hpp"
#include "keys.hpp"

namespace trackier::cli::keys_verbs {
namespace {

using Json = nlohmann::ordered_json;
using keyring::Access;
using keyring::Key;
using keyring::KeyName;
using keyring::KeyringFile;
using keyring::Series;

struct Options {
  KeyringOptions keyring;
  std::vector<std::string> names;
  std::string name;
  std::optional<std::string> not_after;
  std::optional<std::string> reason;
  std::optional<std::string> state;
  std::optional<std::string> reference;
  std::optional<std::string> officer;
  bool pending = false;
  bool json = false;
  bool signer = false;
  bool undo = false;
  bool dry_run = false;
};

Series series_of(const std::string& text) {
  if (const auto series = keyring::parse_series(text)) {
    return *series;
  }
  throw Error{Code::usage, fmt::format("{} is not the name of a key", printable(text)),
              "it reads TENANT/PURPOSE, as acme/encrypt; purposes are encrypt, backup, "
              "pseudonymize and audit-sign"};
}

keyring::NewKeyOptions how(const Options& options) {
  keyring::NewKeyOptions made{
      .pending = options.pending, .not_after = {}, .reason = options.reason.value_or("")};
  if (options.not_after) {
    made.not_after = parse_rfc3339(*options.not_after);
    if (!made.not_after) {
      throw Error{Code::usage, fmt::format("{} is not a time", printable(*options.not_after)),
                  "write it as 2027-01-01T00:00:00Z"};
    }
    if (*made.not_after <= now()) {
      throw Error{Code::usage, fmt::format("{} is over already", *options.not_after),
                  "nothing could be encrypted to the key"};
    }
  }
  return made;
}

KeyringFile opened(Context& context, const Options& options) {
  return open_keyring(context, options.keyring, options.dry_run ? Access::read : Access::change);
}

/// Saves what has changed; or, false, says what it would have been.
bool conclude(Context& context, KeyringFile& file, const keyring::Document& before,
              const Options& options) {
  if (!options.dry_run) {
    save_keyring(context, file);
    return true;
  }
  for (const Key& key : file.keyring().document().keys) {
    const auto old = std::ranges::find(before.keys, key.name, &Key::name);
    if (old == before.keys.end()) {
      context.out().result(
          fmt::format("{}: would be made, {}\n", to_text(key.name), to_text(key.state)));
    } else if (old->state != key.state) {
      context.out().result(fmt::format("{}: {}, would be {}\n", to_text(key.name),
                                       to_text(old->state), to_text(key.state)));
    }
  }
  return false;
}

/// Opens the keyring, or makes one that signs.
KeyringFile opened_or_made(Context& context, const Options& all) {
  const KeyringOptions& options = all.keyring;
  const auto place = keyring_place(context, options);
  if (all.dry_run || context.files().status(place.path)) {
    return opened(context, all);
  }
  std::vector<keyring::NewUnlock> unlocks;
  for (const std::string& text : unlocks_of(context, options)) {
    unlocks.push_back(new_unlock(context, text));
  }
  context.files().create_directories(place.state_directory);
  auto file = KeyringFile::create(context.files(), place, unlocks, now(),
                                  keyring::halves_in_places(context.files()));
  file.keyring().new_key(
      {.tenant = std::string{keyring::house}, .purpose = keyring::Purpose::audit_sign},
      {.not_after = {}, .reason = "made with the keyring"}, now());
  file.save(now());
  context.out().note(
      fmt::format("made the keyring {}; keep a copy of it, and a second way to "
                  "unlock it, in other places",
                  printable(place.path.native())));
  return file;
}

void tell_made(Context& context, const std::vector<KeyName>& names, const Options& options) {
  for (const KeyName& name : names) {
    context.out().detail(
        fmt::format("{} is {}", to_text(name), options.pending ? "pending" : "active"));
  }
}

int run_new(Context& context, const Options& options) {
  std::vector<Series> wanted;
  std::ranges::transform(options.names, std::back_inserter(wanted), series_of);
  for (auto each = wanted.begin(); each != wanted.end(); ++each) {
    if (std::find(wanted.begin(), each, *each) != each) {
      throw Error{Code::usage, fmt::format("{} is named twice", to_text(*each))};
    }
  }
  const keyring::NewKeyOptions made = how(options);
  const bool is_new = !context.files().status(keyring_place(context, options.keyring).path);
  if (is_new && options.dry_run) {
    context.out().result("a keyring would be made, with house/audit-sign/1\n");
    for (const Series& series : wanted) {
      context.out().result(fmt::format("{}/1: would be made\n", to_text(series)));
    }
    return 0;
  }
  KeyringFile file = opened_or_made(context, options);
  const keyring::Document before = file.keyring().document();
  std::vector<KeyName> names;
  for (const Series& series : wanted) {
    const bool is_there = is_new &&
                          series == Series{.tenant = std::string{keyring::house},
                                           .purpose = keyring::Purpose::audit_sign} &&
                          file.keyring().active(series) != nullptr;
    names.push_back(is_there ? file.keyring().active(series)->name
                             : file.keyring().new_key(series, made, now()));
  }
  if (conclude(context, file, before, options)) {
    tell_made(context, names, options);
  }
  return 0;
}

int run_import(Context& context, const Options& options) {
  const Series series = series_of(options.name);
  const crypto::Secret secret = load_named_key(context, options.reference.value_or(""));
  KeyringFile file = opened_or_made(context, options);
  const keyring::Document before = file.keyring().document();
  const KeyName name = file.keyring().import_key(series, secret, how(options), now());
  if (conclude(context, file, before, options)) {
    tell_made(context, {name}, options);
  }
  return 0;
}

Json json_of(const Key& key) {
  return {{"name", to_text(key.name)},
          {"state", to_text(key.state)},
          {"id", envelope::to_text(key.id)},
          {"created", to_rfc3339(key.created)},
          {"since", to_rfc3339(key.history.back().time)},
          {"not_after", key.not_after ? Json(to_rfc3339(*key.not_after)) : Json()},
          {"reason", key.history.back().reason}};
}

int run_list(Context& context, const Options& options) {
  const KeyringFile file = open_keyring(context, options.keyring, Access::read);
  const auto& keys = file.keyring().document().keys;
  std::size_t width = 0;
  for (const Key& key : keys) {
    width = std::max(width, to_text(key.name).size());
  }
  for (const Key& key : keys) {
    if (options.json) {
      context.out().result(json_of(key).dump() + "\n");
      continue;
    }
    const std::string until =
        key.not_after ? fmt::format("  until {}", to_rfc3339(*key.not_after)) : "";
    context.out().result(fmt::format("{:{}}  {:12}  {}  since {}{}\n", to_text(key.name), width,
                                     to_text(key.state), envelope::to_text(key.id),
                                     to_rfc3339(key.history.back().time), until));
  }
  return 0;
}

int run_public(Context& context, const Options& options) {
  if (options.officer && !options.reference) {
    throw Error{Code::usage, "--officer needs the officer's key", "name it with --of"};
  }
  if (!options.names.empty() && (options.signer || options.reference)) {
    throw Error{Code::usage, "names of keys go with neither --signer nor --of"};
  }
  if (options.reference) {
    const crypto::Secret key = load_named_key(context, *options.reference);
    context.out().result((options.officer ? to_text(access::officer_of(*options.officer, key))
                                          : crypto::base64(crypto::x25519_public(key))) +
                         "\n");
    return 0;
  }
  const KeyringFile file = open_keyring(context, options.keyring, Access::read);
  const keyring::Keyring& keys = file.keyring();
  if (options.signer) {
    const auto signer = keys.signer();
    if (!signer) {
      throw Error{Code::no_permission, "no key signs recipient lines",
                  "trackier-ctl keys new house/audit-sign makes one"};
    }
    context.out().result(keyring::signer_text(*signer) + "\n");
    return 0;
  }
  std::vector<KeyName> names;
  for (const std::string& name : options.names) {
    names.push_back(keys.named(name).name);
  }
  if (options.names.empty()) {
    for (const Key& key : keys.document().keys) {
      if (keyring::seals_envelopes(key.name.purpose) && key.state == keyring::State::active) {
        names.push_back(key.name);
      }
    }
  }
  for (const KeyName& name : names) {
    context.out().result(to_text(keys.recipient_line(name)) + "\n");
  }
  return 0;
}

int run_rotate(Context& context, const Options& options) {
  std::vector<Series> wanted;
  std::ranges::transform(options.names, std::back_inserter(wanted), series_of);
  KeyringFile file = opened(context, options);
  const keyring::Document before = file.keyring().document();
  std::vector<KeyName> names;
  names.reserve(wanted.size());
  for (const Series& series : wanted) {
    names.push_back(file.keyring().rotate(series, how(options), now()));
  }
  if (conclude(context, file, before, options)) {
    for (const KeyName& name : names) {
      context.out().caveat(
          fmt::format("{} is active; what was sealed before is as it was: \"keys rewrap\" moves it",
                      to_text(name)));
    }
  }
  return 0;
}

int run_mark(Context& context, const Options& options) {
  const auto state = keyring::parse_state(options.state.value_or(""));
  if (!state) {
    throw Error{Code::usage, "--as names no state"};
  }
  KeyringFile file = opened(context, options);
  const keyring::Document before = file.keyring().document();
  const KeyName name = file.keyring().named(options.name).name;
  file.keyring().mark(name, *state, options.reason.value_or(""), now());
  if (conclude(context, file, before, options) && *state == keyring::State::compromised) {
    context.out().note(
        fmt::format("{}: rewrapping is not enough, what it protects has to be "
                    "encrypted anew",
                    to_text(name)));
  }
  return 0;
}

int run_retire(Context& context, const Options& options) {
  KeyringFile file = opened(context, options);
  const keyring::Document before = file.keyring().document();
  const KeyName name = file.keyring().named(options.name).name;
  if (options.undo) {
    file.keyring().unretire(name, options.reason.value_or(""), now());
  } else {
    file.keyring().retire(name, options.reason.value_or(""), now());
  }
  const auto end = file.keyring().quarantine_end(file.keyring().key(name));
  if (conclude(context, file, before, options) && end) {
    context.out().detail(
        fmt::format("{} can be destroyed from {} on", to_text(name), to_rfc3339(*end)));
  }
  return 0;
}

/// Of every verb that leads a key on.
void add_step_options(Command& command, Options& options) {
  command.option("--reason", options.reason, "TEXT", "why; kept with the key");
  command.flag("--dry-run", options.dry_run, "print what would change");
}

}  // namespace

Command make_new() {
  const auto options = std::make_shared<Options>();
  Command command =
      keyring_verb("new", "make keys, and the keyring if there is none",
                   "The first version of each key is active at once. A keyring that is made\n"
                   "opens with what --unlock names, or with a passphrase.",
                   options, run_new);
  command.positionals("NAME", options->names, "TENANT/PURPOSE, as acme/encrypt").required();
  command.flag("--pending", options->pending, "made, but not active yet");
  command.option("--not-after", options->not_after, "TIME",
                 "nothing is encrypted to it later than this");
  add_step_options(command, *options);
  return command;
}

Command make_import() {
  const auto options = std::make_shared<Options>();
  Command command =
      keyring_verb("import", "take a private key that exists as the next version of a name",
                   "The key is 32 bytes, as 64 hexadecimal digits or raw.", options, run_import);
  command.positional("NAME", options->name, "TENANT/PURPOSE, as acme/encrypt").required();
  command.option("-i,--identity", options->reference, "REFERENCE", "the private key")
      .required()
      .offers(Offer::files);
  command.flag("--pending", options->pending, "taken, but not active yet");
  command.option("--not-after", options->not_after, "TIME",
                 "nothing is encrypted to it later than this");
  add_step_options(command, *options);
  return command;
}

Command make_list() {
  const auto options = std::make_shared<Options>();
  Command command = keyring_verb("list", "print every key with its state, id and age",
                                 "No secret is opened for it.", options, run_list);
  command.flag("--json", options->json, "print a line of JSON for each key");
  return command;
}

Command make_public() {
  const auto options = std::make_shared<Options>();
  Command command = keyring_verb("public", "print what hosts that only write need",
                                 "Prints the signed recipient lines of the active keys that seal\n"
                                 "envelopes, or of those that are named.",
                                 options, run_public);
  command.positionals("NAME", options->names, "TENANT/PURPOSE or TENANT/PURPOSE/VERSION");
  command.flag("--signer", options->signer, "print the public key that signs the lines");
  command
      .option("--of", options->reference, "REFERENCE",
              "print the public key of a private key that is in no keyring")
      .offers(Offer::files);
  command.option("--officer", options->officer, "NAME",
                 "with --of: print the line of an officer of this name");
  return command;
}

Command make_rotate() {
  const auto options = std::make_shared<Options>();
  Command command =
      keyring_verb("rotate", "make a new version and have it active",
                   "The version before is for decryption only from then on. Takes moments;\n"
                   "envelopes are not touched: rewrap moves them.",
                   options, run_rotate);
  command.positionals("NAME", options->names, "TENANT/PURPOSE, as acme/encrypt").required();
  command.option("--not-after", options->not_after, "TIME",
                 "nothing is encrypted to it later than this");
  add_step_options(command, *options);
  return command;
}

Command make_mark() {
  const auto options = std::make_shared<Options>();
  Command command = keyring_verb("mark", "set the state of a version",
                                 "States are those of NIST SP 800-57.", options, run_mark);
  command.positional("NAME", options->name, "TENANT/PURPOSE/VERSION").required();
  command.option("--as", options->state, "STATE", "its state from now on")
      .one_of({"active", "decrypt-only", "suspended", "compromised"})
      .required();
  add_step_options(command, *options);
  return command;
}

Command make_retire() {
  const auto options = std::make_shared<Options>();
  Command command =
      keyring_verb("retire", "end the use of a version and begin its quarantine",
                   "A retired version neither encrypts nor decrypts; it can be destroyed\n"
                   "when the quarantine of 7 days is over.",
                   options, run_retire);
  command.positional("NAME", options->name, "TENANT/PURPOSE/VERSION").required();
  command.flag("--undo", options->undo, "take it back");
  add_step_options(command, *options);
  return command;
}

}  // namespace trackier::cli::keys_verbs
