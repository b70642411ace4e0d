// What to do next in an incident.
#include <fmt/format.h>

#include <algorithm>

#include "breach.hpp"

namespace trackier::cli::breach_verbs {
namespace {

using incident::DutyState;
using incident::Progress;

std::string verb(const incident::Incident& incident, const std::string& rest) {
  const std::size_t space = std::min(rest.find(' '), rest.size());
  return fmt::format("trackier-ctl breach {} {}{}", rest.substr(0, space), incident.id,
                     rest.substr(space));
}

Step step_for(const incident::Incident& incident, const DutyState& state) {
  const law::Duty& duty = *state.duty;
  switch (state.progress) {
    case Progress::undecided:
      return {verb(incident, fmt::format("decide {} --notify --because '...'", duty.id)),
              fmt::format("decide whether {} has to be told ({}); --no-notify if not",
                          duty.recipient, duty.trigger)};
    case Progress::due:
      if (duty.text.empty()) {
        return {verb(incident,
                     fmt::format("sent --duty {} --channel '...' --reference '...'", duty.id)),
                fmt::format("tell {}, and record it", duty.recipient)};
      }
      return {verb(incident, fmt::format("draft --duty {}", duty.id)),
              fmt::format("write to {}", duty.recipient)};
    case Progress::drafted:
      return {verb(incident, "check"), fmt::format("have the drafts for {} approved", duty.id)};
    default:
      return {verb(incident, "check"), fmt::format("send the drafts for {}", duty.id)};
  }
}

}  // namespace

std::vector<Step> next_steps(const IncidentDesk& desk, const incident::Incident& incident,
                             const std::vector<DutyState>& states) {
  constexpr std::chrono::hours pressing{12};
  std::vector<Step> steps;
  if (incident.is_over()) {
    return steps;
  }
  const auto is_pressing = [&](const DutyState& state) {
    const auto due = state.due_at();
    return state.is_open() && !state.waits_for_scope && due && *due - desk.now() < pressing;
  };
  const auto add = [&](Step step) {
    if (std::ranges::find(steps, step.command, &Step::command) == steps.end()) {
      steps.push_back(std::move(step));
    }
  };
  if (!incident.anchor("detected")) {  // opening it was cut off
    add({verb(incident, "mark detected --at T"), "say when the first signal came"});
  }
  for (const auto& [id, draft] : incident.drafts) {
    if (draft.handover) {
      add({verb(incident, fmt::format("sent {} --channel '...' --reference '...'", id)),
           fmt::format("find out from the log of the mail server whether it has {}; if not: "
                       "--smtp --again --because '...'",
                       id)});
    }
  }
  for (const DutyState& state : states) {
    if (is_pressing(state)) {
      add(step_for(incident, state));
    }
  }
  if (!incident.anchor("aware")) {
    add({verb(incident, "aware --at now --because '...'"),
         "as soon as it is reasonably certain that personal data was compromised, say so; until "
         "then investigate"});
  }
  if (incident.scope() == nullptr) {
    add({verb(incident, "scope --logs '...' --from T --to T --exposed '...' --person FIELD"),
         "count from the logs whom it touches: notices to customers wait for that"});
  }
  if (incident.scope() != nullptr && incident.severities.empty()) {
    add({verb(incident, "severity --dpc ... --ei ... --cb ... --because '...'"),
         "assess how bad it is for people"});
  }
  for (const DutyState& state : states) {
    const bool has_begun = state.deadline.kind == law::Deadline::Kind::now || state.due_at();
    if (state.is_open() && !state.waits_for_scope && has_begun) {
      add(step_for(incident, state));
    }
  }
  for (const DutyState& state : states) {
    if (!state.is_open() && state.has_promised_update) {
      add({verb(incident, fmt::format("draft --duty {} --follow-up", state.duty->id)),
           "the notice that was promised"});
    }
  }
  if (incident.state == "confirmed") {
    add({verb(incident, "mark contained --because '...'"), "say when it went on no more"});
  }
  if (steps.empty()) {
    add({verb(incident, "close --because '...'"), "nothing is owed any more"});
  }
  return steps;
}

}  // namespace trackier::cli::breach_verbs
