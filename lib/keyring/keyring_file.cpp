#include "keyring/keyring_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "core/text.hpp"
#include "envelope/format.hpp"
#include "envelope/seal.hpp"
#include "keyring/sealed_text.hpp"
#include "keyring/seen.hpp"
#include "os/file_stream.hpp"
#include "os/replace_file.hpp"
#include "os/signals.hpp"

namespace trackier::keyring {
namespace {

using os::FileStatus;

constexpr std::size_t most_unlocks = 24;
constexpr std::size_t most_passphrases = 4;  // each costs a reader a third of a second

std::filesystem::path directory_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
}

UnlockMethod method_of(const envelope::Stanza& stanza, const std::string& label, Time added) {
  const bool is_key = stanza.type == "kek";
  if ((!is_key && stanza.type != "scrypt") || stanza.arguments.empty()) {
    throw Error{Code::bug, "a keyring opens with keys and passphrases only"};
  }
  return {.kind = is_key ? UnlockMethod::Kind::key : UnlockMethod::Kind::passphrase,
          .id = stanza.arguments[0],
          .label = label,
          .added = added};
}

/// The document and the head are written together; one that does not fit the other was put there
/// by someone with the root key and another program.
void check_stanzas(const std::vector<envelope::Stanza>& stanzas,
                   const std::vector<UnlockMethod>& unlocks) {
  const bool agree =
      std::ranges::equal(stanzas, unlocks, [](const auto& stanza, const auto& unlock) {
        const std::string_view type = unlock.kind == UnlockMethod::Kind::key ? "kek" : "scrypt";
        return stanza.type == type && !stanza.arguments.empty() && stanza.arguments[0] == unlock.id;
      });
  if (!agree) {
    throw Error{Code::data, "the unlock methods of head and document differ"};
  }
}

}  // namespace

KeyringFile::KeyringFile(os::FileSystem& files, KeyringPlace place)
    : files_(&files), place_(std::move(place)) {}

void KeyringFile::lock() {
  std::filesystem::path path = place_.path;
  path += ".lock";
  // Never removed: whoever waits for one that is would hold nothing.
  auto file = files_->create_exclusive(path, 0600);
  if (!file) {
    file = files_->open_for_update(path);
  }
  if (!file->try_lock(0, 1)) {
    throw Error{Code::busy,
                fmt::format("{} is being changed by another run", printable(place_.path.native())),
                "try again when it is done"};
  }
  lock_ = std::move(file);
}

KeyringFile KeyringFile::create(os::FileSystem& files, const KeyringPlace& place,
                                const std::vector<NewUnlock>& unlocks, Time now,
                                HalfProvider halves) {
  const std::string shown = printable(place.path.native());
  const auto directory = directory_of(place.path);
  if (!files.status(directory)) {
    files.create_directories(directory, 0700);
  }
  if (unlocks.empty()) {
    throw Error{Code::usage, "a keyring without a way to open it"};
  }
  if (files.entry(place.path)) {  // and again when it is put in place
    throw Error{Code::cannot_create, fmt::format("{} exists", shown)};
  }
  KeyringFile made{files, place};
  made.lock();
  envelope::Origin origin = envelope::Origin::random();
  made.id_ = origin.id;
  made.is_new_ = true;
  made.keyring_ =
      std::make_unique<Keyring>(Document{.created = now, .saved = now, .latest_time = now},
                                std::move(origin.data_key), std::move(halves));
  for (const NewUnlock& unlock : unlocks) {
    made.add_unlock(unlock, now);
  }
  made.save(now);
  return made;
}

KeyringFile KeyringFile::open(os::FileSystem& files, const KeyringPlace& place,
                              const envelope::Identities& identities,
                              const OpenKeyringOptions& options, const HalfProvider& halves) {
  KeyringFile opened{files, place};
  if (options.access == Access::change) {
    const auto entry = files.entry(place.path);
    if (entry && entry->kind != FileStatus::Kind::regular) {
      throw Error{Code::cannot_create,
                  fmt::format("{} is no regular file", printable(place.path.native())),
                  "name the keyring itself, not a link to it: it is replaced at every change"};
    }
    if (entry) {
      opened.lock();
    }
  }
  opened.read(identities, halves);
  if (!place.state_directory.empty()) {
    opened.seen_ = read_seen(files, place.state_directory, opened.id_);
    if (opened.keyring().document().generation < opened.seen_) {
      // Another run may have saved it between the two looks: then it is no longer older now.
      opened.read(identities, halves);
    }
  }
  opened.notice_generation(options);
  return opened;
}

void KeyringFile::read(const envelope::Identities& identities, const HalfProvider& halves) {
  const std::string name = printable(place_.path.native());
  const auto file = files_->open(place_.path);
  if (file->status().size > envelope::envelope_bytes(most_document_bytes)) {
    throw Error{Code::data, fmt::format("{} is too long for a keyring", name)};
  }
  os::FileSource source{*file};
  OpenedText opened = open_text(source, identities, name);
  id_ = opened.id;
  stanzas_ = std::move(opened.stanzas);
  Document document = doing(name, [&] {
    Document parsed = parse_document(opened.text);
    check_stanzas(stanzas_, parsed.unlocks);
    return parsed;
  });
  keyring_ = std::make_unique<Keyring>(std::move(document), std::move(opened.root_key), halves);
}

