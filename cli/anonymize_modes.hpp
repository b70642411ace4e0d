#pragma once
/// What a run of `anonymize` is asked to do, and what does not go together.

#include "anonymize_plan.hpp"

namespace trackier::cli {

/// --risk alone asks about the inputs as they are.
bool measures_input(const AnonymizeOptions& options);

/// Throws Error{Code::usage} for options that contradict each other.
void check_modes(const AnonymizeOptions& options);

}  // namespace trackier::cli
