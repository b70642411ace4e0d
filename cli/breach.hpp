#pragma once
/// The verbs of the command that leads through a breach.

#include <string>

#include "args.hpp"
#include "context.hpp"
#include "incident/duties.hpp"
#include "incident_desk.hpp"
#include "law/severity.hpp"

namespace trackier::cli::breach_verbs {

Command make_open();
Command make_note();
Command make_mark();
Command make_aware();
Command make_fact();
Command make_decide();
Command make_correct();
Command make_close();
Command make_dismiss();
Command make_clock();
Command make_duties();
Command make_next();
Command make_status();
Command make_list();
Command make_timeline();
Command make_head();
Command make_scope();
Command make_severity();
Command make_draft();
Command make_edit();
Command make_diff();
Command make_check();
Command make_approve();
Command make_eml();
Command make_sent();

Command make_register();
Command make_bundle();
Command make_drill();
Command make_template();

/// The clocks of an incident, a line each; with_why: and how each was counted.
std::string clock_table(const IncidentDesk& desk, const incident::Incident& incident,
                        const std::vector<incident::DutyState>& states, bool with_why);

/// What is to be done now, as a command, and why.
struct Step {
  std::string command;
  std::string why;
};
/// The most pressing first; none when nothing is to be done.
std::vector<Step> next_steps(const IncidentDesk& desk, const incident::Incident& incident,
                             const std::vector<incident::DutyState>& states);

/// Throws Error{Code::usage} with the nearest for a draft that is not there.
const incident::Draft& find_draft(const incident::Incident& incident, const std::string& draft);

/// Of an exercise, which is called DRILL-...
bool is_drill(std::string_view incident);

/// What the register has of a breach.
struct RegisterEntry {
  std::string incident;
  std::string state;
  std::string title;
  std::string detected;
  std::string aware;  ///< empty: not yet
  std::uint64_t records = 0;
  std::uint64_t people = 0;  ///< at most
  std::string severity;      ///< empty: not scored
  std::string duties;        ///< each with its state, and the reason of a decision
  std::string because;       ///< why it is in this state; may be empty
};
RegisterEntry register_entry(const IncidentDesk& desk, const incident::Incident& incident);

/// An event in a line, for people.
std::string telling(const incident::Event& event);

/// "asha (as SUDO_USER says)".
std::string name_of(const incident::Person& person);

/// Throws Error{Code::usage} when there is none, or nothing in it. of: "a decision".
const std::string& reason_of(const std::optional<std::string>& because, const char* of);

/// " to acme"; of a duty with one recipient nothing.
std::string to_whom(const incident::Recipient& to);
std::vector<std::string> names_of(const std::vector<incident::Recipient>& recipients);

/// The notice as a mail. Throws what mail::to_eml throws, and Error{Code::usage} when nothing
/// says where it goes.
std::string mail_of(const incident::Incident& incident, const incident::DraftVersion& version);

/// What was recorded of a severity, for counting with.
law::Assessment assessment_of(const incident::SeverityScored& scored);

/// What stands beside a score: "more than 100 people"; "none".
std::string severity_flags(const incident::Incident& incident, const incident::Severity& severity);

/// The highest of all customers; none: nothing was scored.
std::optional<law::Level> worst_severity(const incident::Incident& incident);

/// Tells of an entry that was recorded, with -v.
void tell_recorded(Context& context, const incident::SignedEntry& entry);

}  // namespace trackier::cli::breach_verbs
