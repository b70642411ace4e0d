// When a key may be forgotten.
#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "keyring/keyring.hpp"

namespace trackier::keyring {
namespace {

constexpr std::size_t named_paths = 3;

Error refused(const std::string& what, std::string hint = {}) {
  return Error{Code::verdict, what, std::move(hint)};
}

/// Why a census does not clear the key; none when it does.
std::optional<Error> objection(const Key& key, const Census* census) {
  if (!seals_envelopes(key.name.purpose)) {
    return std::nullopt;
  }
  if (census == nullptr || census->roots.empty()) {
    return refused(fmt::format("no files were looked at that {} may protect", to_text(key.name)),
                   "name paths, or keyring.roots in the settings");
  }
  if (const auto use = census->uses.find(key.id); use != census->uses.end()) {
    std::string some;
    for (std::size_t i = 0; i < std::min(named_paths, use->second.paths.size()); ++i) {
      some += fmt::format("{}{}", i == 0 ? ": " : ", ", printable(use->second.paths[i].native()));
    }
    return refused(fmt::format("{} still protects {} file{}{}", to_text(key.name),
                               use->second.files, use->second.files == 1 ? "" : "s", some),
                   key.state == State::pending
                       ? "they open when the key is active; rewrap moves them when another one is"
                       : "trackier-ctl keys rewrap moves them to the active version");
  }
  if (census->unreadable_count > 0) {
    const std::string first =
        census->unreadable.empty()
            ? std::string{}
            : fmt::format(", the first: {}: {}", printable(census->unreadable[0].path.native()),
                          census->unreadable[0].why);
    return refused(fmt::format("{} may protect what could not be read ({}{})", to_text(key.name),
                               census->unreadable_count, first));
  }
  if (!census->unfollowed.empty()) {
    return refused(fmt::format("{} may protect what symbolic links lead to ({}, the first: {})",
                               to_text(key.name), census->unfollowed.size(),
                               printable(census->unfollowed[0].native())),
                   "name what they lead to as well, or remove them");
  }
  return std::nullopt;
}

}  // namespace

std::optional<Time> Keyring::quarantine_end(const Key& key) const {
  if (key.state != State::retired) {
    return std::nullopt;
  }
  return key.history.back().time + std::chrono::hours{24} * document_.quarantine_days;
}

std::optional<Error> Keyring::why_not_destroy(const KeyName& name, const Census* census,
                                              Time now) const {
  const Key& found = key(name);
  if (!is_allowed(found.state, State::destroyed)) {
    return Error{Code::no_permission,
                 fmt::format("{} is {}, not retired", to_text(name), to_text(found.state)),
                 found.state == State::destroyed ? "" : "trackier-ctl keys retire comes first"};
  }
  const Tenant* const owner = tenant(name.tenant);
  if (owner != nullptr && owner->hold) {
    return refused(fmt::format("{} is under legal hold since {}: {}", name.tenant,
                               to_rfc3339(owner->hold->since), printable(owner->hold->reason)));
  }
  if (found.state == State::pending) {
    return objection(found, census);  // its recipient line may have been handed out
  }
  if (now < document_.latest_time) {
    return refused(fmt::format("the clock says {}, and said {} before", to_rfc3339(now),
                               to_rfc3339(document_.latest_time)),
                   "set the clock");
  }
  if (const Time end = *quarantine_end(found); now < end) {
    return refused(fmt::format("{} is in quarantine until {}", to_text(name), to_rfc3339(end)));
  }
  return objection(found, census);
}

void Keyring::destroy(const KeyName& name, const Census* census, const std::string& reason,
                      Time now) {
  if (const auto why = why_not_destroy(name, census, now)) {
    throw Error{*why};
  }
  Key& found = change(name);
  step(found, State::destroyed, reason, now);
  found.secret.reset();
}

}  // namespace trackier::keyring
