#pragma once
/// What has been written to the log since a position. A server writes there even when nobody works:
/// checkpoints, lists of running transactions, the end of a backup. Whoever takes every new
/// position for a change would back an idle cluster up every hour.

#include <array>
#include <cstdint>
#include <string_view>

#include "core/bytes.hpp"
#include "postgres/cluster_position.hpp"
#include "postgres/conninfo.hpp"

namespace trackier::postgres {

/// Looks at the records of a log, as it stands in its files, without decoding what they say.
/// Format: src/include/access/xlogrecord.h and xlog_internal.h, the same from 13 to 17.
class WalScan {
 public:
  /// position: where the bytes begin, the beginning of a record. page_bytes, segment_bytes: as the
  /// server was built and initialized.
  WalScan(std::uint64_t position, std::uint64_t page_bytes, std::uint64_t segment_bytes)
      : position_(position), page_bytes_(page_bytes), segment_bytes_(segment_bytes) {}

  /// The bytes that follow. After is_idle() has become false they do not matter.
  void add(Bytes bytes);

  /// Every record that has ended so far is the server's own bookkeeping, and none is malformed.
  [[nodiscard]] bool is_idle() const noexcept { return idle_; }
  /// Where the next record begins, if one has just ended; otherwise within one.
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

 private:
  static constexpr std::size_t header_bytes = 24;

  void begin_page();
  std::size_t take_of_record(Bytes bytes);
  void end_record();

  std::uint64_t position_;
  std::uint64_t page_bytes_;
  std::uint64_t segment_bytes_;
  std::uint64_t to_skip_ = 0;  ///< headers of pages, padding, the rest of a segment
  std::size_t have_ = 0;       ///< of the record's header
  std::array<std::byte, header_bytes> header_{};
  std::uint64_t record_bytes_ = 0;  ///< of the record; 0: not known yet
  std::uint64_t record_done_ = 0;
  bool idle_ = true;
};

/// Whether nothing but bookkeeping was written between two positions of one cluster, as of
/// ClusterPosition::text(). False whenever that cannot be found out: the log is gone already, too
/// much was written, the role may not read it. Needs the right to replicate.
bool is_idle_between(const ConnectionOptions& options, std::string_view before,
                     std::string_view now);

}  // namespace trackier::postgres
