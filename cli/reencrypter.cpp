#include "reencrypter.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <thread>

#include "core/text.hpp"
#include "envelope/reencrypt.hpp"
#include "inputs.hpp"
#include "os/replace_file.hpp"
#include "os/signals.hpp"

namespace trackier::cli {

using envelope::KeyId;
using envelope::Stanza;

Reencrypter::Reencrypter(Context& context, const keyring::Keyring& keys,
                         const Successors& successors, const KnownRecipients& known)
    : context_(context),
      keys_(keys),
      successors_(successors),
      known_(known),
      identities_(keys.identities()) {}

std::optional<crypto::X25519Public> Reencrypter::key_for(const KeyId& id) const {
  if (const auto successor = successors_.of(id)) {
    return successor;
  }
  if (const auto known = known_.keys.find(id); known != known_.keys.end()) {
    return known->second;
  }
  const keyring::Key* const key = keys_.find(id);
  return key != nullptr && key->state == keyring::State::active ? key->public_key : std::nullopt;
}

envelope::Recipients Reencrypter::recipients_for(const envelope::Block& block,
                                                 const std::string& name) const {
  std::set<crypto::X25519Public> keys;
  bool officers = false;
  for (const Stanza& stanza : block.stanzas) {
    if (stanza.type == "officer" && known_.officers) {
      officers = true;
      continue;
    }
    KeyId id{};
    if (stanza.type != "hpke" || !envelope::parse_id(stanza.arguments.front(), id)) {
      throw Error{Code::no_permission,
                  fmt::format("{}: it has a recipient of kind {}, whose key is not here", name,
                              printable(stanza.type)),
                  stanza.type == "officer" ? "set encrypt.officers"
                                           : "decrypt it, and encrypt the content again"};
    }
    const auto key = key_for(id);
    if (!key) {
      throw Error{
          Code::no_permission,
          fmt::format("{}: its recipient {} is nobody that is known", name, envelope::to_text(id)),
          "name everyone who is to open it with -r, -R or --tenant"};
    }
    keys.insert(*key);
  }
  envelope::Recipients recipients;
  for (const crypto::X25519Public& key : keys) {
    recipients.push_back(envelope::public_key_recipient(key));
  }
  if (officers) {
    recipients.push_back(known_.officers);
  }
  return recipients;
}

void Reencrypter::remove_leftovers(const std::vector<std::filesystem::path>& paths) {
  std::map<std::filesystem::path, std::set<std::string>> targets;  // a directory is read once
  for (const auto& path : paths) {
    targets[path.parent_path()].insert(os::temporary_stem(path));
  }
  for (const auto& [directory, stems] : targets) {
    try {
      remove_leftovers(directory.empty() ? "." : directory, stems);
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {  // no reason to leave the envelopes as they are
      context_.out().warning(error.what());
    }
  }
}

void Reencrypter::remove_leftovers(const std::filesystem::path& directory,
                                   const std::set<std::string>& stems) {
  os::FileSystem& files = context_.files();
  for (const auto& name : files.list(directory)) {
    if (!stems.contains(std::string{os::target_of_temporary(name.native())})) {
      continue;
    }
    const auto entry = files.entry(directory / name);
    if (entry && entry->kind == os::FileStatus::Kind::regular &&
        files.open(directory / name)->has_writer() == false) {
      files.remove(directory / name);
    }
  }
}

void Reencrypter::move(const std::filesystem::path& path) {
  const std::string name = printable(path.native());
  const auto old = context_.files().open_for_update(path);
  if (!old->try_lock(0, envelope::head_bytes)) {
    throw Error{Code::busy, fmt::format("{} is being worked on by another run", name)};
  }
  const os::FileStatus status = old->status();
  const auto opening = envelope::Opening::of_file(*old, identities_, name);
  const auto recipients = recipients_for(opening.block(), name);
  const auto origin = envelope::Origin::random();
  const auto stop = context_.interrupt().token();
  const envelope::OpenOptions how{.name = name, .workers = workers_for({}, status)};

  os::ReplaceFile replaced{
      context_.files(), path, {.replace = true, .like = status, .reserve = status.size}};
  os::File& made = replaced.written_in_place(status.size);
  const auto sealed =
      envelope::reencrypt_file(*old, opening, made, recipients, origin, how, {}, stop);
  replaced.written_in_place(sealed.envelope_bytes);
  // The old envelope goes: what is to replace it has to open.
  made.sync();
  made.forget_cached();
  const auto again =
      envelope::Opening::of_file(made, {envelope::data_key_identity(origin.data_key)}, name);
  envelope::verify_file(made, again, how, {}, stop);
  replaced.finish();
}

}  // namespace trackier::cli
