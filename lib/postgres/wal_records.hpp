#pragma once
/// A server's log, record by record. Of interest inside this area only.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/bytes.hpp"

namespace trackier::postgres {

/// As the server was built and initialized.
struct WalLayout {
  std::uint64_t page_bytes = 0;
  std::uint64_t segment_bytes = 0;
  int major = 0;  ///< version of the server
};

/// Resource managers, src/include/access/rmgrlist.h.
enum class WalManager : std::uint8_t { xlog = 0, storage = 2, standby = 8, heap2 = 9, heap = 10 };

struct WalRecord {
  WalManager manager = WalManager::xlog;
  unsigned info = 0;
  std::uint64_t bytes = 0;  ///< of it all, its header included
  Bytes begin;              ///< its beginning with all headers; until the next call
};

constexpr std::size_t wal_record_header = 24;
/// Bits of a record's info that say of which kind it is; the others are the server's.
constexpr unsigned wal_kind_mask = 0xf0;
constexpr unsigned wal_switch = 0x40;  ///< of WalManager::xlog: the rest of the segment is empty

/// Splits a log, as it stands in its files, into its records; says nothing of what they mean.
/// Format: src/include/access/xlogrecord.h and xlog_internal.h, the same from 13 to 18.
class WalRecords {
 public:
  /// position: where the bytes begin, the beginning of a record.
  WalRecords(std::uint64_t position, const WalLayout& layout)
      : position_(position), layout_(layout) {}

  /// Takes from the front of `bytes` until a record has ended. Null when all was taken before, or
  /// the log is not sound.
  const WalRecord* next(Bytes& bytes);

  /// False once something was malformed, or did not follow the record before.
  [[nodiscard]] bool is_sound() const noexcept { return sound_; }
  /// Of the next byte.
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

 private:
  std::size_t take(Bytes bytes);
  void begin_record();
  void end_record();

  std::uint64_t position_;
  WalLayout layout_;
  std::uint64_t to_skip_ = 0;              ///< headers of pages, padding, the rest of a segment
  std::uint64_t begin_ = 0;                ///< of the record
  std::uint64_t done_ = 0;                 ///< of its bytes
  std::optional<std::uint64_t> previous_;  ///< where the record before began
  std::vector<std::byte> kept_;
  WalRecord record_;
  bool sound_ = true;
};

/// The next record goes behind the header of a page, which is not written before the record:
/// `position`, or the beginning of that page.
std::uint64_t before_page_header(std::uint64_t position, const WalLayout& layout);

}  // namespace trackier::postgres
