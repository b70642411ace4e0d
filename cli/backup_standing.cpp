#include "backup_standing.hpp"

#include <algorithm>

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

}  // namespace trackier::cli
