#pragma once
/// Which relations were written to, as a server's log has it. Of interest inside this area only.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "core/bytes.hpp"
#include "postgres/conninfo.hpp"
#include "postgres/wal_records.hpp"

namespace trackier::postgres {

class Connection;

/// Reads the records of a log, as it stands in its files, and remembers the relations whose rows
/// they change, or whose files they make. What leaves rows as they are does not count: locks of
/// rows, vacuuming, hint bits.
/// Format: as WalRecords, but for the bits that say whether an image of a page is compressed.
class WalWrites {
 public:
  /// position: where the bytes begin, the beginning of a record.
  WalWrites(std::uint64_t position, const WalLayout& layout)
      : records_(position, layout), major_(layout.major) {}

  /// The bytes that follow.
  void add(Bytes bytes);

  /// False once something was malformed: nothing is known then.
  [[nodiscard]] bool is_sound() const noexcept { return sound_ && records_.is_sound(); }
  /// Of the next byte.
  [[nodiscard]] std::uint64_t position() const noexcept { return records_.position(); }

  /// Whether rows of the relation have come, changed or gone, or its file has come. database: its
  /// number; file: that of the relation's file.
  [[nodiscard]] bool contains(std::uint32_t database, std::uint32_t file) const {
    return written_.contains({database, file});
  }

 private:
  void note_blocks(const WalRecord& record);
  void note_relation(const WalRecord& record, std::size_t at);

  WalRecords records_;
  int major_;
  bool sound_ = true;
  std::set<std::pair<std::uint32_t, std::uint32_t>> written_;
};

/// Reads on from where `writes` is until `end`, by the replication protocol. Says why that could
/// not be done, in which case nothing is known: too much, gone already, no right to. Throws only
/// Interrupted, and what Connection throws for `ordinary`.
std::optional<std::string> read_writes(Connection& ordinary, const ConnectionOptions& options,
                                       std::uint64_t end, WalWrites& writes);

}  // namespace trackier::postgres
