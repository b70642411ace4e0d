// What settings give a report: profiles, officers and tenants, held against the promise.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/text.hpp"
#include "report_evidence.hpp"

namespace trackier::cli {
namespace {

using anonymize::Action;
using anonymize::Kind;
using report::Item;

constexpr const char* good = "as promised";
constexpr const char* bad = "not as promised";

/// "lose the last octet by default": of IPv6 what is as near to a person goes, too.
constexpr int most_ipv4_bits = 24;
constexpr int most_ipv6_bits = 64;

std::map<std::string, anonymize::Profile> profiles_of(Context& context) {
  std::map<std::string, anonymize::Profile> profiles = context.settings().profiles;
  profiles.emplace("built-in", anonymize::built_in_profile());
  return profiles;
}

std::string words_of(const anonymize::Profile& profile, Kind kind) {
  const anonymize::Transform& transform = profile.transforms[kind];
  if (!profile.detect[kind]) {
    return fmt::format("{} is not looked for", anonymize::name_of(kind));
  }
  const std::string bits = transform.action != Action::truncate
                               ? std::string{}
                               : fmt::format(" to /{}", kind == Kind::ipv4 ? transform.ipv4_prefix
                                                                           : transform.ipv6_prefix);
  return fmt::format("{}: {}{}", anonymize::name_of(kind), anonymize::name_of(transform.action),
                     bits);
}

bool hides_address(const anonymize::Profile& profile, Kind kind) {
  const anonymize::Transform& transform = profile.transforms[kind];
  const bool is_short = kind == Kind::ipv4 ? transform.ipv4_prefix <= most_ipv4_bits
                                           : transform.ipv6_prefix <= most_ipv6_bits;
  return profile.detect[kind] && transform.action != Action::keep &&
         transform.action != Action::mask && (transform.action != Action::truncate || is_short);
}

bool hides_id(const anonymize::Profile& profile, Kind kind) {
  const Action action = profile.transforms[kind].action;
  return profile.detect[kind] && (action == Action::hash || action == Action::pseudonym ||
                                  action == Action::redact || action == Action::drop);
}

void add_addresses(Context& context, Item& item) {
  for (const auto& [name, profile] : profiles_of(context)) {
    const bool holds = hides_address(profile, Kind::ipv4) && hides_address(profile, Kind::ipv6);
    std::string remark = words_of(profile, Kind::ipv4) + ", " + words_of(profile, Kind::ipv6);
    if (!profile.keep_networks.empty()) {
      remark += fmt::format("; {} networks are kept as they are", profile.keep_networks.size());
    }
    item.lines.push_back({.subject = "profile " + printable(name),
                          .state = holds ? good : bad,
                          .remark = std::move(remark)});
  }
}

void add_ids(Context& context, Item& item) {
  for (const auto& [name, profile] : profiles_of(context)) {
    const bool holds = hides_id(profile, Kind::uuid) && hides_id(profile, Kind::id);
    item.lines.push_back(
        {.subject = "profile " + printable(name),
         .state = holds ? good : bad,
         .remark = words_of(profile, Kind::uuid) + ", " + words_of(profile, Kind::id)});
  }
}

void add_officers(Context& context, Item& item) {
  const config::Encrypt& settings = context.settings().encrypt;
  if (settings.officers.empty()) {
    return;
  }
  item.lines.push_back(
      {.subject = "officers",
       .state = settings.officers_threshold >= 2 ? good : bad,
       .value = settings.officers_threshold,
       .remark = fmt::format("{} of {} officers have to agree", settings.officers_threshold,
                             settings.officers.size())});
}

/// What opens the data of a tenant must open that of no other; escrow and officers aside, which are
/// for all.
void add_recipients(Context& context, Item& item) {
  const auto& tenants = context.settings().tenants;
  std::map<std::string, std::set<std::string>> holders;
  const auto recipients_of = [](const config::Tenant& tenant) {
    std::set<std::string> all{tenant.recipients.begin(), tenant.recipients.end()};
    if (!tenant.recipients_file.empty()) {
      all.insert("file:" + tenant.recipients_file);
    }
    return all;
  };
  for (const auto& [name, tenant] : tenants) {
    for (const std::string& each : recipients_of(tenant)) {
      holders[each].insert(name);
    }
  }
  for (const auto& [name, tenant] : tenants) {
    const auto mine = recipients_of(tenant);
    const auto shared = std::ranges::count_if(
        mine, [&](const std::string& each) { return holders[each].size() > 1; });
    item.lines.push_back(
        {.subject = "tenant " + printable(name),
         .state = !mine.empty() && shared == 0 ? good : bad,
         .value = mine.size(),
         .remark = mine.empty()
                       ? "none of its own"
                       : fmt::format("{} of its own, {} shared with another tenant",
                                     mine.size() - static_cast<std::size_t>(shared), shared)});
  }
}

/// A pseudonym is made of the key and the tenant's name, so a key is all it takes.
void add_pseudonyms(Context& context, Item& item) {
  const config::Settings& settings = context.settings();
  for (const auto& [name, tenant] : settings.tenants) {
    const std::string& profile =
        tenant.profile.empty() ? settings.anonymize.profile : tenant.profile;
    const auto found = settings.profiles.find(profile);
    const bool has_key =
        !tenant.key.empty() || (found != settings.profiles.end() && !found->second.key.empty());
    item.lines.push_back({.subject = "tenant " + printable(name),
                          .state = has_key ? good : bad,
                          .remark = !tenant.key.empty() ? "by a key of its own"
                                    : has_key ? "by its name, under the key of its profile"
                                              : "there is no key"});
  }
}

}  // namespace

Item settings_item(Context& context, const report::ItemSpec& spec) {
  Item item = empty_item(spec);
  if (spec.id == "anon.addresses") {
    add_addresses(context, item);
  } else if (spec.id == "anon.ids") {
    add_ids(context, item);
  } else if (spec.id == "access.officers") {
    add_officers(context, item);
  } else if (spec.id == "tenant.recipients") {
    add_recipients(context, item);
    item.is_owed = false;
  } else if (spec.id == "tenant.pseudonyms") {
    add_pseudonyms(context, item);
    item.is_owed = false;
  }
  return item;
}

}  // namespace trackier::cli
