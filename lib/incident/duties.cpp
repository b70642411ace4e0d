#include "incident/duties.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace trackier::incident {
namespace {

/// What has been done towards a duty for one recipient.
struct Step {
  bool is_drafted = false;
  bool is_approved = false;
  std::optional<Time> sent_at;
  std::optional<Time> last_sent_at;
  bool has_promised_update = false;
};

bool serves(const law::Law& law, std::chrono::year_month_day day, const std::string& of_draft,
            const law::Duty& duty) {
  if (of_draft == duty.id) {
    return true;
  }
  const law::Duty* const other = law.find(of_draft, day);
  return other != nullptr && shares_notice(duty, *other);
}

Step step_for(const Incident& incident, const law::Law& law, const law::Duty& duty,
              const Recipient& to) {
  const auto day = day_of_law(incident);
  Step step;
  for (const auto& [id, draft] : incident.drafts) {
    const Drafted& newest = draft.newest();
    if (newest.to == to && serves(law, day, newest.duty, duty)) {
      step.is_drafted = true;
      step.is_approved = step.is_approved || draft.approval() != nullptr || draft.is_sent();
    }
  }
  for (const Sending& each : incident.sendings) {
    if (each.sent.to != to || !serves(law, day, each.sent.duty, duty)) {
      continue;
    }
    const Time at = each.entry.at.time;
    step.sent_at = step.sent_at ? std::min(*step.sent_at, at) : at;
    if (!step.last_sent_at || *step.last_sent_at <= at) {
      step.last_sent_at = at;
      const auto draft = incident.drafts.find(each.sent.draft);
      step.has_promised_update =
          draft != incident.drafts.end() &&
          std::ranges::any_of(draft->second.versions, [&](const DraftVersion& version) {
            return version.drafted.version == each.sent.version && version.drafted.promises_update;
          });
    }
  }
  return step;
}

void take_steps(DutyState& state, const std::vector<Step>& steps) {
  const auto all = [&](auto is_done) { return std::ranges::all_of(steps, is_done); };
  for (const Step& step : steps) {
    if (step.sent_at) {
      ++state.sent;
      state.sent_at = state.sent_at ? std::max(*state.sent_at, *step.sent_at) : *step.sent_at;
    }
    state.has_promised_update = state.has_promised_update || step.has_promised_update;
  }
  if (all([](const Step& step) { return step.sent_at.has_value(); })) {
    state.progress = Progress::sent;
  } else if (all([](const Step& step) { return step.is_approved || step.sent_at; })) {
    state.progress = Progress::approved;
  } else if (all([](const Step& step) { return step.is_drafted || step.sent_at; })) {
    state.progress = Progress::drafted;
  } else {
    state.progress = Progress::due;
  }
}

/// The earliest of all the times that were ever given to a moment.
std::optional<Time> earliest(const Incident& incident, const std::string& name) {
  const auto set = incident.anchors.find(name);
  if (set == incident.anchors.end()) {
    return incident.anchor(name);
  }
  const auto times = [](const Anchor& each) { return each.entry.at.time; };
  return std::ranges::min_element(set->second, {}, times)->entry.at.time;
}

/// Assessed is each duty for itself: when somebody decided that it is owed. A controller is aware
/// when its processor tells it (EDPB Guidelines 9/2022, section II.A.4). at: of a moment by its
/// name.
template <typename At>
std::optional<Time> anchor_for(const Incident& incident, const law::Duty& duty,
                               const std::string& name, const At& at) {
  const auto decided = incident.decided_to_notify.find(duty.id);
  if (name == "assessed" && decided != incident.decided_to_notify.end()) {
    return decided->second;
  }
  const std::optional<Time> aware = at(name);
  if (name == "aware" && duty.role == "controller") {
    const std::optional<Time> told = at("told_by_processor");
    return told && (!aware || *told < *aware) ? told : aware;
  }
  return aware;
}

law::Deadline deadline_now(const Incident& incident, const law::Law& law, const law::Duty& duty) {
  const auto at = [&](const std::string& name) { return incident.anchor(name); };
  return law::deadline_of(
      duty, [&](const std::string& name) { return anchor_for(incident, duty, name, at); },
      law.holidays);
}

/// What the deadline was before a moment was moved later; none: it never was earlier than it is.
std::optional<law::Deadline> earlier_deadline(const Incident& incident, const law::Law& law,
                                              const law::Duty& duty, const law::Deadline& now) {
  const auto at = [&](const std::string& name) { return earliest(incident, name); };
  law::Deadline before = law::deadline_of(
      duty, [&](const std::string& name) { return anchor_for(incident, duty, name, at); },
      law.holidays);
  const bool is_earlier = before.due_at && (!now.due_at || *before.due_at < *now.due_at);
  return is_earlier ? std::optional{std::move(before)} : std::nullopt;
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

/// Logs name countries by codes, those of regions among them ("DE-BY"), or by names; empty: it is
/// none of these.
std::string code_of(const law::Authorities& authorities, const std::string& country) {
  constexpr std::size_t region = 2;
  std::string name = upper(country);
  if (name.size() > region && (name[region] == '-' || name[region] == '_')) {
    name.resize(region);
  }
  const auto found = std::ranges::find_if(authorities, [&](const auto& each) {
    const law::Authority& authority = each.second;
    return each.first == name || upper(authority.country) == name ||
           std::ranges::any_of(authority.also,
                               [&](const std::string& other) { return upper(other) == name; });
  });
  return found == authorities.end() ? std::string{} : found->first;
}

/// GDPR Art. 56(1): the authority of the main establishment. Without one in the Union that of each
/// country where people are affected (EDPB Guidelines 9/2022, version 2.0, paragraph 73).
std::vector<Recipient> authorities_of(const Incident& incident,
                                      const law::Authorities& authorities) {
  if (const auto own = code_of(authorities, incident.establishment()); !own.empty()) {
    return {{.tenant = {}, .country = own}};
  }
  std::set<std::string> countries;
  if (const ScopeRun* const scope = incident.scope()) {
    for (const Counted& each : scope->counted.counts) {
      if (each.records > 0) {
        countries.insert(code_of(authorities, each.country));
      }
    }
  }
  countries.erase("");
  std::vector<Recipient> found;
  for (const std::string& country : countries) {
    found.push_back({.tenant = {}, .country = country});
  }
  return found;
}

/// Those who are touched, and those who were promised another notice though a later count does not
/// have them: they are owed a correction.
std::vector<Recipient> customers_of(const Incident& incident, const law::Law& law,
                                    const law::Duty& duty, const ScopeRun& scope) {
  std::vector<Recipient> found;
  for (const Counted& each : scope.affected()) {
    found.push_back({.tenant = each.tenant, .country = {}});
  }
  for (const Sending& each : incident.sendings) {
    const Recipient& to = each.sent.to;
    if (!to.tenant.empty() && std::ranges::find(found, to) == found.end() &&
        step_for(incident, law, duty, to).has_promised_update) {
      found.push_back(to);
    }
  }
  return found;
}

DutyState state_of(const Incident& incident, const law::Law& law, const law::Duty& duty) {
  DutyState state;
  state.duty = &duty;
  state.deadline = deadline_now(incident, law, duty);
  state.earlier = earlier_deadline(incident, law, duty, state.deadline);
  const ScopeRun* const scope = incident.scope();
  if (const law::Authorities* const authorities = law.authorities_for(duty)) {
    state.recipients = authorities_of(incident, *authorities);
  } else if (goes_to_customers(duty) && scope != nullptr) {
    state.recipients = customers_of(incident, law, duty, *scope);
  }
  state.waits_for_scope = goes_to_customers(duty) && scope == nullptr;
  std::vector<Step> steps;
  for (const Recipient& each : state.recipients) {
    steps.push_back(step_for(incident, law, duty, each));
  }
  if (steps.empty()) {
    steps.push_back(goes_to_customers(duty) ? Step{} : step_for(incident, law, duty, {}));
  }
  const auto decision = incident.decisions.find(duty.id);
  const bool is_decided = decision != incident.decisions.end();
  take_steps(state, steps);
  if (is_decided && !decision->second.decided.notify) {
    state.progress = Progress::not_due;
  } else if (goes_to_customers(duty) && !state.waits_for_scope && state.recipients.empty()) {
    state.progress = Progress::undecided;  // a count that finds nobody may be a wrong count
  } else if (!is_decided && !duty.is_unconditional && state.progress != Progress::sent) {
    state.progress = Progress::undecided;
  }
  return state;
}

}  // namespace

std::string_view to_text(Progress progress) {
  constexpr std::array<std::string_view, 6> words{"undecided", "due",  "drafted",
                                                  "approved",  "sent", "not due"};
  return words.at(static_cast<std::size_t>(progress));
}

std::optional<Time> DutyState::due_at() const {
  if (earlier && earlier->due_at && (!deadline.due_at || *earlier->due_at < *deadline.due_at)) {
    return earlier->due_at;
  }
  return deadline.due_at;
}

bool DutyState::is_late(Time now) const {
  const auto due = due_at();
  if (!due || progress == Progress::not_due) {
    return false;
  }
  return progress == Progress::sent ? *sent_at > *due : now > *due;
}

bool goes_to_customers(const law::Duty& duty) {
  return duty.role == "processor";
}

bool goes_to_authorities(const law::Duty& duty) {
  return !duty.authorities.empty();
}

bool shares_notice(const law::Duty& one, const law::Duty& other) {
  return one.id == other.id || (goes_to_customers(one) && goes_to_customers(other) &&
                                !one.text.empty() && one.text == other.text);
}

const DutyState& notice_for(const std::vector<DutyState>& states, const DutyState& state) {
  const DutyState* first = nullptr;
  for (const DutyState& each : states) {
    const bool is_first =
        first == nullptr ||
        (each.due_at() && (!first->due_at() || *each.due_at() < *first->due_at()));
    if (shares_notice(*each.duty, *state.duty) && is_first) {
      first = &each;
    }
  }
  return first == nullptr ? state : *first;
}

bool concerns(const Incident& incident, const law::Duty& duty) {
  return duty.role == "any" ||
         std::ranges::find(incident.opened.roles, duty.role) != incident.opened.roles.end();
}

std::chrono::year_month_day day_of_law(const Incident& incident) {
  const Time at = incident.anchor("detected").value_or(incident.entry.at.time);
  return std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(at)};
}

std::vector<DutyState> duties_of(const Incident& incident, const law::Law& law, bool with_all) {
  std::set<std::string> touched;
  for (const auto& [duty, decision] : incident.decisions) {
    touched.insert(duty);
  }
  for (const auto& [id, draft] : incident.drafts) {
    touched.insert(draft.newest().duty);
  }
  for (const Sending& each : incident.sendings) {
    touched.insert(each.sent.duty);
  }
  std::vector<DutyState> states;
  for (const law::Duty* const duty : law.in_force(day_of_law(incident))) {
    const bool is_shown = with_all || (duty->is_default && concerns(incident, *duty));
    if (is_shown || touched.contains(duty->id)) {
      states.push_back(state_of(incident, law, *duty));
    }
  }
  const auto rank = [](const DutyState& state) {
    const bool is_now = state.deadline.kind == law::Deadline::Kind::now;
    return std::tuple{!state.is_open(), !is_now && !state.due_at(), !is_now,
                      state.due_at().value_or(Time::max())};
  };
  std::ranges::stable_sort(states, {}, rank);
  return states;
}

}  // namespace trackier::incident
