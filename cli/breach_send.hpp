#pragma once
/// What has to hold before a notice leaves the house, and how it leaves.

#include <functional>
#include <optional>
#include <string>

#include "breach.hpp"
#include "mail/mail.hpp"
#include "notice/value.hpp"

namespace trackier::cli::breach_verbs {

/// "D-0001 version 2"
std::string label(const incident::Drafted& drafted);

/// What an approval is bound to.
std::string digest_of(const incident::Drafted& drafted);

/// Throws Error{Code::verdict} naming everything that stands against a draft.
void refuse_unfit(Context& context, const IncidentDesk& desk, const incident::Incident& incident,
                  const incident::Drafted& drafted);

/// Throws Error{Code::verdict} for a notice to somebody who is not to be told any more, or with the
/// numbers of an earlier count.
void refuse_outdated(const IncidentDesk& desk, const incident::Incident& incident,
                     const incident::Drafted& drafted);

/// A text among the facts that a notice was made from; empty: there is none.
std::string text_at(const notice::Value& facts, std::string_view path);

/// The newest version of a draft that may be sent at this time, as an event without channel and
/// reference. Throws Error for one that is unfit, was sent, is not approved, or is late and does
/// not say so.
incident::Sent sendable(Context& context, const IncidentDesk& desk,
                        const incident::Incident& incident, const std::string& draft, Time at);

/// The notice before it becomes bytes. Throws Error{Code::usage} when it does not say where it
/// goes.
mail::Mail mail_parts(const incident::Incident& incident, const incident::DraftVersion& version);

/// Throws Error{Code::verdict} for a draft that was given to a mail server and may have arrived.
void refuse_unknown_outcome(const incident::Incident& incident, const std::string& draft);

struct SmtpOptions {
  bool again = false;   ///< though it is not known whether it has arrived already
  std::string because;  ///< why so
};

/// Sends the newest version of a draft through the mail server of the settings, and records what
/// the server has answered. Everything is checked before the connection, and once more when the
/// handover is recorded, which is before the first byte leaves. Throws net::OutcomeUnknown, and
/// what net::send_mail throws.
void send_by_smtp(Context& context, const std::string& incident, const std::string& draft,
                  const SmtpOptions& options);

}  // namespace trackier::cli::breach_verbs
