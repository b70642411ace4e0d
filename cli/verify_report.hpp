#pragma once
/// What drills have said, for people.

#include <optional>
#include <string>
#include <vector>

#include "context.hpp"
#include "proof/proof.hpp"
#include "store/directory.hpp"

namespace trackier::cli {

/// The exit status that says so.
Code code_of(proof::Verdict verdict);

/// A drill that has just ended: a line when it passed, otherwise one for each check that did not,
/// with what differs.
void tell_drill(Context& context, const proof::Proof& proof);

struct ReportOptions {
  std::optional<std::string> at;  ///< of this backup; none: the last of all
  bool json = false;
};

/// Prints the last proof of each source as it stands in the store. Returns the exit status: the
/// worst verdict, and that of Code::verdict when there is no proof, or the records are not whole.
int report_proofs(Context& context, const store::StoreDirectory& store,
                  const std::vector<std::string>& names, const ReportOptions& options);

}  // namespace trackier::cli
