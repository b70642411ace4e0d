// An incident comes to its end: nothing is owed any more, or it was none.
#include <fmt/format.h>

#include <algorithm>

#include "breach.hpp"
#include "core/text.hpp"

namespace trackier::cli::breach_verbs {
namespace {

using incident::Incident;

struct Options {
  std::string incident;
  std::optional<std::string> because;
};

/// What stands against closing, a line each.
std::vector<std::string> obstacles(const IncidentDesk& desk, const Incident& incident) {
  std::vector<std::string> found;
  const auto all = incident::duties_of(incident, desk.law(), true);
  for (const auto& decided : incident.decisions) {
    const std::string& duty = decided.first;
    if (std::ranges::none_of(all, [&](const auto& each) { return each.duty->id == duty; })) {
      found.push_back(
          fmt::format("{} was decided, and the table of duties does not have it", duty));
    }
  }
  if (incident::duties_of(incident, desk.law(), false).empty()) {
    found.emplace_back(
        "the table of duties has none that concerns the company: look at "
        "breach.regimes in the settings");
  }
  for (const auto& state : incident::duties_of(incident, desk.law(), false)) {
    if (state.is_open()) {
      found.push_back(fmt::format("{}: {}", state.duty->id, incident::to_text(state.progress)));
    } else if (state.has_promised_update) {
      found.push_back(fmt::format("{}: another notice was promised", state.duty->id));
    }
  }
  for (const auto& [id, draft] : incident.drafts) {
    if (draft.handover) {
      found.push_back(fmt::format("{}: it is not known whether it was sent", id));
    }
  }
  return found;
}

/// Keyed hashes of people and their key, which nobody needs any more; so are texts that were
/// refused because of what was in them.
void forget_people(Context& context, const IncidentDesk& desk, const std::string& incident) {
  desk.affected(incident).destroy();
  const auto refused = desk.directory() / "refused";
  if (context.files().status(refused)) {
    for (const auto& name : context.files().list(refused)) {
      if (name.native().starts_with(incident + "-")) {
        context.files().remove(refused / name);
      }
    }
  }
}

/// A run that was killed between the entry and this leaves something behind.
bool has_finished_an_end(Context& context, IncidentDesk& desk, const std::string& name) {
  if (!desk.incident(name).is_over() || !desk.affected(name).has_key()) {
    return false;
  }
  forget_people(context, desk, name);
  context.out().note(fmt::format("{}: the key to the people it touched is destroyed now", name));
  return true;
}

int close(Context& context, const Options& options) {
  IncidentDesk desk{context};
  if (has_finished_an_end(context, desk, options.incident)) {
    return 0;
  }
  const std::string because = reason_of(options.because, "closing");
  desk.refuse_leaks(because, "the reason", options.incident);
  const auto entry = desk.record(options.incident, {desk.now(), {}}, [&](const Incident& incident) {
    const auto open = obstacles(desk, incident);
    if (!open.empty()) {
      throw Error{Code::verdict,
                  fmt::format("{} cannot be closed: {}", incident.id, fmt::join(open, "; ")),
                  fmt::format("trackier-ctl breach next {}", incident.id)};
    }
    return incident::StateSet{.state = "closed", .because = because};
  });
  forget_people(context, desk, options.incident);
  tell_recorded(context, entry);
  return 0;
}

/// A suspicion that somebody was told of, or that a count bears out, is not dismissed in silence.
void refuse_to_forget(const Incident& incident) {
  const auto refuse = [&](const std::string& what, const std::string& hint) {
    throw Error{Code::verdict, fmt::format("{} cannot be dismissed: {}", incident.id, what), hint};
  };
  const std::string confirm =
      fmt::format("trackier-ctl breach aware {0} --because '...', and in the end breach close {0}",
                  incident.id);
  if (!incident.sendings.empty()) {
    refuse(fmt::format("a notice for {} was sent", incident.sendings.front().sent.duty), confirm);
  }
  for (const auto& [duty, decision] : incident.decisions) {
    if (decision.decided.notify) {
      refuse(fmt::format("it was decided to notify for {}", duty),
             fmt::format("decide otherwise first, and why: trackier-ctl breach decide {} {} "
                         "--no-notify --because '...'",
                         incident.id, duty));
    }
  }
  const auto* const scope = incident.scope();
  if (scope != nullptr && !scope->affected().empty()) {
    refuse(fmt::format("{} counted records of {} customers", scope->counted.run,
                       scope->affected().size()),
           "if the count is wrong, count again and say why; if not: " + confirm);
  }
}

int dismiss(Context& context, const Options& options) {
  IncidentDesk desk{context};
  if (has_finished_an_end(context, desk, options.incident)) {
    return 0;
  }
  const std::string because = reason_of(options.because, "dismissing");
  desk.refuse_leaks(because, "the reason", options.incident);
  const auto entry = desk.record(options.incident, {desk.now(), {}}, [&](const Incident& incident) {
    if (incident.state != "suspected") {
      throw Error{Code::usage, fmt::format("{} is {}", incident.id, incident.state),
                  "only a suspicion can be dismissed; what is certain is closed"};
    }
    refuse_to_forget(incident);
    return incident::StateSet{.state = "dismissed", .because = because};
  });
  forget_people(context, desk, options.incident);
  tell_recorded(context, entry);
  return 0;
}

}  // namespace

Command make_close() {
  auto options = std::make_shared<Options>();
  Command command{"close", "end an incident of which nothing is owed any more"};
  command.about("Destroys the key under which affected people were counted.");
  add_incident(command, options->incident);
  command.option("--because", options->because, "TEXT", "what was learned and done");
  command.run([options](Context& context) { return close(context, *options); });
  return command;
}

Command make_dismiss() {
  auto options = std::make_shared<Options>();
  Command command{"dismiss", "end a suspicion that was none; the register keeps it"};
  add_incident(command, options->incident);
  command.option("--because", options->because, "TEXT", "why it was no breach");
  command.run([options](Context& context) { return dismiss(context, *options); });
  return command;
}

}  // namespace trackier::cli::breach_verbs
