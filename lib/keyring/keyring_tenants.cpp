// Legal holds, and keys that can be destroyed although files remain.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/text.hpp"
#include "crypto/random.hpp"
#include "keyring/certificate.hpp"
#include "keyring/keyring.hpp"

namespace trackier::keyring {
namespace {

constexpr std::size_t most_places = 16;
constexpr std::size_t most_people = 24;

Error refused(const std::string& what, std::string hint = {}) {
  return Error{Code::no_permission, what, std::move(hint)};
}

void check_places(const std::vector<std::string>& places) {
  if (places.empty() || places.size() > most_places) {
    throw Error{Code::usage, "a half is kept in 1 to 16 places"};
  }
  for (auto place = places.begin(); place != places.end(); ++place) {
    if (!is_plain_text(*place) || !place->starts_with('/')) {
      throw Error{Code::usage, fmt::format("{} is no absolute path without control characters",
                                           printable(*place))};
    }
    if (std::find(places.begin(), place, *place) != place) {
      throw Error{Code::usage, fmt::format("{} is given twice", printable(*place))};
    }
  }
}

/// Every declared place has a report, and there is no other.
void check_reports(const ShredHalf& half, const ShredOrder& order) {
  const std::vector<PlaceReport>& reports = order.places;
  for (const std::string& place : half.places) {
    if (std::ranges::find(reports, place, &PlaceReport::place) == reports.end()) {
      throw Error{Code::usage, fmt::format("nothing is known of {}", printable(place))};
    }
  }
  for (const PlaceReport& report : reports) {
    if (std::ranges::find(half.places, report.place) == half.places.end()) {
      throw Error{Code::usage, fmt::format("{} is no declared place", printable(report.place))};
    }
    if (!report.acknowledged && !order.accept_silent_places) {
      throw Error{Code::verdict,
                  fmt::format("{} did not acknowledge: {}", printable(report.place), report.note)};
    }
  }
}

bool is_known(const Document& document, std::string_view tenant) {
  return std::ranges::find(document.tenants, tenant, &Tenant::name) != document.tenants.end() ||
         std::ranges::any_of(document.keys,
                             [&](const Key& key) { return key.name.tenant == tenant; });
}

}  // namespace

const Tenant* Keyring::tenant(std::string_view name) const {
  const auto found = std::ranges::find(document_.tenants, name, &Tenant::name);
  return found == document_.tenants.end() ? nullptr : &*found;
}

Tenant& Keyring::change_tenant(const std::string& name) {
  if (!is_known(document_, name)) {
    throw refused(fmt::format("there is no tenant {}", printable(name)));
  }
  const auto place = std::ranges::lower_bound(document_.tenants, name, {}, &Tenant::name);
  if (place != document_.tenants.end() && place->name == name) {
    return *place;
  }
  return *document_.tenants.insert(place, Tenant{.name = name});
}

void Keyring::hold(const std::string& tenant_name, const std::string& reason, Time now) {
  if (!is_plain_text(reason)) {
    throw Error{Code::usage, "a hold needs a reason of at most 500 bytes"};
  }
  Tenant& held = change_tenant(tenant_name);
  if (held.shredding) {
    throw refused(
        fmt::format("{} was shredded at {}", tenant_name, to_rfc3339(held.shredding->time)));
  }
  held.hold = {.reason = reason, .since = stamp(now)};
}

void Keyring::release(const std::string& tenant_name) {
  const Tenant* const held = tenant(tenant_name);
  if (held == nullptr || !held->hold) {
    throw refused(fmt::format("{} is under no hold", printable(tenant_name)));
  }
  change_tenant(tenant_name).hold.reset();
}

crypto::Secret Keyring::enable_shredding(const std::string& tenant_name,
                                         std::vector<std::string> places, Time now) {
  check_places(places);
  if (tenant_name == house) {
    throw refused("the house is not shredded: its keys sign and open for everyone");
  }
  if (const Tenant* const known = tenant(tenant_name)) {
    if (known->half || known->shredding) {
      throw refused(
          fmt::format("{} {}", tenant_name, known->half ? "has a half already" : "was shredded"));
    }
  }
  crypto::Secret half = crypto::random_secret(secret_bytes);
  // Sealed anew on the side, so that an error in the middle has changed nothing.
  std::vector<std::pair<Key*, SealedSecret>> sealed;
  for (Key& key : document_.keys) {
    if (key.name.tenant == tenant_name && key.secret) {
      sealed.emplace_back(&key, seal_secret(open(key), key.name, root_key_, half));
    }
  }
  change_tenant(tenant_name).half = {
      .id = id_of_half(half), .places = std::move(places), .since = stamp(now)};
  for (const auto& [key, secret] : sealed) {
    key->secret = secret;
  }
  return half;
}

void check_people_and_reason(const ShredOrder& order) {
  if (order.people.empty() || order.people.size() > most_people ||
      !std::ranges::all_of(order.people, is_plain_text) || !is_plain_text(order.reason)) {
    throw Error{Code::usage, "shredding needs a reason, and 1 to 24 people who ordered it"};
  }
}

void Keyring::check_shred(const std::string& tenant_name, const std::string& confirmation,
                          Time now) const {
  const Tenant* const owner = tenant(tenant_name);
  if (owner != nullptr && owner->shredding) {
    throw refused(fmt::format("{} was shredded at {} already", tenant_name,
                              to_rfc3339(owner->shredding->time)));
  }
  if (owner != nullptr && owner->hold) {
    throw Error{Code::verdict,
                fmt::format("{} is under legal hold since {}: {}", tenant_name,
                            to_rfc3339(owner->hold->since), printable(owner->hold->reason))};
  }
  if (owner == nullptr || !owner->half) {
    throw refused(fmt::format("{} has no half: any copy of the keyring would bring its keys back",
                              printable(tenant_name)),
                  "trackier-ctl keys shred --enable makes one");
  }
  if (confirmation != tenant_name) {
    throw Error{Code::usage, fmt::format("{} was not confirmed by its name", tenant_name)};
  }
  if (now < document_.latest_time) {
    throw Error{Code::verdict,
                fmt::format("the clock says {}, and said {} before", to_rfc3339(now),
                            to_rfc3339(document_.latest_time)),
                "set the clock"};
  }
  static_cast<void>(signing_key());
}

void Keyring::note_gone(const std::string& tenant_name, const std::vector<PlaceReport>& reports) {
  std::vector<std::string>& gone = change_tenant(tenant_name).half.value().gone;
  for (const PlaceReport& report : reports) {
    if (report.acknowledged && std::ranges::find(gone, report.place) == gone.end()) {
      gone.push_back(report.place);
    }
  }
}

std::string Keyring::shred(const std::string& tenant_name, const ShredOrder& order, Time now) {
  check_shred(tenant_name, order.confirmation, now);
  const ShredHalf& half = *tenant(tenant_name)->half;
  check_reports(half, order);
  check_people_and_reason(order);
  Certificate certificate{.tenant = tenant_name,
                          .time = stamp(now),
                          .reason = order.reason,
                          .people = order.people,
                          .places = order.places,
                          .generation_before = document_.generation,
                          .generation_after = document_.generation + 1,
                          .files = order.files,
                          .files_root = order.files_root,
                          .signer = signing_key().name};
  std::vector<Key*> destroyed;
  for (Key& key : document_.keys) {
    if (key.name.tenant == tenant_name && key.state != State::destroyed) {
      certificate.keys.push_back({.name = key.name,
                                  .id = key.id,
                                  .created = key.created,
                                  .once_without_half = key.created <= half.since});
      destroyed.push_back(&key);
    }
  }
  std::string text = to_text(certificate, open(signing_key()));
  for (Key* const key : destroyed) {
    key->history.push_back({State::destroyed, certificate.time, order.reason});
    key->state = State::destroyed;
    key->secret.reset();
  }
  Tenant& owner = change_tenant(tenant_name);
  owner.half.reset();
  owner.shredding = {.time = certificate.time, .certificate = text};
  return text;
}

}  // namespace trackier::keyring