void KeyringFile::notice_generation(const OpenKeyringOptions& options) {
  if (place_.state_directory.empty()) {
    return;
  }
  const std::uint64_t generation = keyring_->document().generation;
  if (generation < seen_ && !options.accept_rollback) {
    throw Error{
        Code::data,
        fmt::format("{}: keyring is older than the one used last (generation {}, seen {})",
                    printable(place_.path.native()), generation, seen_),
        "what was done since, a destruction for instance, is undone in it: find the latest, "
        "or pass --accept-rollback"};
  }
  if (generation > seen_) {  // saved elsewhere, or by a run that ended before it was noted
    try {
      write_seen(*files_, place_.state_directory, id_, generation);
      seen_ = generation;
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      if (options.access == Access::change) {
        throw;
      }
      seen_problem_ = error;
    }
  }
}

/// What does not open must not take the place of what does.
std::string KeyringFile::sealed(const Document& document) const {
  const std::string name = printable(place_.path.native());
  std::string sealed = seal_text(to_json(document), keyring_->root_key_, id_, stanzas_);
  const OpenedText again = open_sealed(sealed, keyring_->root_key_, name);
  if (again.stanzas != stanzas_ || parse_document(again.text) != document) {
    throw Error{Code::bug, fmt::format("{}: what would be saved reads differently", name)};
  }
  return sealed;
}

/// What killed saves have left: whole keyrings, with keys that were destroyed since. Nobody else
/// is at it, for the lock is held.
void KeyringFile::remove_leftovers() {
  try {
    for (const auto& path : os::temporaries_of(*files_, place_.path)) {
      files_->remove(path);
    }
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error&) {
    // A directory that cannot be read is no reason to lose the change.
  }
}

void KeyringFile::save(Time now, const std::function<void()>& undo) {
  if (!lock_) {
    throw Error{Code::bug, "a keyring that was opened for reading is not saved"};
  }
  std::optional<os::ReplaceFile> file;
  try {
    Document next = keyring_->document_;
    // After an accepted rollback, past what was used before: otherwise it would be refused again.
    next.generation = std::max(next.generation, seen_) + 1;
    next.saved = keyring_->stamp(now);
    next.latest_time = next.saved;
    const std::string bytes = sealed(next);
    remove_leftovers();
    file.emplace(*files_, place_.path,
                 os::ReplaceOptions{.replace = !is_new_, .sync = true, .mode = 0600});
    file->write(as_bytes(bytes));
    file->finish();
    keyring_->document_ = std::move(next);
  } catch (...) {
    if (!file || !file->is_in_place()) {
      undo();
    }
    throw;
  }
  is_new_ = false;
  note_saved();
}

/// The keyring is in place, whatever becomes of the note: the next opening brings it up.
void KeyringFile::note_saved() {
  seen_problem_.reset();
  if (place_.state_directory.empty()) {
    return;
  }
  const std::uint64_t generation = keyring_->document().generation;
  try {
    write_seen(*files_, place_.state_directory, id_, generation);
    seen_ = generation;
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error& error) {
    seen_problem_ = error;
  }
}

const std::vector<UnlockMethod>& KeyringFile::unlocks() const {
  return keyring_->document().unlocks;
}

void KeyringFile::add_unlock(const NewUnlock& unlock, Time now) {
  std::vector<UnlockMethod>& unlocks = keyring_->document_.unlocks;
  if (!is_plain_text(unlock.label)) {
    throw Error{Code::usage, "a label has 1 to 500 bytes of text without control characters"};
  }
  if (std::ranges::find(unlocks, unlock.label, &UnlockMethod::label) != unlocks.end()) {
    throw Error{Code::usage,
                fmt::format("there is an unlock method {} already", printable(unlock.label))};
  }
  if (unlocks.size() >= most_unlocks) {
    throw Error{Code::usage, "a keyring has at most 24 unlock methods"};
  }
  auto stanzas = unlock.recipient->wrap(keyring_->root_key_, id_);
  if (stanzas.size() != 1) {
    throw Error{Code::bug, "an unlock method is one stanza"};
  }
  UnlockMethod method = method_of(stanzas.front(), unlock.label, keyring_->stamp(now));
  if (const auto same = std::ranges::find(unlocks, method.id, &UnlockMethod::id);
      same != unlocks.end()) {
    throw Error{Code::usage,
                fmt::format("this key is there already, as {}", printable(same->label))};
  }
  const auto passphrases =
      std::ranges::count(unlocks, UnlockMethod::Kind::passphrase, &UnlockMethod::kind);
  if (method.kind == UnlockMethod::Kind::passphrase &&
      std::cmp_greater_equal(passphrases, most_passphrases)) {
    throw Error{Code::usage, "a keyring has at most 4 passphrases"};
  }
  stanzas_.push_back(std::move(stanzas.front()));
  unlocks.push_back(std::move(method));
}

void KeyringFile::remove_unlock(std::string_view label_or_id) {
  std::vector<UnlockMethod>& unlocks = keyring_->document_.unlocks;
  const auto found = std::ranges::find_if(unlocks, [&](const UnlockMethod& unlock) {
    return unlock.label == label_or_id || unlock.id == label_or_id;
  });
  if (found == unlocks.end()) {
    throw Error{Code::no_permission,
                fmt::format("there is no unlock method {}", printable(label_or_id))};
  }
  if (unlocks.size() == 1) {
    throw Error{Code::no_permission,
                fmt::format("{} is the last unlock method", printable(found->label)),
                "add another first: without one nothing opens the keyring"};
  }
  stanzas_.erase(stanzas_.begin() + (found - unlocks.begin()));
  unlocks.erase(found);
}

}  // namespace trackier::keyring
