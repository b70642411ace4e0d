// Deadlines: shown, explained, and watched by cron.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "breach.hpp"
#include "core/text.hpp"
#include "durations.hpp"
#include "json_line.hpp"

namespace trackier::cli::breach_verbs {
namespace {

using incident::DutyState;
using incident::Progress;
using law::Deadline;
using Json = nlohmann::ordered_json;

struct Options {
  std::string incident;
  std::optional<std::string> warn_within;
  bool all = false;
  bool why = false;
  bool json = false;
  bool drills = false;
};

std::string due_text(const IncidentDesk& desk, const DutyState& state) {
  if (const auto due = state.due_at()) {
    return time_text(*due, desk.zone());
  }
  switch (state.deadline.kind) {
    case Deadline::Kind::now:
      return "NOW";
    case Deadline::Kind::unknown:
      return "cannot be counted";
    default:
      return state.deadline.why;
  }
}

std::string left(const IncidentDesk& desk, const DutyState& state) {
  const auto due = state.due_at();
  if (!due || !state.is_open()) {
    return state.progress == Progress::sent && state.is_late(desk.now()) ? "late" : "";
  }
  return left_text(*due - desk.now()) + (*due < desk.now() ? " !" : "");
}

std::string whom(const DutyState& state) {
  if (incident::goes_to_authorities(*state.duty) && !state.recipients.empty()) {
    return fmt::format("authorit{} of {}", state.recipients.size() == 1 ? "y" : "ies",
                       fmt::join(names_of(state.recipients), ", "));
  }
  if (!incident::goes_to_customers(*state.duty)) {
    return printable(state.duty->recipient);
  }
  return state.waits_for_scope ? "? customers"
                               : fmt::format("{} customer{}", state.recipients.size(),
                                             state.recipients.size() == 1 ? "" : "s");
}

std::string state_text(const DutyState& state) {
  if (state.waits_for_scope && state.is_open()) {
    return "waits for scope";
  }
  if (state.is_open() && state.sent > 0) {
    return fmt::format("{} of {} sent", state.sent, state.recipients.size());
  }
  return std::string{incident::to_text(state.progress)};
}

Json json_of(const IncidentDesk& desk, const std::string& incident, const DutyState& state) {
  const auto time = [](const std::optional<Time>& at) {
    return at ? Json(to_rfc3339(*at)) : Json();
  };
  const auto due = state.due_at();
  return Json{{"incident", incident},
              {"duty", state.duty->id},
              {"recipient", state.duty->recipient},
              {"state", incident::to_text(state.progress)},
              {"anchor", state.duty->anchor},
              {"anchor_at", time(state.deadline.anchor_at)},
              {"due", time(due)},
              {"now", state.deadline.kind == Deadline::Kind::now},
              {"seconds_left", due ? Json((*due - desk.now()).count()) : Json()},
              {"late", state.is_late(desk.now())},
              {"outer_limit", time(state.deadline.outer_at)},
              {"why", state.deadline.why},
              {"law", state.duty->law},
              {"text_date", state.duty->text_date},
              {"confidence", state.duty->confidence},
              {"recipients", names_of(state.recipients)},
              {"sent", state.sent}};
}

std::string what_would_change_it(const DutyState& state) {
  std::string text = fmt::format("another time of {}", state.duty->anchor);
  if (!state.duty->is_unconditional) {
    text += ", or the decision not to notify";
  }
  return text;
}

std::string why_text(const IncidentDesk& desk, const incident::Incident& incident,
                     const DutyState& state) {
  const law::Duty& duty = *state.duty;
  std::string text = fmt::format(
      "    {}\n    law: {} (text: {}; sureness {})\n    owed when: {}\n    anchor: {}{}\n",
      state.deadline.why, duty.law, duty.text_date, duty.confidence, duty.trigger, duty.anchor,
      state.deadline.anchor_at ? ", " + time_text(*state.deadline.anchor_at, desk.zone()) : "");
  const auto decision = incident.decisions.find(duty.id);
  if (decision != incident.decisions.end()) {
    const incident::Decision& made = decision->second;
    text += fmt::format("    decided: {}, by {}, because: {}\n",
                        made.decided.notify ? "notify" : "do not notify",
                        printable(made.entry.by.name), printable(made.decided.because));
  }
  if (!duty.period && duty.soft_target_hours) {
    text +=
        fmt::format("    the law has no number; within {} h is advised\n", *duty.soft_target_hours);
  }
  if (!duty.record.empty()) {
    text += fmt::format("    to be kept: {}\n", duty.record);
  }
  if (state.earlier) {
    text += fmt::format("    before {} was moved: {}\n", duty.anchor, state.earlier->why);
  }
  if (state.deadline.outer_at) {
    text += fmt::format("    outer limit by Regulation 1182/71, for information: {}\n",
                        time_text(*state.deadline.outer_at, desk.zone()));
  }
  if (!duty.late_rule.empty()) {
    text += fmt::format("    when late: {}\n", duty.late_rule);
  }
  if (!duty.phased.empty()) {
    text += fmt::format("    in phases: {}\n", duty.phased);
  }
  if (!duty.note.empty()) {
    text += fmt::format("    note: {}\n", duty.note);
  }
  return text + fmt::format("    source: {}\n    what would change it: {}\n", duty.source,
                            what_would_change_it(state));
}

int clock(Context& context, const Options& options) {
  IncidentDesk desk{context};
  const auto incident = desk.incident(options.incident);
  const auto states = incident::duties_of(incident, desk.law(), options.all);
  if (options.json) {
    for (const DutyState& state : states) {
      context.out().result(json_line(json_of(desk, incident.id, state)));
    }
    return 0;
  }
  context.out().result(clock_table(desk, incident, states, options.why));
  if (options.why) {
    context.out().result(fmt::format("\nLaw as read on {}; time zones of tzdata {}. {}\n",
                                     desk.law().snapshot, os::zone_data_version(),
                                     desk.law().disclaimer));
  }
  return 0;
}

int next(Context& context, const Options& options) {
  IncidentDesk desk{context};
  const auto incident = desk.incident(options.incident);
  const auto steps = next_steps(desk, incident, incident::duties_of(incident, desk.law(), false));
  if (steps.empty()) {
    context.out().result("nothing is to be done\n");
    return 0;
  }
  context.out().result(fmt::format("{}\n{}\n", steps.front().why, steps.front().command));
  return 0;
}

/// What cron is told of an incident, the worst first.
class Watch {
 public:
  Watch(Context& context, IncidentDesk& desk, std::chrono::seconds within, bool json)
      : context_(context), desk_(desk), within_(within), json_(json) {}

