#pragma once
/// Many envelopes moved to the active versions of their keys, with two syncs for a batch of them.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "envelope/rewrap.hpp"
#include "keyring/keyring.hpp"
#include "os/file.hpp"

namespace trackier::cli {

/// Which ids are outdated, and what takes their place.
class Successors {
 public:
  explicit Successors(const keyring::Keyring& keys);

  /// Whether an envelope with these ids has to be moved.
  [[nodiscard]] bool concern(const std::vector<envelope::KeyId>& ids) const;

  /// What takes the place of an outdated id; none for others.
  [[nodiscard]] std::optional<crypto::X25519Public> of(const envelope::KeyId& id) const;

  /// The plan for an envelope: old ids go, the active version of their series comes.
  [[nodiscard]] envelope::RewrapPlan plan_for(const envelope::Head& head) const;

 private:
  std::map<envelope::KeyId, crypto::X25519Public> successor_;  ///< by outdated id
};

class Rewrapper {
 public:
  struct Events {
    std::function<void(const std::filesystem::path&)> moved;
    std::function<void(const Error&)> failed;
  };

  Rewrapper(os::FileSystem& files, const Successors& successors,
            const envelope::Identities& identities, Events events)
      : files_(files),
        successors_(successors),
        identities_(identities),
        events_(std::move(events)) {}

  /// Takes an envelope into the batch, which is moved when it is full.
  void add(const std::filesystem::path& path);

  /// Moves what is in the batch: new blocks are written, synced, old ones overwritten, synced. Call
  /// it once more at the end.
  void finish_batch();

 private:
  struct Item {
    std::filesystem::path path;
    std::unique_ptr<os::File> file;  ///< null: another item of the batch is the same file
    std::optional<envelope::Rewrap> rewrap;
    std::optional<Error> failure;
  };

  void write_new(Item& item);
  void for_each_item(const std::function<void(Item&)>& step);
  void sync();

  os::FileSystem& files_;
  const Successors& successors_;
  const envelope::Identities& identities_;
  Events events_;
  std::vector<Item> batch_;
  std::mutex mutex_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> in_batch_;  ///< devices and inodes
};

}  // namespace trackier::cli
