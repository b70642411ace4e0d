#pragma once
/// The fields of a notice, filled from what is known of an incident.

#include <string>

#include "context.hpp"
#include "incident/incident.hpp"
#include "incident_desk.hpp"
#include "notice/template_set.hpp"
#include "notice/value.hpp"

namespace trackier::cli {

struct NoticeFor {
  const incident::Incident& incident;
  const law::Duty& duty;
  const notice::Template& text;
  incident::Recipient to;                           ///< empty: whom the duty names
  std::vector<incident::Recipient> all;             ///< that the duty is owed to, one notice each
  const incident::Draft* previous = nullptr;        ///< the notice before, which was sent
  const notice::Template* previous_text = nullptr;  ///< of which model text it was
};

/// Of everything a notice can say, what is known. Of customers there is the one it goes to, and
/// nobody else. Throws Error{Code::data} for a fact whose value does not fit its field.
notice::Value notice_context(Context& context, const IncidentDesk& desk, const NoticeFor& notice);

/// The model texts in force: those of the settings, or those the program carries.
notice::TemplateSet notice_texts(Context& context);

}  // namespace trackier::cli
