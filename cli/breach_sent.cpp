// A notice has left the house: by the hand of a person, who says how, or through the mail server.
#include <fmt/format.h>

#include <algorithm>

#include "breach.hpp"
#include "breach_send.hpp"
#include "core/text.hpp"
#include "core/words.hpp"
#include "notice/value.hpp"

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
  MomentOptions moment;
  bool smtp = false;
  bool again = false;
};

incident::Sent sent_version(const Drafted& drafted) {
  return {.draft = drafted.draft,
          .version = drafted.version,
          .duty = drafted.duty,
          .to = drafted.to,
          .channel = {},
          .reference = {},
          .because = {}};
}

const std::string& needed(const std::optional<std::string>& value, const char* option) {
  if (!value || is_blank(*value)) {
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

/// What somebody has sent, or found out that the mail server has sent: that was checked when it was
/// handed over.
incident::Sent draft_sent(Context& context, const IncidentDesk& desk, const Incident& incident,
                          const Options& options, Time at) {
  const incident::Draft& draft = find_draft(incident, options.draft);
  const incident::DraftVersion* version = &draft.versions.back();
  incident::Sent event;
  if (draft.handover && !options.again) {
    const auto found = std::ranges::find(draft.versions, draft.handover->handed.version,
                                         [](const auto& each) { return each.drafted.version; });
    if (found == draft.versions.end()) {
      throw Error{Code::data, fmt::format("entry {} is about a version that is not there",
                                          draft.handover->entry.seq)};
    }
    version = &*found;
    event = sent_version(version->drafted);
  } else {
    event = sendable(context, desk, incident, options.draft, at);
  }
  if (at < version->entry.recorded) {
    throw Error{Code::usage, fmt::format("{} was written later than {}", label(version->drafted),
                                         to_rfc3339(at))};
  }
  return event;
}

void check_usage(const Options& options) {
  if (options.draft.empty() == !options.duty.has_value()) {
    throw Error{Code::usage, "say what was sent: a draft, or --duty for a notice made elsewhere"};
  }
  const bool has_reason = !options.moment.because.value_or("").empty();
  if (options.again && (options.draft.empty() || !has_reason)) {
    throw Error{Code::usage, "--again goes with a draft, and with a reason",
                "say with --because how it is known that the mail server does not have it"};
  }
  if (!options.smtp) {
    return;
  }
  const auto refuse = [](const char* what, const char* why) {
    throw Error{Code::usage, fmt::format("{} does not go with --smtp", what), why};
  };
  if (options.duty || options.tenant || options.country) {
    refuse(options.duty     ? "--duty"
           : options.tenant ? "--tenant"
                            : "--country",
           "only a draft can be sent");
  }
  if (options.channel || options.reference) {
    refuse(options.channel ? "--channel" : "--reference",
           "they record what a person has sent; here the mail server's reply is the reference");
  }
  if (options.moment.at || options.moment.zone) {
    refuse(options.moment.at ? "--at" : "--tz", "it is sent now");
  }
  if (has_reason && !options.again) {
    refuse("--because", "a reason is needed with --again alone");
  }
}

int sent(Context& context, const Options& options) {
  check_usage(options);
  if (options.smtp) {
    const std::string because = options.moment.because.value_or("");
    IncidentDesk{context}.refuse_leaks(because, "the reason", options.incident);
    send_by_smtp(context, options.incident, options.draft,
                 {.again = options.again, .because = because});
    return 0;
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
        if (const auto detected = incident.anchor("detected"); detected && at.time < *detected) {
          throw Error{Code::usage, fmt::format("{} lies before it was detected, {}", to_rfc3339(at),
                                               to_rfc3339(*detected))};
        }
        incident::Sent event;
        if (options.draft.empty()) {
          desk.law().expect(*options.duty);
          event.duty = *options.duty;
          event.to = recipient_of(desk, incident, options);
        } else {
          event = draft_sent(context, desk, incident, options, at.time);
        }
        event.because = options.moment.because.value_or("");
        event.channel = channel;
        event.reference = reference;
        return event;
      });
  tell_recorded(context, made);
  return 0;
}

}  // namespace

incident::Sent sendable(Context& context, const IncidentDesk& desk, const Incident& incident,
                        const std::string& name, Time at) {
  const incident::Draft& draft = find_draft(incident, name);
  const Drafted& newest = draft.newest();
  for (const auto& each : draft.sendings) {
    if (each.sent.version == newest.version) {
      throw Error{Code::usage, fmt::format("{} was sent already", label(newest))};
    }
  }
  refuse_unfit(context, desk, incident, newest);
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
  refuse_outdated(desk, incident, newest);
  refuse_stale(desk, incident, newest, at);
  return sent_version(newest);
}

Command make_sent() {
  auto options = std::make_shared<Options>();
  Command command{"sent", "record that a notice was sent, or send it"};
  command.about(
      "Refuses a draft that lacks a field, an approval, or has in it what must not leave the "
      "house,\n"
      "and names what. A notice that was made elsewhere is recorded with --duty. With --smtp it "
      "is\n"
      "sent through the mail server of the settings, and the server's reply is recorded.");
  add_incident(command, options->incident);
  command.positional("DRAFT", options->draft, "as D-0001");
  command.option("--duty", options->duty, "DUTY", "of a notice made elsewhere");
  command.option("--tenant", options->tenant, "TENANT", "to which customer it went");
  command.option("--country", options->country, "CODE", "to the authority of which country");
  command.option("--channel", options->channel, "TEXT", "how: e-mail, portal, letter");
  command.option("--reference", options->reference, "TEXT", "message id, receipt, case number");
  command.flag("--smtp", options->smtp, "send it through the mail server of the settings");
  command.flag("--again", options->again,
               "the mail server does not have what it was handed; with --because");
  add_moment_options(command, options->moment);
  command.run([options](Context& context) { return sent(context, *options); });
  return command;
}

}  // namespace trackier::cli::breach_verbs
