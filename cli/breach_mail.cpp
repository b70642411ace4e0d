// A notice as a mail: from whom, to whom, and its bytes.
#include <fmt/format.h>

#include "breach.hpp"
#include "breach_send.hpp"
#include "notice/value.hpp"

namespace trackier::cli::breach_verbs {
namespace {

using incident::Drafted;
using incident::Incident;

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

}  // namespace

std::string text_at(const notice::Value& facts, std::string_view path) {
  const notice::Value* const found = facts.find(path);
  return found == nullptr || found->text() == nullptr ? std::string{} : *found->text();
}

mail::Mail mail_parts(const Incident& incident, const incident::DraftVersion& version) {
  const Drafted& drafted = version.drafted;
  const notice::Value facts = notice::parse(drafted.context);
  const std::string from = text_at(facts, "contact.email");
  return {.from_name = text_at(facts, "contact.name"),
          .from_address = from,
          .to_name = text_at(
              facts, drafted.to.tenant.empty() ? "authority.name" : "customer.contact_name"),
          .to_address = address_of(incident, drafted, facts),
          .subject = drafted.subject,
          .plain = drafted.plain,
          .html = drafted.html,
          .message_id = fmt::format("{}.{}.{}@{}", incident.id, drafted.draft, drafted.version,
                                    from.substr(from.find('@') + 1)),
          .date = version.entry.recorded};
}

std::string mail_of(const Incident& incident, const incident::DraftVersion& version) {
  return mail::to_eml(mail_parts(incident, version));
}

}  // namespace trackier::cli::breach_verbs
