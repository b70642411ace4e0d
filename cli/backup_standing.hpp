#pragma once
/// How a source stands: its newest backup and the last proof that one comes back.

#include "proof/proof_directory.hpp"
#include "store/directory.hpp"

namespace trackier::cli {

/// Null when there is none. Into `listing`.
const store::SignedManifest* newest_sound(const store::Listing& listing);

/// Of the drills that have restored a backup the last one that passed, and did not fail later. Null
/// when there is none. Into `proofs`.
const proof::SignedProof* last_passed(const proof::ProofDirectory::Listing& proofs);

}  // namespace trackier::cli