  void look_at(const std::string& name) {
    const incident::Chain chain = desk_.chain(name);
    if (chain.bad) {
      tell("broken", name, nullptr,
           fmt::format("the timeline is broken at entry {}: {}", chain.bad->seq, chain.bad->why));
      return;
    }
    if (chain.has_lost_head) {
      tell("broken", name, nullptr, lost_head_text(chain));
    }
    const auto incident = incident::incident_of(chain.entries);
    if (incident.is_over() && desk_.affected(name).has_key()) {
      tell("unfinished", name, nullptr,
           fmt::format("it is {}, and the key to the people it touched is still there: "
                       "trackier-ctl breach {} {} --because '...'",
                       incident.state, incident.state == "closed" ? "close" : "dismiss", name));
    }
    if (!incident.is_over()) {
      for (const std::string& doubt : chain.doubts) {
        tell("clock", name, nullptr, doubt);
      }
      for (const DutyState& state : incident::duties_of(incident, desk_.law(), false)) {
        look_at(name, state);
      }
    }
  }

  [[nodiscard]] bool is_well() const { return is_well_; }

 private:
  void look_at(const std::string& name, const DutyState& state) {
    const auto due = state.due_at();
    const bool is_now = state.deadline.kind == Deadline::Kind::now;
    const bool is_unknown = state.deadline.kind == Deadline::Kind::unknown;
    if (!state.is_open() || (!is_now && !is_unknown && (!due || *due - desk_.now() > within_))) {
      return;
    }
    const bool is_undecided = state.progress == Progress::undecided;
    if (!due) {
      tell(is_undecided ? "undecided" : "due", name, &state,
           fmt::format("{}, {}", state_text(state), state.deadline.why));
      return;
    }
    const bool is_over = *due < desk_.now();
    const char* const word = is_over ? "overdue" : is_undecided ? "undecided" : "due";
    tell(word, name, &state,
         fmt::format("{}, {}: {}", state_text(state),
                     is_over ? "was due " + time_text(*due, desk_.zone())
                             : "due " + time_text(*due, desk_.zone()),
                     is_over ? left_text(desk_.now() - *due) + " ago"
                             : left_text(*due - desk_.now()) + " left"));
  }

