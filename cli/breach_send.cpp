// Notices before they leave the house: looked over, approved by a second person, made mails of.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "breach.hpp"
#include "breach_send.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "core/words.hpp"
#include "crypto/digest.hpp"
#include "notice_check.hpp"
#include "notice_context.hpp"
#include "private_file.hpp"

namespace trackier::cli::breach_verbs {
namespace {

using incident::Drafted;
using incident::Incident;

struct Options {
  std::string incident;
  std::string draft;
  std::optional<std::string> output;
  MomentOptions moment;
  bool single_handed = false;
  bool force = false;
};

/// Everybody who has had a hand in what it says.
std::set<std::string> authors_of(const incident::Draft& draft) {
  std::set<std::string> authors;
  for (const auto& each : draft.versions) {
    authors.insert(each.entry.by.name);
  }
  return authors;
}

int check(Context& context, const Options& options) {
  IncidentDesk desk{context};
  const Incident incident = desk.incident(options.incident);
  const auto texts = notice_texts(context);
  if (!options.draft.empty()) {
    static_cast<void>(find_draft(incident, options.draft));
  }
  bool is_well = true;
  for (const auto& [id, draft] : incident.drafts) {
    if ((!options.draft.empty() && id != options.draft) ||
        (options.draft.empty() && draft.is_sent())) {
      continue;
    }
    const Drafted& newest = draft.newest();
    std::vector<std::string> problems = missing_in(newest, texts);
    std::ranges::move(leaks_in_draft(context, desk, incident, newest),
                      std::back_inserter(problems));
    const char* const state = draft.handover                ? "perhaps sent"
                              : draft.is_sent()             ? "sent"
                              : !problems.empty()           ? "not complete"
                              : draft.approval() != nullptr ? "approved, not sent"
                                                            : "complete, not approved";
    std::string text =
        fmt::format("{}, {}{}: {}\n", label(newest), newest.duty, to_whom(newest.to), state);
    for (const std::string& problem : problems) {
      text += fmt::format("  {}\n", problem);
    }
    context.out().result(text);
    is_well = is_well && problems.empty();
  }
  return static_cast<int>(is_well ? Code::ok : Code::verdict);
}

int approve(Context& context, const Options& options) {
  IncidentDesk desk{context};
  const std::string because = options.moment.because.value_or("");
  if (options.single_handed && is_blank(because)) {
    throw Error{Code::usage, "approving one's own draft needs a reason", "give it with --because"};
  }
  desk.refuse_leaks(because, "the reason", options.incident);
  const incident::Person person = desk.person();
  const auto made = desk.record(
      options.incident, {desk.now(), {}}, [&](const Incident& incident) -> incident::Event {
        const incident::Draft& draft = find_draft(incident, options.draft);
        const Drafted& newest = draft.newest();
        if (draft.is_sent()) {
          throw Error{Code::usage, fmt::format("{} was sent", options.draft),
                      "what was sent stays; write a follow-up: breach draft --follow-up"};
        }
        refuse_unfit(context, desk, incident, newest);
        refuse_outdated(desk, incident, newest);
        if (!options.single_handed && authors_of(draft).contains(person.name)) {
          throw Error{
              Code::no_permission,
              fmt::format("{} has written {}, and a second person approves", person.name,
                          options.draft),
              "have somebody else approve; alone at night: --single-handed --because, which "
              "the bundle shows"};
        }
        return incident::Approved{.draft = newest.draft,
                                  .version = newest.version,
                                  .sha256 = digest_of(newest),
                                  .is_single_handed = options.single_handed,
                                  .because = because};
      });
  const auto& approved = std::get<incident::Approved>(made.entry.event);
  context.out().result(
      fmt::format("{} version {} approved by {}\n", approved.draft, approved.version, person.name));
  return 0;
}

int eml(Context& context, const Options& options) {
  IncidentDesk desk{context};
  const Incident incident = desk.incident(options.incident);
  const incident::Draft& draft = find_draft(incident, options.draft);
  refuse_unfit(context, desk, incident, draft.newest());
  const std::string mail = mail_of(incident, draft.versions.back());
  if (options.output && *options.output != "-") {
    write_private_file(context, *options.output, as_bytes(mail), {.replace = options.force});
  } else {
    context.out().result(mail);
  }
  return 0;
}

}  // namespace

std::string digest_of(const Drafted& drafted) {
  return hexadecimal(crypto::sha256(as_bytes(drafted.subject + "\n\n" + drafted.markdown)));
}

std::string label(const Drafted& drafted) {
  return fmt::format("{} version {}", drafted.draft, drafted.version);
}

void refuse_unfit(Context& context, const IncidentDesk& desk, const Incident& incident,
                  const Drafted& drafted) {
  const auto missing = missing_in(drafted, notice_texts(context));
  if (!missing.empty()) {
    throw Error{
        Code::verdict,
        fmt::format("{} lacks {} field{}: {}", label(drafted), missing.size(),
                    missing.size() == 1 ? "" : "s", fmt::join(missing, "; ")),
        fmt::format("give each with trackier-ctl breach fact {}, or say --unknown with reason "
                    "and date; then draft again",
                    incident.id)};
  }
  const auto leaks = leaks_in_draft(context, desk, incident, drafted);
  if (!leaks.empty()) {
    throw Error{
        Code::verdict,
        fmt::format("{} must not leave the house: {}", label(drafted), fmt::join(leaks, "; ")),
        fmt::format("take it out: trackier-ctl breach edit {} {}, or the fact that it comes from",
                    incident.id, drafted.draft)};
  }
}

void refuse_outdated(const IncidentDesk& desk, const Incident& incident, const Drafted& drafted) {
  for (const auto& state : incident::duties_of(incident, desk.law(), true)) {
    const bool is_owed = drafted.to == incident::Recipient{} ||
                         std::ranges::find(state.recipients, drafted.to) != state.recipients.end();
    if (state.duty->id == drafted.duty && !is_owed) {
      throw Error{Code::verdict,
                  fmt::format("{} goes to {}, to whom nothing is owed by the newest count",
                              label(drafted), printable(drafted.to.name())),
                  fmt::format("trackier-ctl breach clock {} says to whom", incident.id)};
    }
  }
  const notice::Value facts = notice::parse(drafted.context);
  const std::string run = text_at(facts, "scope.run_id");
  if (incident.scope() != nullptr && run != incident.scope()->counted.run) {
    throw Error{Code::verdict,
                fmt::format("{} has {}, and {} counted since", label(drafted),
                            run.empty() ? "no numbers" : "the numbers of " + run,
                            incident.scope()->counted.run),
                fmt::format("trackier-ctl breach draft {} --duty {}", incident.id, drafted.duty)};
  }
}

Command make_check() {
  auto options = std::make_shared<Options>();
  Command command{"check", "say what drafts lack, and what must not be in them"};
  add_incident(command, options->incident);
  command.positional("DRAFT", options->draft, "as D-0001 (default: all that were not sent)");
  command.run([options](Context& context) { return check(context, *options); });
  return command;
}

Command make_approve() {
  auto options = std::make_shared<Options>();
  Command command{"approve", "approve the newest version of a draft, as a second person"};
  add_incident(command, options->incident);
  command.positional("DRAFT", options->draft, "as D-0001").required();
  command.flag("--single-handed", options->single_handed, "one's own draft; with --because");
  command.option("--because", options->moment.because, "TEXT", "why nobody else could");
  command.run([options](Context& context) { return approve(context, *options); });
  return command;
}

Command make_eml() {
  auto options = std::make_shared<Options>();
  Command command{"eml", "make a mail of a draft, to be looked at and sent"};
  command.about("The same version is the same bytes every time.");
  add_incident(command, options->incident);
  command.positional("DRAFT", options->draft, "as D-0001").required();
  command.option("-o,--output", options->output, "FILE", "instead of standard output")
      .offers(Offer::files);
  command.flag("--force", options->force, "replace FILE");
  command.run([options](Context& context) { return eml(context, *options); });
  return command;
}

}  // namespace trackier::cli::breach_verbs
