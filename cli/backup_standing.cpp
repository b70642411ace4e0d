#include "backup_standing.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "store/removal.hpp"

namespace trackier::cli {

const store::SignedManifest* newest_sound(const store::Listing& listing) {
  const auto newest = std::find_if(listing.manifests.rbegin(), listing.manifests.rend(),
                                   [](const auto& each) { return !each.manifest.damaged; });
  return newest == listing.manifests.rend() ? nullptr : &*newest;
}

const proof::SignedProof* last_passed(const proof::ProofDirectory::Listing& proofs) {
  const auto proved = proof::proved_manifests(proofs);
  const proof::SignedProof* last = nullptr;
  for (const proof::SignedProof& each : proofs.proofs) {
    if (proved.contains(each.proof.manifest) && each.proof.verdict == proof::Verdict::passed &&
        each.proof.level >= proof::Level::restore) {
      last = &each;
    }
  }
  return last;
}

backup::Account slot_account(Context& context, const store::SourceDirectory& source,
                             const store::Listing& listing, const backup::HostState& state,
                             backup::AccountOptions span) {
  std::vector<backup::TakenBackup> taken;
  for (const auto& each : listing.manifests) {
    const store::Manifest& manifest = each.manifest;
    taken.push_back({.slot = manifest.slot,
                     .id = manifest.id,
                     .taken = manifest.taken,
                     .damaged = manifest.damaged});
  }
  const auto removals = store::list_removals(context.files(), source);
  for (const auto& each : removals.removed) {
    taken.push_back({.slot = each.slot,
                     .id = printable(each.id),
                     .taken = each.taken,
                     .damaged = each.damaged,
                     .removed = true});
  }
  for (const auto& each : taken) {
    span.since = span.since ? std::min(*span.since, each.taken) : each.taken;
  }
  const auto attempts = state.attempts();
  if (!attempts.empty()) {
    const Time began = attempts.front().started;
    span.since = span.since ? std::min(*span.since, began) : began;
  }
  return backup::account(taken, attempts, span);
}

}  // namespace trackier::cli
