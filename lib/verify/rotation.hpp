#pragma once
/// Which backup is to be verified next, so that each is while it lives.

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "proof/proof_directory.hpp"
#include "store/directory.hpp"

namespace trackier::verify {

/// A source and what is known of it.
struct Rotated {
  std::string source;
  const store::Listing* backups = nullptr;
  const proof::ProofDirectory::Listing* proofs = nullptr;
};

struct Next {
  std::string source;
  const store::SignedManifest* backup = nullptr;
  std::string why;  ///< "the newest; nothing younger than a day is proved", for people
  /// How long the last drill of the source took; none: it is the first.
  std::optional<std::chrono::seconds> last_took;
};

/// The source whose last drill is the longest ago, and of it: the newest backup, when none younger
/// than a day has been drilled; else the oldest that never was, for it is the next to go; else the
/// one whose drill is the longest ago. A drill counts however it ended. done: ids to pass over.
/// None when there is nothing left.
std::optional<Next> choose_next(const std::vector<Rotated>& sources,
                                const std::set<std::string>& done, Time now);

}  // namespace trackier::verify