  void tell(const char* word, const std::string& incident, const DutyState* state,
            const std::string& what) {
    is_well_ = false;
    if (json_) {
      Json json{{"problem", word}, {"what", what}};
      json.update(state == nullptr ? Json{{"incident", incident}}
                                   : json_of(desk_, incident, *state));
      context_.out().result(json_line(json));
      return;
    }
    context_.out().result(fmt::format("{} {}{}{}: {}\n", word, incident,
                                      state == nullptr ? "" : " ",
                                      state == nullptr ? "" : state->duty->id, what));
  }

  Context& context_;
  IncidentDesk& desk_;
  std::chrono::seconds within_;
  bool json_;
  bool is_well_ = true;
};

int status(Context& context, const Options& options) {
  const auto within = duration_of(options.warn_within.value_or("12h"), "--warn-within");
  IncidentDesk desk{context};
  Watch watch{context, desk, within, options.json};
  for (const std::string& name : desk.timeline().incidents()) {
    if (options.drills || !is_drill(name)) {
      watch.look_at(name);
    }
  }
  return static_cast<int>(watch.is_well() ? Code::ok : Code::verdict);
}

}  // namespace

std::string clock_table(const IncidentDesk& desk, const incident::Incident& incident,
                        const std::vector<DutyState>& states, bool with_why) {
  struct Row {
    std::string due;
    std::string left;
    std::string duty;
    std::string to;
    std::string state;
  };
  std::vector<Row> rows{{"DUE", "LEFT", "DUTY", "TO", "STATE"}};
  std::size_t due_width = 0;
  std::size_t left_width = 0;
  std::size_t duty_width = 0;
  for (const DutyState& state : states) {
    rows.push_back(
        {due_text(desk, state), left(desk, state), state.duty->id, whom(state), state_text(state)});
  }
  for (const Row& row : rows) {
    due_width = std::max(due_width, row.due.size());
    left_width = std::max(left_width, row.left.size());
    duty_width = std::max(duty_width, row.duty.size());
  }
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    text += fmt::format("{:<{}}  {:>{}}  {:<{}}  {:<15}  {}\n", row.due, due_width, row.left,
                        left_width, row.duty, duty_width, row.state, row.to);
    if (with_why && i > 0) {
      text += why_text(desk, incident, states[i - 1]);
    }
  }
  return text;
}

Command make_clock() {
  auto options = std::make_shared<Options>();
  Command command{"clock", "show when everything is due"};
  add_incident(command, options->incident);
  command.flag("--why", options->why, "and how each deadline is counted, from which law");
  command.flag("--all", options->all, "also duties that only some companies have");
  command.flag("--json", options->json, "print a line of JSON for each");
  command.run([options](Context& context) { return clock(context, *options); });
  return command;
}

Command make_duties() {
  auto options = std::make_shared<Options>();
  Command command{"duties", "show what is owed to whom, and what has been decided"};
  add_incident(command, options->incident);
  command.flag("--all", options->all, "also duties that only some companies have");
  command.flag("--json", options->json, "print a line of JSON for each");
  command.run([options](Context& context) {
    options->why = true;
    return clock(context, *options);
  });
  return command;
}

Command make_next() {
  auto options = std::make_shared<Options>();
  Command command{"next", "say the one thing to do now"};
  add_incident(command, options->incident);
  command.run([options](Context& context) { return next(context, *options); });
  return command;
}

Command make_status() {
  auto options = std::make_shared<Options>();
  Command command{"status", "say what is due soon or overdue, of all incidents"};
  command.about(
      "For cron: silent when nothing is near. Otherwise exit 1 and a line for each duty, whose\n"
      "first word says why: due, overdue, undecided; broken for a timeline that was changed, "
      "clock\n"
      "for a clock that was set.");
  command.option("--warn-within", options->warn_within, "TIME", "how soon is near (default 12h)");
  command.flag("--drills", options->drills, "of exercises too");
  command.flag("--json", options->json, "print lines of JSON");
  command.example("trackier-ctl breach status --warn-within 12h || notify-oncall");
  command.run([options](Context& context) { return status(context, *options); });
  return command;
}

}  // namespace trackier::cli::breach_verbs
