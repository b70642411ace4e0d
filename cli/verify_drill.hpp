#pragma once
/// One drill as the commands run it: with what settings say, and its record kept.

#include <optional>
#include <string>

#include "backup_sources.hpp"
#include "context.hpp"
#include "identities.hpp"
#include "proof/proof_directory.hpp"
#include "store/directory.hpp"

namespace trackier::cli {

struct DrillRequest {
  proof::Level level = proof::Level::content;
  std::optional<double> sample;  ///< share of the packs, 0 to 1
  bool against_live = false;
  std::optional<std::string> scratch;
  std::optional<unsigned> threads;
};

/// The proofs of a source; those of strangers count as unreadable, as with manifests.
proof::ProofDirectory proof_directory(Context& context, const store::SourceDirectory& source);

/// Runs the drill and keeps its record, whatever it says. None when the backup was removed since it
/// was listed. Throws Error{Code::busy} when another drill of the source is running.
std::optional<proof::SignedProof> run_drill(Context& context, const store::StoreDirectory& store,
                                            const std::string& source,
                                            const store::SignedManifest& backup,
                                            const DrillRequest& request,
                                            const IdentityOptions& identities);

}  // namespace trackier::cli
