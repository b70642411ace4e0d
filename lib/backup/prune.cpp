#include "backup/prune.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "store/hold.hpp"
#include "store/removal.hpp"

namespace trackier::backup {
namespace {

using store::SignedManifest;

/// An envelope without a backup is of a chain that is about to begin, or was to, for so long.
constexpr std::chrono::hours envelopes_stay{24};

std::vector<Candidate> candidates_of(const store::Listing& listing,
                                     const std::vector<store::Hold>& holds,
                                     const std::set<std::string>& verified) {
  std::vector<Candidate> candidates;
  for (const SignedManifest& each : listing.manifests) {
    const store::Manifest& manifest = each.manifest;
    const auto hold = std::ranges::find_if(
        holds, [&](const store::Hold& one) { return one.covers(manifest.slot); });
    candidates.push_back({.id = manifest.id,
                          .sequence = manifest.sequence,
                          .slot = manifest.slot,
                          .received = each.received,
                          .damaged = manifest.damaged,
                          .verified = verified.contains(manifest.id),
                          .hold = hold == holds.end() ? std::nullopt : std::optional{hold->name}});
  }
  return candidates;
}

}  // namespace

std::size_t PrunePlan::removals() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(decisions, [](const Decision& each) { return !each.keep; }));
}

PrunePlan plan_prune(os::FileSystem& files, const store::SourceDirectory& source,
                     const std::set<std::string>& verified, const Retention& retention,
                     const MassDeletion& limits, Time now) {
  PrunePlan plan{.decisions = {}, .listing = source.list()};
  if (!plan.listing.unreadable.empty()) {
    throw Error{Code::data,
                fmt::format("nothing is removed while a manifest cannot be read: {}",
                            plan.listing.unreadable.front().why),
                "restore it from a copy of the store, or move it away"};
  }
  const auto candidates = candidates_of(plan.listing, list_holds(files, source), verified);
  if (const auto problem = clock_problem(candidates, now)) {
    throw Error{*problem};
  }
  plan.decisions = decide(candidates, retention, now);
  if (const auto problem = mass_deletion(plan.decisions, limits)) {
    throw Error{*problem};
  }
  return plan;
}

Pruned prune(os::FileSystem& files, const store::SourceDirectory& source, const PrunePlan& plan,
             Time now, const crypto::Secret& signing_key) {
  std::map<std::string, const Decision*> decisions;
  for (const Decision& each : plan.decisions) {
    decisions.emplace(each.id, &each);
  }
  std::vector<store::Removed> removed;
  store::Listing left;
  for (const SignedManifest& each : plan.listing.manifests) {
    const store::Manifest& manifest = each.manifest;
    const Decision& decision = *decisions.at(manifest.id);
    if (decision.keep) {
      left.manifests.push_back(each);
    } else {
      removed.push_back({.sequence = manifest.sequence,
                         .id = manifest.id,
                         .digest = each.digest,
                         .slot = manifest.slot,
                         .taken = manifest.taken,
                         .damaged = manifest.damaged,
                         .rule = decision.rule});
    }
  }
  Pruned pruned{.backups = removed.size()};
  if (!removed.empty()) {
    record_removal(files, source, removed, now, signing_key);
    for (const SignedManifest& each : plan.listing.manifests) {
      if (!decisions.at(each.manifest.id)->keep) {
        files.remove(source.manifests() / file_name_of(each.manifest));
      }
    }
    files.sync_directory(source.manifests());
  }
  // Only what no manifest names any more goes, so a crash in between leaves nothing broken.
  const auto lock = source.try_lock(store::Lock::remove);
  pruned.packs_are_read = lock == nullptr;
  if (lock) {
    pruned.bytes = source.sweep(left);
    source.sweep_chains(left, now - envelopes_stay);
  }
  return pruned;
}

}  // namespace trackier::backup
