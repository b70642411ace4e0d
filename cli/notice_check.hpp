#pragma once
/// Whether a draft may leave the house.

#include <string>
#include <vector>

#include "context.hpp"
#include "incident/incident.hpp"
#include "incident_desk.hpp"
#include "notice/leaks.hpp"
#include "notice/template_set.hpp"

namespace trackier::cli {

/// What a draft still needs, a line each: "contact.phone is absent (GDPR 33(3)(b))".
std::vector<std::string> missing_in(const incident::Drafted& draft,
                                    const notice::TemplateSet& texts);

/// What must not be in it: personal values, and everything of other customers.
std::vector<std::string> leaks_in_draft(Context& context, const IncidentDesk& desk,
                                        const incident::Incident& incident,
                                        const incident::Drafted& draft);

/// The fields that are missing marked in the context, so that the text can be looked at before it
/// is complete.
notice::Value with_marks(const notice::Template& text, notice::Value context);

/// Begins every mark.
inline constexpr std::string_view missing_mark = "[MISSING";

}  // namespace trackier::cli
