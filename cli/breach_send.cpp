// Notices leave the house: looked over, approved by a second person, sent, and recorded.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "breach.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "crypto/digest.hpp"
#include "notice/mail.hpp"
#include "notice/words.hpp"
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
  std::optional<std::string> duty;
  std::optional<std::string> tenant;
  std::optional<std::string> country;
  std::optional<std::string> channel;
  std::optional<std::string> reference;
  std::optional<std::string> output;
  MomentOptions moment;
  bool single_handed = false;
  bool force = false;
};

std::string digest_of(const Drafted& drafted) {
  return hexadecimal(crypto::sha256(as_bytes(drafted.subject + "\n\n" + drafted.markdown)));
}

std::string label(const Drafted& drafted) {
  return fmt::format("{} version {}", drafted.draft, drafted.version);
}

std::string text_at(const notice::Value& facts, std::string_view path) {
  const notice::Value* const found = facts.find(path);
  return found == nullptr || found->text() == nullptr ? std::string{} : *found->text();
}

/// Throws Error{Code::verdict} naming everything that stands against a draft.
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

/// A notice to somebody who is not to be told any more, or with the numbers of an earlier count.
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
    const char* const state = draft.is_sent()               ? "sent"
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
  if (options.single_handed && notice::is_blank(because)) {
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

const std::string& needed(const std::optional<std::string>& value, const char* option) {
  if (!value || notice::is_blank(*value)) {
    throw Error{Code::usage, fmt::format("{} is missing", option),
                "say how it was sent, and what the channel calls it: a message id, a receipt"};
  }
  return *value;
}

/// A notice that became late after it was written has to say so.
void refuse_stale(const IncidentDesk& desk, const Incident& incident, const Drafted& drafted,
                  Time at) {
  const notice::Value facts = notice::parse(drafted.context);
  const notice::Value* const said = facts.find("is_late");
  const bool says_late = said != nullptr && said->flag() != nullptr && *said->flag();
  const auto* const duty = desk.law().find(drafted.duty, incident::day_of_law(incident));
  const bool is_first = std::ranges::none_of(incident.sendings, [&](const auto& each) {
    return each.sent.to == drafted.to && each.sent.duty == drafted.duty;
  });
  if (says_late || duty == nullptr || !is_first) {
    return;
  }
  for (const auto& state : incident::duties_of(incident, desk.law(), true)) {
    const bool is_served = incident::shares_notice(*duty, *state.duty) &&
                           (state.duty->is_default || state.duty == duty);
    const auto due = state.due_at();
    if (is_served && due && at > *due) {
      throw Error{Code::verdict,
                  fmt::format("{} does not say that it is late, and it was due {}", label(drafted),
                              time_text(*due, desk.zone())),
                  fmt::format("trackier-ctl breach fact {} late.reasons='...', and draft again",
                              incident.id)};
    }
  }
}

incident::Sent sent_draft(Context& context, const IncidentDesk& desk, const Incident& incident,
                          const Options& options, Time at) {
  const incident::Draft& draft = find_draft(incident, options.draft);
  const Drafted& newest = draft.newest();
  for (const auto& each : draft.sendings) {
    if (each.sent.version == newest.version) {
      throw Error{Code::usage, fmt::format("{} was sent already", label(newest))};
    }
  }
  refuse_unfit(context, desk, incident, newest);
  refuse_outdated(desk, incident, newest);
  const incident::Approval* const approval = draft.approval();
  if (approval == nullptr) {
    throw Error{Code::verdict, fmt::format("{} is not approved", label(newest)),
                fmt::format("a second person runs: trackier-ctl breach approve {} {}", incident.id,
                            newest.draft)};
  }
  if (approval->approved.sha256 != digest_of(newest)) {
    throw Error{Code::data, fmt::format("{} is not what was approved", label(newest)),
                "have it approved again"};
  }
  if (at < approval->entry.at.time) {
    throw Error{Code::usage,
                fmt::format("{} was approved later than {}", label(newest), to_rfc3339(at))};
  }
  refuse_stale(desk, incident, newest, at);
  return {.draft = newest.draft,
          .version = newest.version,
          .duty = newest.duty,
          .to = newest.to,
          .channel = {},
          .reference = {},
          .because = {}};
}

/// The one that is named, among those a duty is owed to.
incident::Recipient recipient_among(const std::vector<incident::Recipient>& owed,
                                    const incident::Recipient& named, const std::string& duty,
                                    const char* whom, const char* cure) {
  if (std::ranges::find(owed, named) == owed.end() || named == incident::Recipient{}) {
    throw Error{Code::usage,
                named == incident::Recipient{}
                    ? fmt::format("{} is owed to {}: to which was it sent?", duty, whom)
                    : fmt::format("{} is not owed to {}", duty, printable(named.name())),
                cure};
  }
  return named;
}

/// Whom a notice was sent to that was made elsewhere.
incident::Recipient recipient_of(const IncidentDesk& desk, const Incident& incident,
                                 const Options& options) {
  const incident::Recipient customer{.tenant = options.tenant.value_or(""), .country = {}};
  const incident::Recipient authority{.tenant = {}, .country = options.country.value_or("")};
  for (const auto& state : incident::duties_of(incident, desk.law(), true)) {
    if (state.duty->id != *options.duty) {
      continue;
    }
    const bool is_customers = incident::goes_to_customers(*state.duty);
    if (!is_customers && customer != incident::Recipient{}) {
      throw Error{Code::usage, fmt::format("{} is not owed to customers", *options.duty)};
    }
    if (state.recipients.empty() && !is_customers && authority == incident::Recipient{}) {
      return {};
    }
    return is_customers ? recipient_among(state.recipients, customer, *options.duty, "customers",
                                          "name one that breach scope has counted with --tenant")
                        : recipient_among(state.recipients, authority, *options.duty,
                                          "the authorities of several countries",
                                          "name one that breach clock shows with --country");
  }
  return {};
}

int sent(Context& context, const Options& options) {
  if (options.draft.empty() == !options.duty.has_value()) {
    throw Error{Code::usage, "say what was sent: a draft, or --duty for a notice made elsewhere"};
  }
  const std::string& channel = needed(options.channel, "--channel");
  const std::string& reference = needed(options.reference, "--reference");
  IncidentDesk desk{context};
  desk.refuse_leaks(channel, "the channel", options.incident);
  desk.refuse_leaks(reference, "the reference", options.incident, true);  // as <1@mail.example>
  desk.refuse_leaks(options.moment.because.value_or(""), "the reason", options.incident);
  const Moment at = desk.moment(options.moment);
  const auto made =
      desk.record(options.incident, at, [&](const Incident& incident) -> incident::Event {
        incident::Sent event;
        if (options.draft.empty()) {
          desk.law().expect(*options.duty);
          event.duty = *options.duty;
          event.to = recipient_of(desk, incident, options);
        } else {
          event = sent_draft(context, desk, incident, options, at.time);
          const auto& versions = incident.drafts.at(event.draft).versions;
          if (at.time < versions.back().entry.recorded) {
            throw Error{Code::usage, fmt::format("{} version {} was written later than {}",
                                                 event.draft, event.version, to_rfc3339(at.time))};
          }
        }
        event.because = options.moment.because.value_or("");
        event.channel = channel;
        event.reference = reference;
        return event;
      });
  tell_recorded(context, made);
  return 0;
}

/// Where a notice goes, as it was when this version was made.
std::string address_of(const Incident& incident, const Drafted& drafted,
                       const notice::Value& facts) {
  const char* const field = drafted.to.tenant.empty() ? "authority.email" : "customer.email";
  std::string address = text_at(facts, field);
  if (address.empty()) {
    throw Error{
        Code::usage, fmt::format("{} does not say where it goes", label(drafted)),
        fmt::format("trackier-ctl breach fact {} {}{}=ADDRESS, and draft again", incident.id,
                    !drafted.to.tenant.empty()    ? "--tenant " + drafted.to.tenant + " "
                    : !drafted.to.country.empty() ? "--country " + drafted.to.country + " "
                                                  : "",
                    field)};
  }
  return address;
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

std::string mail_of(const Incident& incident, const incident::DraftVersion& version) {
  const Drafted& drafted = version.drafted;
  const notice::Value facts = notice::parse(drafted.context);
  const std::string from = text_at(facts, "contact.email");
  return notice::to_eml(
      {.from_name = text_at(facts, "contact.name"),
       .from_address = from,
       .to_name =
           text_at(facts, drafted.to.tenant.empty() ? "authority.name" : "customer.contact_name"),
       .to_address = address_of(incident, drafted, facts),
       .subject = drafted.subject,
       .plain = drafted.plain,
       .html = drafted.html,
       .message_id = fmt::format("{}.{}.{}@{}", incident.id, drafted.draft, drafted.version,
                                 from.substr(from.find('@') + 1)),
       .date = version.entry.recorded});
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

Command make_sent() {
  auto options = std::make_shared<Options>();
  Command command{"sent", "record that a notice was sent"};
  command.about(
      "Refuses a draft that lacks a field, an approval, or has in it what must not leave the "
      "house,\n"
      "and names what. A notice that was made elsewhere is recorded with --duty.");
  add_incident(command, options->incident);
  command.positional("DRAFT", options->draft, "as D-0001");
  command.option("--duty", options->duty, "DUTY", "of a notice made elsewhere");
  command.option("--tenant", options->tenant, "TENANT", "to which customer it went");
  command.option("--country", options->country, "CODE", "to the authority of which country");
  command.option("--channel", options->channel, "TEXT", "how: e-mail, portal, letter");
  command.option("--reference", options->reference, "TEXT", "message id, receipt, case number");
  add_moment_options(command, options->moment);
  command.run([options](Context& context) { return sent(context, *options); });
  return command;
}

}  // namespace trackier::cli::breach_verbs
