// Which files a key protects, and how they are moved off it.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "confirmation.hpp"
#include "core/text.hpp"
#include "json_line.hpp"
#include "keyring/census.hpp"
#include "keyring_access.hpp"
#include "keys.hpp"
#include "os/signals.hpp"
#include "reencrypter.hpp"
#include "rewrapper.hpp"

namespace trackier::cli::keys_verbs {
namespace {

using Json = nlohmann::ordered_json;
using keyring::Access;
using keyring::Census;
using keyring::KeyringFile;

struct Options {
  KeyringOptions keyring;
  std::vector<std::string> paths;
  std::string name;
  std::optional<unsigned> max_rate;
  std::optional<std::string> reason;
  bool dry_run = false;
  bool json = false;
  bool yes = false;
  bool all = false;
  RecipientOptions recipients;
};

/// What a census has not seen.
void tell_unreadable(Context& context, const Census& census) {
  for (const auto& link : census.unfollowed) {
    context.out().warning(fmt::format("{}: a symbolic link; what it leads to was not looked at",
                                      printable(link.native())));
  }
  for (const auto& [path, why] : census.unreadable) {
    context.out().warning(fmt::format("{}: {}", printable(path.native()), why));
  }
}

int run_census(Context& context, const Options& options) {
  const KeyringFile file = open_keyring(context, options.keyring, Access::read);
  const Census census = keyring::take_census(
      context.files(), paths_or_roots(context, options.paths), {}, {}, context.interrupt().token());
  os::throw_if_interrupted();
  for (const auto& [id, use] : census.uses) {
    const keyring::Key* const key = file.keyring().find(id);
    const std::string name = key != nullptr ? to_text(key->name) : "unknown";
    const std::string state{key != nullptr ? to_text(key->state) : "not in this keyring"};
    if (options.json) {
      context.out().result(json_line(Json{{"id", envelope::to_text(id)},
                                          {"name", key != nullptr ? Json(name) : Json()},
                                          {"state", key != nullptr ? Json(state) : Json()},
                                          {"files", use.files},
                                          {"bytes", use.bytes},
                                          {"stale", use.stale}}));
      continue;
    }
    context.out().result(fmt::format(
        "{}  {}  {}: {} files, {}{}\n", envelope::to_text(id), name, state, grouped(use.files),
        human_bytes(use.bytes),
        use.stale > 0 ? fmt::format(", {} of them in an old block", grouped(use.stale)) : ""));
  }
  context.out().detail(
      fmt::format("{} envelopes among {} files", grouped(census.envelopes), grouped(census.files)));
  tell_unreadable(context, census);
  return census.unreadable_count > 0 ? static_cast<int>(Code::verdict) : 0;
}

/// Keeps to a number of files in a second.
class Pace {
 public:
  explicit Pace(std::optional<unsigned> most) : most_(most) {}

  void wait() {
    if (!most_) {
      return;
    }
    ++count_;
    const auto due =
        begun_ + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                     std::chrono::duration<double>(static_cast<double>(count_) / *most_));
    while (std::chrono::steady_clock::now() < due) {
      os::throw_if_interrupted();
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
  }

