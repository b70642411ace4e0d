// Finding keys, and leading them through their life.
#include "keyring/keyring.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/text.hpp"
#include "crypto/digest.hpp"
#include "crypto/random.hpp"
#include "crypto/x25519.hpp"
#include "envelope/recipient.hpp"

namespace trackier::keyring {
namespace {

constexpr std::uint32_t most_quarantine_days = 3650;

Error refused(const std::string& what, std::string hint = {}) {
  return Error{Code::no_permission, what, std::move(hint)};
}

void check_reason(const std::string& reason) {
  if (!reason.empty() && !is_plain_text(reason)) {
    throw Error{Code::usage, "a reason has at most 500 bytes of text without control characters"};
  }
}

std::optional<PublicKey> public_half(Purpose purpose, const crypto::Secret& secret) {
  if (purpose == Purpose::pseudonymize) {
    return std::nullopt;
  }
  return seals_envelopes(purpose) ? crypto::x25519_public(secret) : crypto::ed25519_public(secret);
}

envelope::KeyId id_of(const std::optional<PublicKey>& public_key, const crypto::Secret& secret) {
  return public_key ? envelope::key_id_of(*public_key) : envelope::key_id_of(secret);
}

bool has_versions(const Document& document, const Series& series) {
  return std::ranges::any_of(document.keys,
                             [&series](const Key& key) { return key.name.series() == series; });
}

Error no_key_of(const Series& series) {
  return refused(fmt::format("there is no key {}", to_text(series)),
                 fmt::format("trackier-ctl keys new {}", to_text(series)));
}

auto by_name(const Key& key, const KeyName& name) {
  return key.name < name;
}

}  // namespace

Keyring::Keyring(Document document, crypto::Secret root_key, HalfProvider halves)
    : document_(std::move(document)), root_key_(std::move(root_key)), halves_(std::move(halves)) {}

const Key& Keyring::key(const KeyName& name) const {
  const auto found = std::lower_bound(document_.keys.begin(), document_.keys.end(), name, by_name);
  if (found == document_.keys.end() || found->name != name) {
    throw refused(fmt::format("there is no key {}", to_text(name)));
  }
  return *found;
}

Key& Keyring::change(const KeyName& name) {
  const Key& found = key(name);
  return document_.keys[static_cast<std::size_t>(&found - document_.keys.data())];
}

const Key& Keyring::named(std::string_view text) const {
  const Series series = series_named(text);
  if (!has_versions(document_, series)) {
    throw no_key_of(series);
  }
  if (const auto name = parse_key_name(text)) {
    return key(*name);
  }
  if (const Key* const found = active(series)) {
    return *found;
  }
  throw refused(fmt::format("{} has no active version", to_text(series)),
                fmt::format("trackier-ctl keys rotate {}", to_text(series)));
}

const Key* Keyring::find(const envelope::KeyId& id) const {
  const auto found = std::ranges::find(document_.keys, id, &Key::id);
  return found == document_.keys.end() ? nullptr : &*found;
}

const Key* Keyring::active(const Series& series) const {
  const auto found = std::ranges::find_if(document_.keys, [&series](const Key& key) {
    return key.state == State::active && key.name.series() == series;
  });
  return found == document_.keys.end() ? nullptr : &*found;
}

Time Keyring::stamp(Time now) const {
  return std::max(now, document_.latest_time);
}

void Keyring::step(Key& key, State to, const std::string& reason, Time now) {
  if (!is_allowed(key.state, to)) {
    throw refused(fmt::format("{} is {} and cannot become {}", to_text(key.name),
                              to_text(key.state), to_text(to)));
  }
  check_reason(reason);
  key.history.push_back({to, stamp(now), reason});
  key.state = to;
}

KeyName Keyring::add(const Series& series, const crypto::Secret& secret,
                     const NewKeyOptions& options, Time now) {
  if (!is_tenant(series.tenant)) {
    throw Error{Code::usage, fmt::format("{} is no tenant's name", printable(series.tenant)),
                "1 to 63 small letters, digits, \"-\", \"_\" and \".\""};
  }
  check_reason(options.reason);
  const Tenant* const owner = tenant(series.tenant);
  if (owner != nullptr && owner->shredding) {
    throw refused(
        fmt::format("{} was shredded at {}", series.tenant, to_rfc3339(owner->shredding->time)),
        "give a new tenant another name");
  }
  const auto next = std::ranges::find_if(
      document_.keys, [&series](const Key& key) { return key.name.series() > series; });
  const bool is_first = next == document_.keys.begin() || std::prev(next)->name.series() != series;
  const std::uint32_t version = is_first ? 1 : std::prev(next)->name.version + 1;
  if (version > most_versions) {
    throw refused(fmt::format("{} has {} versions", to_text(series), most_versions));
  }
  const State state = options.pending ? State::pending : State::active;
  Key key{.name = {series.tenant, series.purpose, version},
          .state = state,
          .created = stamp(now),
          .not_after = options.not_after,
          .public_key = public_half(series.purpose, secret),
          .history = {{state, stamp(now), options.reason}}};
  key.id = id_of(key.public_key, secret);
  if (const Key* const same = find(key.id)) {
    throw refused(fmt::format("the key is there already, as {}", to_text(same->name)));
  }
  key.secret = seal_secret(secret, key.name, root_key_, half_of(series.tenant));
  return document_.keys.insert(next, std::move(key))->name;
}

KeyName Keyring::import_key(const Series& series, const crypto::Secret& secret,
                            const NewKeyOptions& options, Time now) {
  if (secret.size() != secret_bytes) {
    throw Error{Code::data, fmt::format("a key has {} bytes, not {}", secret_bytes, secret.size())};
  }
  const Key* const already = active(series);
  if (already != nullptr && !options.pending) {
    throw refused(fmt::format("{} is active already", to_text(already->name)),
                  fmt::format("make the new one pending, or rotate {}", to_text(series)));
  }
  return add(series, secret, options, now);
}

KeyName Keyring::new_key(const Series& series, const NewKeyOptions& options, Time now) {
  return import_key(series, crypto::random_secret(secret_bytes), options, now);
}

KeyName Keyring::rotate(const Series& series, const NewKeyOptions& options, Time now) {
  if (!has_versions(document_, series)) {
    throw no_key_of(series);
  }
  if (options.pending) {
    throw Error{Code::usage, "a rotation makes its new version active",
                "trackier-ctl keys new --pending makes one for later"};
  }
  const Key* const before = active(series);
  const std::optional<KeyName> old = before ? std::optional{before->name} : std::nullopt;
  const KeyName made = add(series, crypto::random_secret(secret_bytes), options, now);
  if (old) {  // cannot fail any more
    step(change(*old), State::decrypt_only, "rotated", now);
  }
  return made;
}

void Keyring::mark(const KeyName& name, State state, const std::string& reason, Time now) {
  if (state == State::pending || state == State::retired || state == State::destroyed) {
    throw Error{Code::usage, fmt::format("a key is not marked as {}", to_text(state)),
                "active, decrypt-only, suspended or compromised"};
  }
  Key& found = change(name);
  if (found.state == State::retired && state == State::decrypt_only) {
    throw refused(fmt::format("{} is retired", to_text(name)),
                  fmt::format("trackier-ctl keys retire --undo {}", to_text(name)));
  }
  if (state == State::active && found.state != State::active) {
    if (const Key* const other = active(name.series())) {
      if (found.state != State::pending) {
        throw refused(fmt::format("{} is active already", to_text(other->name)));
      }
      check_reason(reason);
      step(change(other->name), State::decrypt_only,
           fmt::format("version {} took over", name.version), now);
    }
  }
  step(found, state, reason, now);
}

void Keyring::retire(const KeyName& name, const std::string& reason, Time now) {
  step(change(name), State::retired, reason, now);
}

void Keyring::unretire(const KeyName& name, const std::string& reason, Time now) {
  Key& found = change(name);
  if (found.state != State::retired) {
    throw refused(fmt::format("{} is {}, not retired", to_text(name), to_text(found.state)));
  }
  const auto before = std::find_if(found.history.rbegin(), found.history.rend(),
                                   [](const Event& e) { return e.state != State::retired; });
  step(found, before->state, reason, now);
}

void Keyring::accept_clock(Time now) {
  if (now >= document_.latest_time) {
    return;
  }
  for (Key& key : document_.keys) {
    if (key.state == State::retired) {
      key.history.push_back({State::retired, now, "the clock was set back: quarantine anew"});
    }
  }
  document_.latest_time = now;
  document_.saved = std::min(document_.saved, now);
}

void Keyring::set_quarantine(std::uint32_t days) {
  if (days > most_quarantine_days) {
    throw Error{Code::usage, "a quarantine has at most 3650 days"};
  }
  document_.quarantine_days = days;
}

}  // namespace trackier::keyring
