#pragma once
/// What has been written to the log since a position. A server writes there even when nobody works:
/// checkpoints, lists of running transactions, the end of a backup. Whoever takes every new
/// position for a change would back an idle cluster up every hour.

#include <cstdint>
#include <string_view>

#include "core/bytes.hpp"
#include "postgres/cluster_position.hpp"
#include "postgres/conninfo.hpp"
#include "postgres/wal_records.hpp"

namespace trackier::postgres {

/// Looks at the records of a log, as it stands in its files, without decoding what they say.
class WalScan {
 public:
  /// position: where the bytes begin, the beginning of a record.
  WalScan(std::uint64_t position, const WalLayout& layout) : records_(position, layout) {}

  /// The bytes that follow. After is_idle() has become false they do not matter.
  void add(Bytes bytes);

  /// Every record that has ended so far is the server's own bookkeeping, and none is malformed.
  [[nodiscard]] bool is_idle() const noexcept { return idle_ && records_.is_sound(); }
  /// Where the next record begins, if one has just ended; otherwise within one.
  [[nodiscard]] std::uint64_t position() const noexcept { return records_.position(); }

 private:
  WalRecords records_;
  bool idle_ = true;
};

/// Whether nothing but bookkeeping was written between two positions of one cluster, as of
/// ClusterPosition::text(). False whenever that cannot be found out: the log is gone already, too
/// much was written, the role may not read it. Needs the right to replicate.
bool is_idle_between(const ConnectionOptions& options, std::string_view before,
                     std::string_view now);

}  // namespace trackier::postgres
