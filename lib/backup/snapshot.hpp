#pragma once
/// What is backed up: the content of a source at one moment, file by file.

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "backup/map.hpp"
#include "content/content.hpp"
#include "core/bytes.hpp"
#include "crypto/mac.hpp"

namespace trackier::backup {

/// What a snapshot is to find out about itself, at some expense, beside being read.
struct Wanted {
  bool check = false;                       ///< whether the source is sound
  const crypto::MacKey* content = nullptr;  ///< the key of its digests; null: none are wanted
  bool side_by_side = false;                ///< it may have a thread of its own for that
};

/// What is known when everything has been read.
struct Finished {
  std::string details;  ///< a JSON object: what is to be remembered of it; sealed
  std::optional<content::Content> content;  ///< of this very snapshot
  std::string no_content_because;           ///< when it was wanted and could not be had
  std::string check;  ///< "quick_check ok", "quick_check failed", "not checked"; for everyone
  bool damaged = false;
  bool is_of_the_end = false;  ///< of the moment of finish(); otherwise of when it was begun
  /// What the source will say as long as nothing changes; empty: what it said before the snapshot.
  std::string mark;
};

class Snapshot {
 public:
  Snapshot() = default;
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  Snapshot(Snapshot&&) = delete;
  Snapshot& operator=(Snapshot&&) = delete;
  virtual ~Snapshot() = default;

  /// The next file, without what backup::take finds out (stripes, chunks, and the size of a
  /// stream); none after the last. Its content has to have been read before the next call.
  virtual std::optional<Member> next() = 0;

  /// Whether read_at may be called in any order and by several threads at once.
  [[nodiscard]] virtual bool has_offsets() const = 0;

  /// Fills `into` with the content of a file of pages; without offsets, in order.
  virtual void read_at(std::uint64_t offset, MutBytes into) = 0;

  /// Reads of a stream: at least one byte, 0 at its end.
  virtual std::size_t read(MutBytes into) = 0;

  /// Once, after the last file. Throws when it proves that what was read is not whole.
  virtual Finished finish() = 0;
};

/// Something that can be backed up.
class Database {
 public:
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  Database(Database&&) = delete;
  Database& operator=(Database&&) = delete;
  virtual ~Database() = default;

  /// "sqlite", "postgres-physical", "postgres-logical".
  [[nodiscard]] virtual std::string kind() const = 0;

  /// Whether digests cost little beside reading it, so that every backup should have them.
  [[nodiscard]] virtual bool digests_are_cheap() const { return false; }

  /// What it says now, to be compared with Finished::mark; empty: it cannot tell. now: nanoseconds
  /// since 1970, for what is not sure until some time has passed.
  virtual std::string mark(std::int64_t now_ns) = 0;

  /// Whether nothing has changed between two marks. Called for marks that differ, too.
  virtual bool is_unchanged(const std::string& before, const std::string& now) {
    return before == now;
  }

  /// wanted: outlives the snapshot, as does `stop`.
  virtual std::unique_ptr<Snapshot> snapshot(const Wanted& wanted, const std::stop_token& stop) = 0;
};

}  // namespace trackier::backup
