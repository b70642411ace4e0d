#pragma once
/// Drafts and their versions.

#include <optional>
#include <string>

#include "breach.hpp"

namespace trackier::cli::breach_verbs {

/// What all forms of a notice begin with; empty unless it is a drill.
std::string banner_of(const incident::Incident& incident);

/// The newest without a number. Throws Error{Code::usage} for one that is not there.
const incident::Drafted& version_of(const incident::Draft& draft, std::optional<unsigned> version);

/// Throws Error{Code::verdict} naming what must not even be kept in a draft.
void refuse_leaks_in(Context& context, const IncidentDesk& desk, const incident::Incident& incident,
                     const incident::Drafted& draft);

}  // namespace trackier::cli::breach_verbs