 private:
  std::optional<unsigned> most_;
  std::uint64_t count_ = 0;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

/// Walks once more than is needed: for who waits.
std::uint64_t files_to_move(Context& context, const std::vector<std::filesystem::path>& roots,
                            const Successors& successors) {
  std::uint64_t files = 0;
  keyring::take_census(
      context.files(), roots, {},
      {.progressed = [](const auto&) {},
       .found = [&](const auto&, const auto&,
                    const auto& ids) { files += successors.concern(ids) ? 1U : 0U; }},
      context.interrupt().token());
  os::throw_if_interrupted();
  return files;
}

/// A file that a dry run would move.
void tell_planned(Context& context, const Options& options, const std::filesystem::path& path) {
  context.out().result(options.json ? json_line(Json{{"file", path.native()}})
                                    : printable(path.native()) + "\n");
}

/// Keys that protect files, are outdated, and have no active version to move them to; each told.
bool tell_without_successor(Context& context, const keyring::Keyring& keys,
                            const Successors& successors, const Census& census) {
  bool found = false;
  for (const auto& [id, use] : census.uses) {
    const keyring::Key* const key = keys.find(id);
    const bool outdated = key != nullptr && key->state != keyring::State::active &&
                          key->state != keyring::State::pending;
    if (outdated && !successors.of(id)) {
      found = true;
      context.out().warning(fmt::format("{} is {} and protects {} files, which stay where they are",
                                        to_text(key->name), to_text(key->state),
                                        grouped(use.files)));
    }
  }
  return found;
}

int run_rewrap(Context& context, const Options& options) {
  const KeyringFile file = open_keyring(context, options.keyring, Access::read);
  const Successors successors{file.keyring()};
  const auto identities = file.keyring().identities();
  std::optional<Code> failure;
  std::uint64_t moved = 0;
  Rewrapper rewrapper{context.files(),
                      successors,
                      identities,
                      {.moved = [&](const auto&) { ++moved; },
                       .failed =
                           [&](const Error& error) {
                             context.out().error(error);
                             failure = failure.value_or(error.code());
                           }}};
  Pace pace{options.max_rate};
  const auto roots = paths_or_roots(context, options.paths);
  const auto begun = std::chrono::steady_clock::now();
  const std::uint64_t total =
      context.progress().is_drawn() ? files_to_move(context, roots, successors) : 0;
  context.progress().begin("rewrapping", total, Progress::Unit::files);
  const Census census =
      keyring::take_census(context.files(), roots, {},
                           {.progressed = [](const auto&) {},
                            .found =
                                [&](const auto& path, const auto&, const auto& ids) {
                                  if (!successors.concern(ids)) {
                                    return;
                                  }
                                  if (options.dry_run) {
                                    ++moved;
                                    tell_planned(context, options, path);
                                    return;
                                  }
                                  pace.wait();
                                  rewrapper.add(path);
                                  context.progress().advance(moved, moved);
                                }},
                           context.interrupt().token());
  rewrapper.finish_batch();
  context.progress().clear();
  os::throw_if_interrupted();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  tell_unreadable(context, census);
  const bool stay = tell_without_successor(context, file.keyring(), successors, census);
  if (options.json) {
    context.out().result(json_line(Json{{"dry_run", options.dry_run},
                                        {"envelopes", census.envelopes},
                                        {"moved", moved},
                                        {"unreadable", census.unreadable_count},
                                        {"seconds", seconds}}));
  }
  context.out().caveat(fmt::format(
      "{} of {} envelopes {}; whoever had the old key and a copy can still read the copy",
      grouped(moved), grouped(census.envelopes), options.dry_run ? "would be moved" : "moved"));
  if (failure) {
    return static_cast<int>(*failure);
  }
  return census.unreadable_count > 0 || stay ? static_cast<int>(Code::verdict) : 0;
}

int run_reencrypt(Context& context, const Options& options) {
  const KeyringFile file = open_keyring(context, options.keyring, Access::read);
  const Successors successors{file.keyring()};
  const KnownRecipients known = known_recipients(context, options.recipients);
  const auto is_ours = [&](const auto& id) { return file.keyring().find(id) != nullptr; };
  // Found first and moved then: the walk would meet the new envelopes again.
  std::vector<std::filesystem::path> paths;
  const Census census = keyring::take_census(
      context.files(), paths_or_roots(context, options.paths, Store::left_out), {},
      {.progressed = [](const auto&) {},
       .found =
           [&](const auto& path, const auto&, const auto& ids) {
             if (successors.concern(ids) || (options.all && std::ranges::any_of(ids, is_ours))) {
               paths.push_back(path);
             }
           }},
      context.interrupt().token());
  os::throw_if_interrupted();
  tell_unreadable(context, census);
  const bool stay = tell_without_successor(context, file.keyring(), successors, census);
  Reencrypter reencrypter{context, file.keyring(), successors, known};
  if (!options.dry_run) {
    reencrypter.remove_leftovers(paths);
  }
  std::optional<Code> failure;
  std::uint64_t moved = 0;
  for (const auto& path : paths) {
    if (options.dry_run) {
      tell_planned(context, options, path);
      ++moved;
      continue;
    }
    try {
      reencrypter.move(path);
      ++moved;
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      context.out().error(error);
      failure = failure.value_or(error.code());
    }
  }
  if (options.json) {
    context.out().result(json_line(Json{{"dry_run", options.dry_run},
                                        {"envelopes", census.envelopes},
                                        {"moved", moved},
                                        {"unreadable", census.unreadable_count}}));
  }
  context.out().caveat(fmt::format(
      "{} of {} envelopes {}; copies of the old ones still open with the old key", grouped(moved),
      grouped(census.envelopes), options.dry_run ? "would be made anew" : "made anew"));
  if (failure) {
    return static_cast<int>(*failure);
  }
  return census.unreadable_count > 0 || stay ? static_cast<int>(Code::verdict) : 0;
}

int run_destroy(Context& context, const Options& options) {
  KeyringFile file =
      open_keyring(context, options.keyring, options.dry_run ? Access::read : Access::change);
  keyring::Keyring& keys = file.keyring();
  const keyring::Key& key = keys.named(options.name);
  const keyring::KeyName name = key.name;
  std::optional<Census> census;
  if (keyring::seals_envelopes(name.purpose)) {
    census = keyring::take_census(context.files(), all_roots(context, options.paths), {}, {},
                                  context.interrupt().token());
    os::throw_if_interrupted();
    tell_unreadable(context, *census);
    for (const auto& root : census->empty_roots) {
      context.out().warning(
          fmt::format("{}: there is no envelope: is its disk mounted?", printable(root.native())));
    }
  }
  const Census* const found = census ? &*census : nullptr;
  if (const auto why = keys.why_not_destroy(name, found, now())) {
    throw Error{*why};
  }
  if (options.dry_run) {
    context.out().result(fmt::format("{} would be destroyed\n", to_text(name)));
    if (census) {
      context.out().result(fmt::format("looked at {} files, {} of them envelopes\n",
                                       grouped(census->files), grouped(census->envelopes)));
    }
    return 0;
  }
  if (!options.yes) {
    confirm(context, fmt::format("{} would be destroyed for ever", to_text(name)), to_text(name),
            "pass --yes to do it");
  }
  keys.destroy(name, found, options.reason.value_or(""), now());
  save_keyring(context, file);
  context.out().caveat(
      fmt::format("{} is destroyed; copies of the keyring still have it", to_text(name)));
  return 0;
}

void add_paths(Command& command, std::vector<std::string>& paths) {
  command.positionals("PATH", paths, "files and directories that hold envelopes")
      .offers(Offer::files);
}

}  // namespace

Command make_reencrypt() {
  const auto options = std::make_shared<Options>();
  Command command = keyring_verb(
      "reencrypt", "make envelopes anew, with new data keys",
      "Those sealed for outdated keys, or all. The only answer to a compromise, and as\n"
      "slow as copying; rewrap is for routine. Copies of old envelopes stay readable\n"
      "with the old key.",
      options, run_reencrypt);
  add_paths(command, options->paths);
  command.flag("--all", options->all, "envelopes for active keys too");
  command.option("-r,--recipient", options->recipients.recipients, "RECIPIENT",
                 "someone who is a recipient already, outside the keyring; may be repeated");
  command
      .option("-R,--recipients-file", options->recipients.files, "FILE",
              "the same, one on each line; may be repeated")
      .offers(Offer::files);
  command.option("--tenant", options->recipients.tenant, "NAME",
                 "the recipients that the settings name for a tenant");
  command.flag("--unsigned-recipient", options->recipients.unsigned_recipient,
               "take a bare key though the settings demand signed lines");
  command.flag("--dry-run", options->dry_run, "print what would be made anew");
  command.flag("--json", options->json, "print the result as JSON");
  return command;
}

Command make_rewrap() {
  const auto options = std::make_shared<Options>();
  Command command =
      keyring_verb("rewrap", "move envelopes to the active versions of their keys",
                   "In place: 8 KiB of each are written, whatever its size. At every instant\n"
                   "each file opens with the old key or the new one; run it again to resume.\n"
                   "Whoever had the old key and a copy of a file can still read the copy.",
                   options, run_rewrap);
  add_paths(command, options->paths);
  command.option("--max-rate", options->max_rate, "FILES", "move at most so many in a second", 1,
                 1'000'000);
  command.flag("--dry-run", options->dry_run, "print what would be moved");
  command.flag("--json", options->json, "print the result as JSON");
  return command;
}

Command make_census() {
  const auto options = std::make_shared<Options>();
  Command command = keyring_verb("census", "count which keys still protect which files",
                                 "Old blocks and sidecars count too; what cannot be read is named.",
                                 options, run_census);
  add_paths(command, options->paths);
  command.flag("--json", options->json, "print a line of JSON for each key");
  return command;
}

Command make_destroy() {
  const auto options = std::make_shared<Options>();
  Command command =
      keyring_verb("destroy", "forget the secret of a version for ever",
                   "Refuses unless it is retired, its quarantine over, and nothing under the\n"
                   "paths needs it.",
                   options, run_destroy);
  command.positional("NAME", options->name, "TENANT/PURPOSE/VERSION").required();
  add_paths(command, options->paths);
  command.flag("--yes", options->yes, "do it");
  command.flag("--dry-run", options->dry_run, "say whether it would be refused");
  command.option("--reason", options->reason, "TEXT", "why; kept with the key");
  return command;
}

}  // namespace trackier::cli::keys_verbs
