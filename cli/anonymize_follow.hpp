#pragma once
/// `anonymize --follow`: a log that is being written, across its rotation.

#include "anonymize_plan.hpp"
#include "context.hpp"

namespace trackier::cli {

/// Runs until a signal asks for the end. Throws Error{Code::usage} for options that do not go with
/// --follow, Error{Code::busy} when another run has the position file, and what reading, writing
/// and anonymizing throw.
int follow(Context& context, const AnonymizeOptions& options);

}  // namespace trackier::cli
