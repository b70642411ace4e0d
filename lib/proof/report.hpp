#pragma once
/// Proofs as people read them.

#include <string>

#include "proof/proof.hpp"

namespace trackier::proof {

/// All of it for an auditor, in lines of at most 100 columns. Of more than forty tables only those
/// that differ are listed.
std::string report(const SignedProof& proof);

/// "shop 1f2e3d4c of 2026-11-23T10:00:04Z: passed at level content on 2026-11-26T10:01:12Z", which
/// is when the backup was taken and when the drill ended.
std::string summary_line(const SignedProof& proof);

}  // namespace trackier::proof
