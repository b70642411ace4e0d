#pragma once
/// A physical backup of a whole PostgreSQL cluster over the replication protocol (section 55.4 of
/// PostgreSQL's manual, BASE_BACKUP): what pg_basebackup receives, taken bite by bite. The WAL that
/// makes it consistent is in it, and the manifest that pg_verifybackup checks it against.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/stream.hpp"
#include "postgres/conninfo.hpp"

namespace trackier::postgres {

struct BaseBackupOptions {
  enum class Checkpoint : std::uint8_t {
    spread,  ///< begin at the end of a checkpoint that takes its time: minutes, and no load
    fast,    ///< checkpoint at once
  };

  std::string label = "trackier-ctl";  ///< in backup_label and in the server's log
  Checkpoint checkpoint = Checkpoint::spread;
};

struct Tablespace {
  std::string oid;
  std::string location;  ///< a path on the server
};

/// One of the streams a backup consists of.
struct Archive {
  enum class Kind : std::uint8_t {
    cluster,     ///< the data directory, a tar for UstarReader
    tablespace,  ///< another, likewise
    manifest,    ///< backup_manifest, JSON; always the last
  };
  Kind kind = Kind::cluster;
  std::string oid;       ///< of a tablespace
  std::string location;  ///< of a tablespace: the path it has on the server
};

struct BackupStart {
  std::string system_identifier;
  std::string lsn;  ///< where recovery begins, "0/2000028"
  std::uint32_t timeline = 0;
  std::vector<Tablespace> tablespaces;
  int server_version = 0;  ///< 150018 for 15.18
};

struct BackupEnd {
  std::string lsn;  ///< what recovery has to reach
  std::uint32_t timeline = 0;
  std::vector<std::string> warnings;  ///< the server's, the first hundred
};

/// Read it all, in order, and finish: only then is it a backup. Destroyed earlier it ends the
/// backup on the server, too.
///
/// Everything may throw what Connection throws, and Error{Code::data} when the server has found
/// pages whose checksum is wrong, which it says at the end, or sends what it should not.
class BaseBackup {
 public:
  /// Connects, and waits for the checkpoint the backup begins with. The role needs REPLICATION, and
  /// pg_hba.conf a line for "replication". What `options` says about a database is of no
  /// importance.
  BaseBackup(const ConnectionOptions& connection, const BaseBackupOptions& options);
  BaseBackup(const BaseBackup&) = delete;
  BaseBackup& operator=(const BaseBackup&) = delete;
  BaseBackup(BaseBackup&&) = delete;
  BaseBackup& operator=(BaseBackup&&) = delete;
  ~BaseBackup();

  [[nodiscard]] const BackupStart& started() const noexcept;

  /// The next archive; none after the last. Throws Error{Code::bug} when the one before was not
  /// read to its end.
  std::optional<Archive> next();

  /// Of the archive that `next` returned, until it returns 0.
  [[nodiscard]] Source& content() noexcept;

  /// After `next` has returned none. Once.
  BackupEnd finish();

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace trackier::postgres
