#pragma once
/// Which relations were written to, as a server's log has it. Of interest inside this area only.

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "postgres/conninfo.hpp"

namespace trackier::postgres {

class Connection;

/// Reads the records of a log, as it stands in its files, and remembers the relations whose rows
/// they change, or whose files they make. What leaves rows as they are does not count: locks of
/// rows, vacuuming, hint bits.
/// Format: src/include/access/xlogrecord.h and xlog_internal.h, the same from 13 to 18 but for the
/// bits that say whether an image of a page is compressed.
class WalWrites {
 public:
  struct Layout {
    std::uint64_t page_bytes = 0;
    std::uint64_t segment_bytes = 0;
    int major = 0;  ///< version of the server
  };

  /// position: where the bytes begin, the beginning of a record.
  WalWrites(std::uint64_t position, const Layout& layout) : position_(position), layout_(layout) {}

  /// The bytes that follow.
  void add(Bytes bytes);

  /// False once something was malformed: nothing is known then.
  [[nodiscard]] bool is_sound() const noexcept { return sound_; }
  /// Of the next byte.
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

  /// Whether rows of the relation have come, changed or gone, or its file has come. database: its
  /// number; file: that of the relation's file.
  [[nodiscard]] bool contains(std::uint32_t database, std::uint32_t file) const {
    return written_.contains({database, file});
  }

 private:
  void begin_page();
  std::size_t take_of_record(Bytes bytes);
  void end_record();
  void note_blocks();
  void note_relation(std::size_t at);

  std::uint64_t position_;
  Layout layout_;
  std::uint64_t to_skip_ = 0;  ///< headers of pages, padding, the rest of a segment
  std::uint64_t record_begin_ = 0;
  std::uint64_t record_bytes_ = 0;  ///< 0: not known yet
  std::uint64_t record_done_ = 0;
  std::optional<std::uint64_t> previous_;  ///< where the record before began
  std::vector<std::byte> record_;          ///< its beginning, with all headers
  bool sound_ = true;
  std::set<std::pair<std::uint32_t, std::uint32_t>> written_;
};

/// Where the next record goes; on a standby, what has been replayed.
std::uint64_t wal_position(Connection& connection);

WalWrites::Layout wal_layout(Connection& connection);

/// Reads on from where `writes` is until `end`, by the replication protocol. Says why that could
/// not be done, in which case nothing is known: too much, gone already, no right to. Throws only
/// Interrupted, and what Connection throws for `ordinary`.
std::optional<std::string> read_writes(Connection& ordinary, const ConnectionOptions& options,
                                       std::uint64_t end, WalWrites& writes);

}  // namespace trackier::postgres
