#pragma once
/// How a source stands: its newest backup and the last proof that one comes back.

#include "backup/host_state.hpp"
#include "backup/slots.hpp"
#include "context.hpp"
#include "proof/proof_directory.hpp"
#include "store/directory.hpp"

namespace trackier::cli {

/// Null when there is none. Into `listing`.
const store::SignedManifest* newest_sound(const store::Listing& listing);

/// Of the drills that have restored a backup the last one that passed, and did not fail later. Null
/// when there is none. Into `proofs`.
const proof::SignedProof* last_passed(const proof::ProofDirectory::Listing& proofs);

/// Of the source's slots, what became of each: from manifests, from what retention has removed, and
/// from what the host remembers of its runs. span.since is found here.
backup::Account slot_account(Context& context, const store::SourceDirectory& source,
                             const store::Listing& listing, const backup::HostState& state,
                             backup::AccountOptions span);

}  // namespace trackier::cli
