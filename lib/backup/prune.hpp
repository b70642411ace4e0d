#pragma once
/// Taking away the backups that retention does not keep, and what only they needed.

#include <set>
#include <string>
#include <vector>

#include "backup/retention.hpp"
#include "core/time.hpp"
#include "crypto/secret.hpp"
#include "os/file.hpp"
#include "store/directory.hpp"

namespace trackier::backup {

struct PrunePlan {
  std::vector<Decision> decisions;  ///< newest first
  store::Listing listing;

  [[nodiscard]] std::size_t removals() const;
};

/// verified: ids of backups that have been. Throws what clock_problem and mass_deletion say, and
/// Error{Code::data} when a manifest or a hold cannot be read: it is not known then what is needed.
PrunePlan plan_prune(os::FileSystem& files, const store::SourceDirectory& source,
                     const std::set<std::string>& verified, const Retention& retention,
                     const MassDeletion& limits, Time now);

struct Pruned {
  std::size_t backups = 0;
  std::uint64_t bytes = 0;      ///< that are free now
  bool packs_are_read = false;  ///< somebody reads: packs were left for the next time
};

/// Does it. The caller has the source's write lock. What is removed is written down first; after a
/// crash at any moment the next run goes on.
Pruned prune(os::FileSystem& files, const store::SourceDirectory& source, const PrunePlan& plan,
             Time now, const crypto::Secret& signing_key);

}  // namespace trackier::backup
