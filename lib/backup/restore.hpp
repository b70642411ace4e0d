#pragma once
/// Reading backups: what one consists of, and all of it back, checked against the root that was
/// taken with it.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "backup/chain_keys.hpp"
#include "backup/map.hpp"
#include "backup/take.hpp"
#include "core/stream.hpp"
#include "os/file.hpp"
#include "store/directory.hpp"
#include "store/pack_reader.hpp"

namespace trackier::backup {

/// A backup whose chain's key is at hand. Not movable: readers refer to it.
class BackupReader {
 public:
  /// Reads the map. Throws Error{Code::data} that names the pack when it is missing or damaged.
  BackupReader(os::FileSystem& files, const store::SourceDirectory& source,
               store::Manifest manifest, crypto::Secret chain_key);
  BackupReader(const BackupReader&) = delete;
  BackupReader& operator=(const BackupReader&) = delete;
  BackupReader(BackupReader&&) = delete;
  BackupReader& operator=(BackupReader&&) = delete;
  ~BackupReader() = default;

  [[nodiscard]] const Map& map() const noexcept { return map_; }
  [[nodiscard]] const store::Manifest& manifest() const noexcept { return manifest_; }
  [[nodiscard]] const ChainKeys& keys() const noexcept { return keys_; }
  [[nodiscard]] store::BlobReader& blobs() noexcept { return blobs_; }

 private:
  store::Manifest manifest_;
  ChainKeys keys_;
  store::BlobReader blobs_;
  Map map_;
};

/// Where the members of a backup go.
class RestoreTarget {
 public:
  RestoreTarget() = default;
  RestoreTarget(const RestoreTarget&) = delete;
  RestoreTarget& operator=(const RestoreTarget&) = delete;
  RestoreTarget(RestoreTarget&&) = delete;
  RestoreTarget& operator=(RestoreTarget&&) = delete;
  virtual ~RestoreTarget() = default;

  /// An empty file for the content of a member, for writing in place; null for a member without
  /// content (directory, symlink), or one that nobody wants: it is read and checked all the same.
  virtual os::File* begin(const Member& member) = 0;
  /// The content is complete.
  virtual void end(const Member& member) = 0;
  /// Whether it is to be on the disk in the end, which begins with it early then.
  [[nodiscard]] virtual bool is_kept() const { return true; }
};

/// Gives all members to `target`, in order. Throws Error{Code::data} when a pack is missing or
/// damaged, or the root is not the one of the manifest: then nothing that was given counts.
/// progressed: bytes so far, never two calls at once.
void restore(BackupReader& backup, RestoreTarget& target, unsigned workers,
             const std::function<void(std::uint64_t)>& progressed, const std::stop_token& stop);

}  // namespace trackier::backup
