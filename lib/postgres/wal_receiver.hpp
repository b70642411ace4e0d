#pragma once
/// A server's log by the replication protocol. Needs the right to replicate. Of interest inside
/// this area only.

#include <cstdint>
#include <functional>
#include <optional>

#include "core/bytes.hpp"
#include "postgres/conninfo.hpp"
#include "postgres/wal_records.hpp"

namespace trackier::postgres {

class Connection;

WalLayout wal_layout(Connection& connection);

/// Where the next record goes; on a standby, what has been replayed.
std::uint64_t wal_position(Connection& connection);

/// Waits for the log to be on the disk until `end`, and says until where it is. Only that is sent.
/// A transaction that others see is there, or gets there within three rounds of the server's WAL
/// writer; what else is at the end may stay in memory for long, and nobody sees the like. Throws
/// Interrupted.
std::uint64_t flushed_until(Connection& connection, std::uint64_t end);

/// Receives the log from `begin` on, of a timeline or the present one, and hands it over piece by
/// piece until `take` wants no more. False when the server does not send it: it is gone already,
/// or the role may not have it. Throws what Connection throws.
bool receive_wal(const ConnectionOptions& options, std::uint64_t begin,
                 std::optional<std::uint32_t> timeline, const std::function<bool(Bytes)>& take);

}  // namespace trackier::postgres
