#pragma once
/// Names of persons in running text, by what stands beside them (titles, salutations, "my name is")
/// and by lists of known names. It finds many and misses many: trackier-ctl-anonymize(1), NAMES,
/// says how many.

#include <string_view>
#include <vector>

#include "anonymize/match.hpp"

namespace trackier::anonymize {

/// Appends the names in `text`, in order, none overlapping. None reaches over a line end, a quote
/// or any other mark but the spaces, hyphens, apostrophes and full stops within names, and the
/// comma of "Doe, Jane".
void find_person_names(std::string_view text, std::vector<Match>& matches);

}  // namespace trackier::anonymize
