#pragma once
/// Whether anything has happened since the last backup, without looking at the data.

#include <string>

namespace trackier::postgres {

class Connection;

/// Where a cluster is in its history. Equal positions: nothing was written in between, though a
/// sequence may have been advanced by some of the 32 values that are logged ahead (a restored one
/// is ahead, never behind). Different ones may mean nothing, for reading sets hint bits, and these
/// may be logged.
struct ClusterPosition {
  std::string system_identifier;
  std::string timeline;  ///< eight hexadecimal digits, as in the names of WAL files
  std::string lsn;       ///< "0/2000028"

  bool operator==(const ClusterPosition&) const = default;
  [[nodiscard]] std::string text() const;  ///< "7301234567890120707/00000001/0/2000028"
};

/// Where the next record goes; on a standby, what has been replayed. Needs no right beyond that to
/// connect.
ClusterPosition position(Connection& connection);

}  // namespace trackier::postgres
