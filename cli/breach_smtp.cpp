// A notice goes through a mail server. Whatever ends the run on the way: what was handed over is in
// the record before, so that no customer gets it twice because nobody knew.
#include <fmt/format.h>

#include <utility>

#include "breach.hpp"
#include "breach_send.hpp"
#include "core/text.hpp"
#include "mail_server.hpp"
#include "net/smtp.hpp"
#include "os/signals.hpp"

namespace trackier::cli::breach_verbs {
namespace {

using incident::Incident;

void refuse_drill(const Incident& incident) {
  if (incident.opened.is_drill || is_drill(incident.id)) {
    throw Error{Code::usage, fmt::format("{} is a drill, and a drill sends no mail", incident.id),
                "play it: breach eml shows the mail; record it with --channel drill --reference"};
  }
}

/// A draft between its approval and the answer of the mail server.
class Dispatch {
 public:
  Dispatch(Context& context, std::string incident, std::string draft, SmtpOptions options)
      : context_(context),
        server_(mail_server(
            context,
            "describe it in a section [smtp]; or send what breach eml makes, and record it "
            "with --channel and --reference")),
        channel_(fmt::format("smtp {}:{}", server_.host, server_.port)),
        desk_(context),
        incident_(std::move(incident)),
        draft_(std::move(draft)),
        options_(std::move(options)) {}

  void run() {
    const Incident incident = desk_.incident(incident_);
    event_ = check(incident);
    event_.channel = channel_;
    const incident::DraftVersion& version = incident.drafts.at(draft_).versions.back();
    const mail::Mail mail = mail_parts(incident, version);
    const std::string bytes = mail::to_eml(mail);
    const crypto::Secret password = mail_password(context_);
    const net::Letter letter{
        .from = mail.from_address, .to = {mail.to_address}, .message = as_bytes(bytes)};
    try {
      net::send_mail(server_, password, letter,
                     {.begins = [&] { begins(); },
                      .accepted = [&](const std::string& reply) { accepted(reply); }},
                     context_.interrupt().token());
    } catch (const net::OutcomeUnknown& error) {
      fail<net::OutcomeUnknown>(error.code(), error.what(), ways_out());
    } catch (const Error& error) {
      if (is_handed_ && !is_accepted_) {
        handed_back(error);
      }
      throw;
    }
  }

 private:
  incident::Sent check(const Incident& incident) {
    refuse_drill(incident);
    IncidentDesk::refuse_over(incident);
    if (!options_.again) {
      refuse_unknown_outcome(incident, draft_);
    }
    return sendable(context_, desk_, incident, draft_, desk_.now());
  }

  /// Others may have sent or changed it since it was looked at.
  void begins() {
    desk_.look_at_clock();
    desk_.record(incident_, {desk_.now(), {}}, [&](const Incident& now) -> incident::Event {
      const incident::Sent checked = check(now);
      if (checked.version != event_.version) {
        throw Error{Code::busy, fmt::format("somebody else has changed {} meanwhile", draft_),
                    "look at breach diff, and try again"};
      }
      return incident::Handed{.draft = event_.draft,
                              .version = event_.version,
                              .channel = channel_,
                              .because = options_.because};
    });
    is_handed_ = true;
  }

  void accepted(const std::string& reply) {
    const os::Uninterrupted now_it_is_sent;
    is_accepted_ = true;
    event_.reference = reply;
    try {
      desk_.look_at_clock();
      const auto made = desk_.record(incident_, {desk_.now(), {}},
                                     [&](const Incident&) -> incident::Event { return event_; });
      tell_recorded(context_, made);
    } catch (const Error& error) {
      fail<Error>(error.code(),
                  fmt::format("{} version {} was sent, the mail server says \"{}\", and that "
                              "could not be recorded: {}",
                              event_.draft, event_.version, reply, error.what()),
                  fmt::format("record it: trackier-ctl breach sent {} {} --channel '{}' "
                              "--reference '...'",
                              incident_, draft_, channel_));
    }
  }

  /// When even that cannot be recorded, the next run says that it is not known.
  void handed_back(const Error& why) {
    const os::Uninterrupted on_the_way_out;
    try {
      desk_.look_at_clock();
      desk_.record(incident_, {desk_.now(), {}}, [&](const Incident&) -> incident::Event {
        return incident::HandedBack{
            .draft = event_.draft, .version = event_.version, .because = why.what()};
      });
    } catch (const Error& error) {
      context_.out().warning(
          fmt::format("{} was not sent, and that could not be recorded: {}", draft_, error.what()));
    }
  }

  /// Who ends a run by a signal hears of no error, and has to know this one.
  template <typename Kind>
  [[noreturn]] void fail(Code code, const std::string& what, const std::string& hint) {
    if (context_.interrupt().signal()) {
      context_.out().error(Kind{code, what, hint});
    }
    throw Kind{code, what, hint};
  }

  [[nodiscard]] std::string ways_out() const {
    return fmt::format(
        "look at the log of the mail server. If it has the mail: trackier-ctl breach sent {} {} "
        "--channel '{}' --reference '...'; if not: --smtp --again --because '...'",
        incident_, draft_, channel_);
  }

  Context& context_;
  net::MailServer server_;
  std::string channel_;
  IncidentDesk desk_;
  std::string incident_;
  std::string draft_;
  SmtpOptions options_;
  incident::Sent event_;
  bool is_handed_ = false;
  bool is_accepted_ = false;
};

}  // namespace

void refuse_unknown_outcome(const Incident& incident, const std::string& draft) {
  const auto& handover = find_draft(incident, draft).handover;
  if (!handover) {
    return;
  }
  const incident::Handed& handed = handover->handed;
  throw Error{Code::verdict,
              fmt::format("{} version {} was handed to {} (entry {}, {}), and it is not known "
                          "whether it was accepted",
                          handed.draft, handed.version, printable(handed.channel),
                          handover->entry.seq, to_rfc3339(handover->entry.recorded)),
              fmt::format("look at the log of the mail server. If it has the mail: trackier-ctl "
                          "breach sent {} {} --channel '...' --reference '...'; if not: --smtp "
                          "--again --because '...'",
                          incident.id, draft)};
}

void send_by_smtp(Context& context, const std::string& incident, const std::string& draft,
                  const SmtpOptions& options) {
  Dispatch{context, incident, draft, options}.run();
}

}  // namespace trackier::cli::breach_verbs
