#pragma once
/// What the parts of a drill have in common. Of interest inside this area only.

#include <chrono>

#include "backup/restore.hpp"
#include "verify/drill.hpp"
#include "verify/recorder.hpp"
#include "verify/scratch.hpp"

namespace trackier::verify {

struct DrillRun {
  Recorder& recorder;
  backup::BackupReader& backup;
  const DrillPlace& place;
  const DrillOptions& options;
  const DrillEvents& events;
  const std::stop_token& stop;
  std::chrono::steady_clock::time_point begun;  ///< of restoring

  [[nodiscard]] bool goes_to(proof::Level level) const { return options.level >= level; }
  [[nodiscard]] const store::Manifest& manifest() const { return backup.manifest(); }

  /// Restores into `target`, as the check "data".
  bool restore_to(backup::RestoreTarget& target) const;
  /// It answers queries: from here on the recovery time is known.
  void answers() const;
  /// A place for it, and a word of what others have left there.
  [[nodiscard]] std::unique_ptr<Scratch> make_scratch() const;
  /// The tables whose rows were not digested when the backup was taken.
  [[nodiscard]] std::set<std::string> skipped_tables() const;
};

/// The levels `content` and, when it is asked for, the comparison with the live database. find:
/// describes what was restored. is_identical: every byte is known to be as it was. is_recovered: as
/// of comparable().
void compare_content(const DrillRun& run, bool is_identical, bool is_recovered,
                     const std::function<content::Content()>& find);

/// Asks what the operator expects. ask: the first column of the one row that the statement gives;
/// none: NULL. The parameters are those the statement speaks of, $1 and $2.
void check_expectations(const DrillRun& run,
                        const std::function<std::optional<std::string>(
                            const Expectation&, const std::vector<std::string>& parameters)>& ask);

/// From the level `restore` on.
void drill_sqlite(const DrillRun& run);
void drill_cluster(const DrillRun& run);
void drill_dump(const DrillRun& run);

}  // namespace trackier::verify
