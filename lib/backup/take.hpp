#pragma once
/// Making a backup: reads a snapshot, compares it with the backup before, and writes what has
/// changed.

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "backup/chain_keys.hpp"
#include "backup/map.hpp"
#include "backup/previous.hpp"
#include "backup/snapshot.hpp"
#include "crypto/digest.hpp"
#include "store/pack_writer.hpp"

namespace trackier::backup {

struct TakeOptions {
  std::uint32_t generation = 0;
  unsigned workers = 1;
};

struct TakeEvents {
  /// After each piece, never two at once: bytes read so far, bytes written so far.
  std::function<void(std::uint64_t, std::uint64_t)> progressed = [](std::uint64_t, std::uint64_t) {
  };
};

struct Taken {
  Map map;
  Finished finished;
  std::string root;  ///< 64 hexadecimal digits
  std::uint64_t source_bytes = 0;
  bool unchanged = false;  ///< nothing was written, and the members are those of the backup before
};

/// Throws what the snapshot throws, ChainDamaged, and what writing throws. Returns early when
/// `stop` is requested: the caller looks. state: null to keep none.
Taken take(Snapshot& snapshot, const Previous& previous, const ChainKeys& keys,
           store::PackWriter& packs, StateWriter* state, const TakeOptions& options,
           const TakeEvents& events, const std::stop_token& stop);

/// The root of what a backup has: of all tags and ids of chunks, in order, and of what the members
/// are called.
class RootDigest {
 public:
  void add(const std::vector<Tag>& tags);
  void add(const ChunkId& id);
  /// 64 hexadecimal digits.
  std::string finish(const Map& map);

 private:
  crypto::Sha256 content_;
};

}  // namespace trackier::backup
