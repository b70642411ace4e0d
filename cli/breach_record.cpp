// What people tell of an incident: each a signed entry of its timeline.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "attachments.hpp"
#include "breach.hpp"
#include "core/text.hpp"

namespace trackier::cli::breach_verbs {
namespace {

using incident::AnchorSet;
using incident::Incident;

struct Options {
  std::string incident;
  std::string text;
  std::vector<std::string> roles;
  std::vector<std::string> attached;
  std::optional<std::string> detected;
  std::optional<std::string> because;
  std::optional<unsigned> seq;
  MomentOptions moment;
  bool drill = false;
  bool notify = false;
  bool no_notify = false;
};

int open(Context& context, const Options& options) {
  IncidentDesk desk{context};
  desk.refuse_leaks(options.text, "the title", "");
  const Moment detected =
      desk.moment(options.detected.value_or("now"), options.moment.zone, "--detected");
  std::vector<std::string> roles =
      options.roles.empty() ? context.settings().breach.roles : options.roles;
  const auto opened = desk.open(options.drill ? "DRILL" : "TI",
                                {.title = not_blank(options.text, "the title"),
                                 .is_drill = options.drill,
                                 .roles = std::move(roles),
                                 .establishment = context.settings().breach.establishment,
                                 .law = desk.law().snapshot});
  const std::string& id = opened.entry.incident;
  desk.record(id, detected, [](const Incident&) {
    return AnchorSet{.name = "detected", .because = "as it was opened"};
  });
  const Incident incident = desk.incident(id);
  const auto states = incident::duties_of(incident, desk.law(), false);
  std::string text =
      fmt::format("{} opened ({}){}, detected {}\n\n", id, incident.state,
                  options.drill ? ", a drill" : "", time_text(detected.time, desk.zone()));
  text += clock_table(desk, incident, states, false);
  text += "\nnext:\n";
  constexpr std::size_t shown_steps = 3;
  const auto steps = next_steps(desk, incident, states);
  for (std::size_t i = 0; i < std::min(shown_steps, steps.size()); ++i) {
    text += fmt::format("  {}\n", steps[i].command);
  }
  context.out().result(text);
  return 0;
}

int note(Context& context, const Options& options) {
  IncidentDesk desk{context};
  const std::string text = not_blank(options.text, "the note");
  desk.refuse_leaks(text, "the note", options.incident);
  desk.refuse_leaks(options.moment.because.value_or(""), "the reason", options.incident);
  const Moment at = desk.moment(options.moment);
  for (const std::string& file : options.attached) {
    desk.refuse_leaks(std::filesystem::path{file}.filename().native(), "the name of an attachment",
                      options.incident);
  }
  desk.timeline().expect(options.incident);  // before anything is kept
  const Attachments attachments{context, desk.directory()};
  incident::Noted noted{.text = text, .attachments = {}};
  if (options.moment.because) {
    noted.text += fmt::format(" (known from: {})", *options.moment.because);
  }
  for (const std::string& file : options.attached) {
    noted.attachments.push_back(attachments.keep(file));
  }
  tell_recorded(context, desk.record(options.incident, at, [&](const Incident&) { return noted; }));
  return 0;
}

/// When it happened, if that is known as a time.
std::optional<Time> occurred_from(const Incident& incident) {
  const auto* const fact = incident.fact("occurred_from", {});
  const auto moment = fact == nullptr ? std::nullopt : parse_moment(fact->set.value);
  return moment ? std::optional{moment->time} : std::nullopt;
}

void check_anchor(const Incident& incident, const std::string& name, const Moment& at,
                  bool has_reason) {
  const auto refuse = [&](const std::string& why, const std::string& hint) {
    throw Error{Code::usage, fmt::format("{} at {} {}", name, to_rfc3339(at), why), hint};
  };
  if (const auto occurred = occurred_from(incident); occurred && at.time < *occurred) {
    refuse(fmt::format("lies before the breach occurred, {}", to_rfc3339(*occurred)),
           "look at both times; occurred_from is a fact that can be given again");
  }
  if (const auto before = incident.anchor(name); before && at.time > *before && !has_reason) {
    refuse(fmt::format("is later than it was, {}", to_rfc3339(*before)),
           "say with --because why; the earlier deadline stays visible");
  }
  const auto detected = incident.anchor("detected");
  if (name == "detected") {
    if (const auto aware = incident.anchor("aware"); aware && at.time > *aware) {
      refuse(fmt::format("lies after aware, {}", to_rfc3339(*aware)), "move aware first");
    }
  } else if (detected && at.time < *detected && name != "told_by_processor" &&
             name != "contained") {
    refuse(
        fmt::format("lies before it was detected, {}", to_rfc3339(*detected)),
        fmt::format("if so, it was detected earlier: trackier-ctl breach mark {} detected --at {}",
                    incident.id, to_rfc3339(at)));
  }
}

void expect_anchor(const IncidentDesk& desk, const std::string& name) {
  std::vector<std::string> names{"contained"};
  for (const auto& [each, meaning] : desk.law().anchors) {
    names.push_back(each);
  }
  if (std::ranges::find(names, name) == names.end()) {
    const auto near = closest(name, names);
    throw Error{Code::usage, fmt::format("there is nothing to mark as {}", printable(name)),
                near ? fmt::format("did you mean {}?", *near)
                     : fmt::format("it is one of: {}", fmt::join(names, ", "))};
  }
}

int mark(Context& context, const Options& options) {
  IncidentDesk desk{context};
  expect_anchor(desk, options.text);
  // The first signal may turn out to be older at any time, and who has found that says when.
  const bool is_detected = options.text == "detected";
  const Moment at =
      is_detected ? desk.moment(options.moment.at.value_or("now"), options.moment.zone, "--at")
                  : desk.moment(options.moment);
  const std::string because = options.moment.because.value_or("");
  if (!because.empty()) {
    desk.refuse_leaks(because, "the reason", options.incident);
  }
  if (options.text == "aware") {
    reason_of(options.moment.because, "awareness");
  }
  tell_recorded(context,
                desk.record(options.incident, at, [&](const Incident& incident) -> incident::Event {
                  check_anchor(incident, options.text, at, !because.empty());
                  if (options.text == "contained") {
                    return incident::StateSet{.state = "contained", .because = because};
                  }
                  return AnchorSet{.name = options.text, .because = because};
                }));
  if (options.text != "contained") {
    const Incident incident = desk.incident(options.incident);
    context.out().result(
        clock_table(desk, incident, incident::duties_of(incident, desk.law(), false), false));
  }
  return 0;
}

/// What has no threshold is owed; nobody decides otherwise, unless a count found nobody to tell.
void refuse_to_waive(const IncidentDesk& desk, const Incident& incident, const std::string& duty) {
  for (const auto& state : incident::duties_of(incident, desk.law(), true)) {
    const bool is_nobody = incident::goes_to_customers(*state.duty) && !state.waits_for_scope &&
                           state.recipients.empty();
    if (state.duty->id == duty && state.duty->is_unconditional && !is_nobody &&
        incident::concerns(incident, *state.duty)) {
      throw Error{Code::usage,
                  fmt::format("{} is owed without a threshold: {}", duty, state.duty->law),
                  incident::goes_to_customers(*state.duty)
                      ? "when no customer is touched, a count says so: trackier-ctl breach scope"
                      : "do it, and record that: trackier-ctl breach sent --duty"};
    }
  }
}

int decide(Context& context, const Options& options) {
  if (options.notify == options.no_notify) {
    throw Error{Code::usage, "a decision is --notify or --no-notify"};
  }
  IncidentDesk desk{context};
  desk.law().expect(options.text);
  const std::string because = reason_of(options.moment.because, "a decision");
  desk.refuse_leaks(because, "the reason", options.incident);
  const Moment at = desk.moment(options.moment);
  tell_recorded(context, desk.record(options.incident, at, [&](const Incident& incident) {
    if (desk.law().find(options.text, incident::day_of_law(incident)) == nullptr) {
      throw Error{Code::usage, fmt::format("{} is not in force for {}", options.text, incident.id)};
    }
    if (const auto detected = incident.anchor("detected"); detected && at.time < *detected) {
      throw Error{Code::usage, fmt::format("{} lies before it was detected, {}", to_rfc3339(at),
                                           to_rfc3339(*detected))};
    }
    if (options.no_notify) {
      refuse_to_waive(desk, incident, options.text);
    }
    return incident::Decided{.duty = options.text, .notify = options.notify, .because = because};
  }));
  return 0;
}

int correct(Context& context, const Options& options) {
  IncidentDesk desk{context};
  const std::string because = reason_of(options.because, "a correction");
  desk.refuse_leaks(because, "the reason", options.incident);
  tell_recorded(
      context, desk.record(options.incident, {desk.now(), {}}, [&](const Incident& incident) {
        if (*options.seq > incident.length) {
          throw Error{Code::usage, fmt::format("{} has {} entries", incident.id, incident.length)};
        }
        return incident::Corrected{.seq = *options.seq, .because = because};
      }));
  return 0;
}

}  // namespace

const std::string& reason_of(const std::optional<std::string>& because, const char* of) {
  if (!because || because->empty()) {
    throw Error{Code::usage, fmt::format("{} needs a reason", of), "give it with --because"};
  }
  return not_blank(*because, fmt::format("the reason of {}", of));
}

void tell_recorded(Context& context, const incident::SignedEntry& entry) {
  context.out().summary(
      fmt::format("{}: entry {} recorded", entry.entry.incident, entry.entry.seq));
}

Command make_open() {
  auto options = std::make_shared<Options>();
  Command command{"open", "open an incident; prints all clocks and what to do next"};
  command.positional("TITLE", options->text, "a few words, nothing personal in them").required();
  command.option("--detected", options->detected, "TIME",
                 "the first signal, by machine or person (default: now)");
  command.option("--tz", options->moment.zone, "ZONE", "of a time without offset: Asia/Kolkata");
  command.option("--role", options->roles, "ROLE", "of the company, when not all of its roles")
      .one_of({"processor", "controller"});
  command.flag("--drill", options->drill, "an exercise, which says so everywhere");
  command.run([options](Context& context) { return open(context, *options); });
  return command;
}

Command make_note() {
  auto options = std::make_shared<Options>();
  Command command{"note", "write something down"};
  add_incident(command, options->incident);
  command.positional("TEXT", options->text, "what happened or was done, nothing personal in it")
      .required();
  command
      .option("--attach", options->attached, "FILE",
              "keep a copy of it with the record; may be given again")
      .offers(Offer::files);
  add_moment_options(command, options->moment);
  command.run([options](Context& context) { return note(context, *options); });
  return command;
}

Command make_mark() {
  auto options = std::make_shared<Options>();
  Command command{"mark", "set a moment that starts clocks"};
  command.about(
      "detected: the first signal that turned out to be this breach. aware: reasonable certainty\n"
      "that personal data was compromised. contained: it goes on no more. Others: assessed,\n"
      "classified, materiality, told_by_processor.");
  add_incident(command, options->incident);
  command.positional("WHAT", options->text, "detected, aware, contained, ...").required();
  add_moment_options(command, options->moment);
  command.run([options](Context& context) { return mark(context, *options); });
  return command;
}

Command make_aware() {
  auto options = std::make_shared<Options>();
  Command command{"aware", "set when it became certain that personal data was compromised"};
  add_incident(command, options->incident);
  add_moment_options(command, options->moment);
  command.run([options](Context& context) {
    options->text = "aware";
    return mark(context, *options);
  });
  return command;
}

Command make_decide() {
  auto options = std::make_shared<Options>();
  Command command{"decide", "record a person's decision about a duty"};
  add_incident(command, options->incident);
  command.positional("DUTY", options->text, "as gdpr.art33-1").required();
  command.flag("--notify", options->notify, "it is owed");
  command.flag("--no-notify", options->no_notify, "it is not owed");
  add_moment_options(command, options->moment);
  command.run([options](Context& context) { return decide(context, *options); });
  return command;
}

Command make_correct() {
  auto options = std::make_shared<Options>();
  Command command{"correct", "say that an entry is wrong; it stays"};
  add_incident(command, options->incident);
  command.option("--entry", options->seq, "N", "its number in the timeline", 1, 1'000'000'000)
      .required();
  command.option("--because", options->because, "TEXT", "what is wrong, and what is right");
  command.run([options](Context& context) { return correct(context, *options); });
  return command;
}

}  // namespace trackier::cli::breach_verbs
