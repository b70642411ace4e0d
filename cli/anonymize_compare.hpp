#pragma once
/// `anonymize --compare IN OUT`: whether OUT is IN without the people in it.

#include "anonymize_plan.hpp"
#include "context.hpp"

namespace trackier::cli {

/// The exit status: 0, or 1 when something is wrong or nothing was compared.
int compare_files(Context& context, const AnonymizeOptions& options);

}  // namespace trackier::cli
