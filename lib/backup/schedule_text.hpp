#pragma once
/// What to install so that backups are taken: lines for cron, units for systemd. Only text is made
/// here; nothing is installed.
///
/// Both start `trackier-ctl backup --if-due SOURCE`, which does nothing when the slot has its
/// backup. So they may start too often, and do where that makes up for downtime or a failure.

#include <chrono>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace trackier::backup {

struct ScheduledSource {
  std::string name;  ///< not empty, no "-" at its beginning
  std::chrono::minutes period{60};
  bool server = false;  ///< reached by a socket or over the network, as PostgreSQL is: no mere file
  /// What this source writes besides what all of them do, for systemd: a SQLite database's
  /// directory.
  std::vector<std::filesystem::path> writable = {};
};

struct ScheduleOptions {
  std::filesystem::path program;
  std::optional<std::filesystem::path> config = std::nullopt;  ///< passed as --config
  /// Whom backups run as. None: in cron the owner of the crontab, under systemd root. Units of
  /// another user are kept closer: that one needs nobody's home and no other user's identity.
  std::optional<std::string> user = std::nullopt;
  /// What tells this host from others, such as its name. The minute at which cron starts a source
  /// is made from it and the source's name.
  std::string host = {};
  /// For systemd; all absolute. What all sources write: the store, the state. They have to exist
  /// when the service starts.
  std::vector<std::filesystem::path> writable = {};
  /// What is read and may be absent when the service starts: databases. Everything else can be read
  /// too, except other programs' files in /tmp; naming paths there makes that one visible.
  std::vector<std::filesystem::path> readable = {};
};

/// A whole file: for /etc/cron.d with a user, for crontab(1) without.
/// Throws Error{Code::config} for what no such file can say: line ends and other control bytes,
/// text that is not UTF-8, a backslash, a path that is not absolute, a line that is too long, a
/// name twice, an odd user name; and for a period that is none (backup/slots.hpp).
std::string crontab(std::span<const ScheduledSource> sources, const ScheduleOptions& options);

struct UnitFile {
  std::string name;  ///< "trackier-ctl-backup-shop.service"
  std::string text;
};

/// A service and its timer for each source, in the order of the sources. Bytes of a name that unit
/// names cannot have are written as \xHH: the units of "my shop" are called after my\x20shop.
/// Throws like crontab(), except that backslashes are no trouble.
std::vector<UnitFile> systemd_units(std::span<const ScheduledSource> sources,
                                    const ScheduleOptions& options);

}  // namespace trackier::backup
