#include "rewrapper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "core/text.hpp"
#include "envelope/recipient.hpp"

namespace trackier::cli {
namespace {

/// Each has a file open; a process may have 1024.
constexpr std::size_t batch_files = 512;

std::vector<envelope::KeyId> ids_in(const envelope::Head& head) {
  std::vector<envelope::KeyId> ids;
  for (const std::size_t i : head.order) {
    for (const envelope::Stanza& stanza : head.blocks[i].block.stanzas) {
      envelope::KeyId id{};
      if (stanza.type == "hpke" && envelope::parse_id(stanza.arguments.front(), id)) {
        ids.push_back(id);
      }
    }
  }
  return ids;
}

}  // namespace

Successors::Successors(const keyring::Keyring& keys) {
  for (const keyring::Key& key : keys.document().keys) {
    const bool can_move = key.state == keyring::State::decrypt_only ||
                          key.state == keyring::State::compromised ||
                          key.state == keyring::State::suspended;
    if (!can_move || !keyring::seals_envelopes(key.name.purpose)) {
      continue;
    }
    const keyring::Key* const active = keys.active(key.name.series());
    if (active != nullptr && active->public_key) {
      successor_[key.id] = *active->public_key;
    }
  }
}

bool Successors::concern(const std::vector<envelope::KeyId>& ids) const {
  return std::ranges::any_of(ids, [this](const auto& id) { return successor_.contains(id); });
}

std::optional<crypto::X25519Public> Successors::of(const envelope::KeyId& id) const {
  const auto found = successor_.find(id);
  return found == successor_.end() ? std::nullopt : std::optional{found->second};
}

envelope::RewrapPlan Successors::plan_for(const envelope::Head& head) const {
  envelope::RewrapPlan plan;
  for (const envelope::KeyId& id : ids_in(head)) {
    const auto found = successor_.find(id);
    if (found == successor_.end()) {
      continue;
    }
    plan.old_ids.push_back(id);
    const envelope::KeyId next = envelope::key_id_of(found->second);
    if (std::ranges::find(plan.new_ids, next) == plan.new_ids.end()) {
      plan.new_ids.push_back(next);
      plan.recipients.push_back(envelope::public_key_recipient(found->second));
    }
  }
  return plan;
}

void Rewrapper::add(const std::filesystem::path& path) {
  const std::string name = printable(path.native());
  try {
    auto file = files_.open_for_update(path);
    if (!file->try_lock(0, envelope::head_bytes)) {
      throw Error{Code::busy, fmt::format("{} is being rewrapped by another run", name)};
    }
    std::array<std::byte, envelope::head_bytes> bytes{};
    const std::size_t got = file->read_at(0, bytes);
    const auto head = envelope::parse_head(Bytes{bytes}.first(got), name);
    const envelope::RewrapPlan plan = successors_.plan_for(head);
    envelope::Rewrap rewrap{head, plan, identities_, name};
    rewrap.write_new(*file);
    batch_.push_back({.path = path, .file = std::move(file), .rewrap = rewrap});
  } catch (const Error& error) {
    events_.failed(error);
  }
  if (batch_.size() >= batch_files) {
    finish_batch();
  }
}

void Rewrapper::sync() {
  if (batch_.size() == 1) {
    batch_.front().file->sync();
    return;
  }
  std::set<std::uint64_t> synced;
  for (const Item& item : batch_) {
    if (synced.insert(item.file->status().device).second) {
      item.file->sync_file_system();
    }
  }
}

void Rewrapper::finish_batch() {
  if (batch_.empty()) {
    return;
  }
  sync();
  for (const Item& item : batch_) {
    item.rewrap.scrub(*item.file);
  }
  sync();
  for (const Item& item : batch_) {
    events_.moved(item.path);
  }
  batch_.clear();
}

}  // namespace trackier::cli
