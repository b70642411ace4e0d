#include "rewrapper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <thread>
#include <utility>

#include "core/text.hpp"
#include "envelope/recipient.hpp"
#include "flow/parallel_ranges.hpp"
#include "os/signals.hpp"

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
    // Not suspended ones: whether they are to be used is not decided yet.
    const bool can_move =
        key.state == keyring::State::decrypt_only || key.state == keyring::State::compromised;
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
  batch_.push_back({.path = path, .file = nullptr, .rewrap = {}, .failure = {}});
  if (batch_.size() >= batch_files) {
    finish_batch();
  }
}

void Rewrapper::write_new(Item& item) {
  const std::string name = printable(item.path.native());
  auto file = files_.open_for_update(item.path);
  const os::FileStatus status = file->status();
  if (const std::scoped_lock lock{mutex_}; !in_batch_.emplace(status.device, status.inode).second) {
    return;  // another name of a file that is in the batch
  }
  if (!file->try_lock(0, envelope::head_bytes)) {
    throw Error{Code::busy, fmt::format("{} is being rewrapped by another run", name)};
  }
  std::array<std::byte, envelope::head_bytes> bytes{};
  const std::size_t got = file->read_at(0, bytes);
  const auto head = envelope::parse_head(Bytes{bytes}.first(got), name);
  item.rewrap.emplace(head, successors_.plan_for(head), identities_, name);
  item.rewrap->write_new(*file);
  item.file = std::move(file);
}

void Rewrapper::for_each_item(const std::function<void(Item&)>& step) {
  const unsigned workers = std::max(1U, std::thread::hardware_concurrency());
  flow::parallel_ranges(batch_.size(), workers, {}, [&] {
    return [&](std::uint64_t index) {
      Item& item = batch_[index];
      if (item.failure) {
        return;
      }
      try {
        step(item);
      } catch (const os::Interrupted&) {
        throw;
      } catch (const Error& error) {
        item.failure = error;
      }
    };
  });
}

void Rewrapper::sync() {
  std::vector<os::File*> files;
  for (const Item& item : batch_) {
    if (!item.failure && item.file) {
      files.push_back(item.file.get());
    }
  }
  if (files.size() == 1) {
    files.front()->sync();
    return;
  }
  std::set<std::uint64_t> synced;
  for (os::File* const file : files) {
    if (synced.insert(file->status().device).second) {
      file->sync_file_system();
    }
  }
}

void Rewrapper::finish_batch() {
  for_each_item([this](Item& item) { write_new(item); });
  sync();
  for_each_item([](Item& item) {
    if (item.file) {
      item.rewrap->scrub(*item.file);
    }
  });
  sync();
  for (const Item& item : batch_) {
    if (item.failure) {
      events_.failed(*item.failure);
    } else {
      events_.moved(item.path);
    }
  }
  batch_.clear();
  in_batch_.clear();
}

}  // namespace trackier::cli
