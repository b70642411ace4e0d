#pragma once
/// What the next backup of a chain is compared with: the state the host kept of the last one, or,
/// when that is lost or of another backup, the backup itself.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "backup/chain_keys.hpp"
#include "backup/chunks.hpp"
#include "backup/map.hpp"
#include "backup/stripe.hpp"
#include "os/file.hpp"
#include "store/pack_reader.hpp"
#include "store/pack_writer.hpp"

namespace trackier::backup {

/// Something the chain is built on cannot be read: the chain must not go on.
class ChainDamaged : public Error {
 public:
  using Error::Error;
};

/// A chunk in a blob.
struct ChunkPlace {
  store::BlobPlace place;
  std::uint32_t index = 0;
};

struct ChunkHash {
  std::size_t operator()(const ChunkId& id) const noexcept;
};
using ChunkIndex = std::unordered_map<ChunkId, ChunkPlace, ChunkHash>;

/// Writes the state while a backup is made: files in a directory of the host, sealed like packs.
class StateWriter {
 public:
  /// directory: where it is kept. keys must outlive the writer.
  StateWriter(os::FileSystem& files, std::filesystem::path directory, const ChainKeys& keys);

  void begin_member(const Member& member);
  void add_stripe(const StripeState& state);
  void add_chunk(const ChunkId& id, const ChunkPlace& place);
  void end_member();

  /// Makes it the state that belongs to the manifest with this digest, and removes what was there
  /// before.
  void finish(const std::string& manifest_digest);

  /// Makes the state that belongs to one manifest that of another with the same content.
  static void rename(os::FileSystem& files, const std::filesystem::path& directory,
                     const std::string& from, const std::string& to);

 private:
  void flush_chunks();
  std::uint32_t put(Bytes blob);

  struct Entry {
    std::string name;
    MemberKind kind = MemberKind::stream;
    std::uint32_t page_bytes = 0;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };

  os::FileSystem& files_;
  std::filesystem::path directory_;
  store::PackWriter pack_;
  std::vector<Entry> entries_;
  std::vector<std::pair<ChunkId, ChunkPlace>> chunks_;
  std::optional<Error> failure_;  ///< that finish() tells of; a backup does not fail for its state
};

class Previous {
 public:
  /// Nothing: every page is new.
  Previous() = default;

  /// map: of the last backup; blobs: its packs; both must outlive this. The state in `directory` is
  /// used when it belongs to the manifest with this digest.
  Previous(os::FileSystem& files, const std::filesystem::path& directory, const ChainKeys& keys,
           const std::string& manifest_digest, const Map& map, store::BlobReader& blobs);

  /// The state of a stripe; none when it was not there, or had pages of another size. Thread-safe.
  /// reader: for pages of this size. Throws ChainDamaged.
  std::optional<StripeState> stripe(const std::string& member, std::uint32_t page_bytes,
                                    std::uint64_t index, GroupReader& reader, Tagger& tagger) const;

  /// Where a chunk is. Thread-safe.
  [[nodiscard]] std::optional<ChunkPlace> chunk(const ChunkId& id) const;

  /// Reads a blob of the chain. Thread-safe. Throws ChainDamaged.
  std::vector<std::byte> read(store::BlobPlace place, store::BlobKind& kind) const;

  [[nodiscard]] const Map* map() const noexcept { return map_; }
  /// Whether the state of the host served.
  [[nodiscard]] bool has_state() const noexcept { return state_ != nullptr; }

 private:
  struct Stripes {
    std::uint32_t page_bytes = 0;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };

  bool load_state(os::FileSystem& files, const std::filesystem::path& directory,
                  const ChainKeys& keys, const std::string& manifest_digest);
  void index_chunks(const ChainKeys& keys);
  static std::optional<StripeState> from_backup(const Member& member, std::uint64_t index,
                                                GroupReader& reader, Tagger& tagger);

  const Map* map_ = nullptr;
  store::BlobReader* blobs_ = nullptr;
  std::map<std::string, const Member*> members_;
  std::unique_ptr<store::BlobReader> state_;
  std::map<std::string, Stripes> stripes_;
  ChunkIndex chunks_;
};

}  // namespace trackier::backup
