// A notice as a mail: from whom, to whom, and its bytes.
#include <fmt/format.h>

#include "breach.hpp"
#include "breach_send.hpp"
#include "notice/value.hpp"

namespace trackier::cli::breach_verbs {
namespace {

using incident::Drafted;
using incident::Incident;

std::string text_at(const notice::Value& facts, std::string_view path) {
  const notice::Value* const found = facts.find(path);
  return found == nullptr || found->text() == nullptr ? std::string{} : *found->text();
}

/// Where a notice goes: the customer's contact, or what the facts say of the authority.
std::string address_of(Context& context, const Incident& incident, const Drafted& drafted) {
  const char* const field = drafted.tenant.empty() ? "authority.email" : "customer.email";
  if (const auto* const fact = incident.fact(field, drafted.tenant)) {
    return fact->set.value;
  }
  const auto tenant = context.settings().tenants.find(drafted.tenant);
  if (tenant != context.settings().tenants.end() && !tenant->second.contact_email.empty()) {
    return tenant->second.contact_email;
  }
  throw Error{Code::usage, fmt::format("nothing says where {} goes", drafted.draft),
              fmt::format("trackier-ctl breach fact {} {}{}=ADDRESS", incident.id,
                          drafted.tenant.empty() ? "" : "--tenant " + drafted.tenant + " ", field)};
}

}  // namespace

notice::Mail mail_parts(Context& context, const Incident& incident,
                        const incident::DraftVersion& version) {
  const Drafted& drafted = version.drafted;
  const notice::Value facts = notice::parse(drafted.context);
  const std::string from = text_at(facts, "contact.email");
  return {.from_name = text_at(facts, "contact.name"),
          .from_address = from,
          .to_name =
              text_at(facts, drafted.tenant.empty() ? "authority.name" : "customer.contact_name"),
          .to_address = address_of(context, incident, drafted),
          .subject = drafted.subject,
          .plain = drafted.plain,
          .html = drafted.html,
          .message_id = fmt::format("{}.{}.{}@{}", incident.id, drafted.draft, drafted.version,
                                    from.substr(from.find('@') + 1)),
          .date = version.entry.recorded};
}

std::string mail_of(Context& context, const Incident& incident,
                    const incident::DraftVersion& version) {
  return notice::to_eml(mail_parts(context, incident, version));
}

}  // namespace trackier::cli::breach_verbs
