#pragma once
/// Age of backups, of drills and of keys: what the commands have read, judged.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "check/finding.hpp"
#include "core/time.hpp"

namespace trackier::check {

/// What is known of the backups of a source.
struct BackupStanding {
  std::string source;
  std::chrono::seconds every{3600};  ///< as the settings have it
  std::optional<Time> taken;         ///< the newest sound backup
  std::optional<Time> proved;        ///< the last drill that passed, and restored
  std::string problem;               ///< why it could not be looked at; empty: it could
};

struct BackupLimits {
  std::optional<std::chrono::seconds> age;  ///< none: half as long again as `every` of the source
  std::chrono::seconds drill{std::chrono::days{31}};
};

/// where: what was looked into, for people.
Findings check_backups(const std::vector<BackupStanding>& sources, const BackupLimits& limits,
                       const std::string& where, Time now);

/// A key, and since when there is this version of it.
struct KeyStanding {
  std::string name;
  std::string state = "active";  ///< as trackier-keyring(5), STATES, has it
  bool is_in_use = true;         ///< others are not judged
  std::string probed;            ///< what was looked at
  std::optional<Time> since;     ///< none: see `problem`
  std::string problem;           ///< printable
  std::string cure;              ///< of the problem
};

Findings check_keys(const std::vector<KeyStanding>& keys, std::chrono::days most, Time now);

}  // namespace trackier::check
