#pragma once
/// Keyrings in memory, at a time of the test's choosing.

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/time.hpp"
#include "crypto/random.hpp"
#include "keyring/keyring.hpp"

namespace trackier::test {

inline constexpr std::chrono::hours day{24};

inline Time noon() {
  return *parse_rfc3339("2026-11-25T12:00:00Z");
}

inline keyring::KeyName key_name(std::string_view text) {
  return keyring::parse_key_name(text).value();
}

inline keyring::Series series(std::string_view text) {
  return keyring::parse_series(text).value();
}

/// As a new one, with an unlock method that leads nowhere.
inline keyring::Document empty_document() {
  return {.generation = 1,
          .created = noon(),
          .saved = noon(),
          .latest_time = noon(),
          .unlocks = {{.id = "0123456789abcdef", .label = "key file", .added = noon()}}};
}

/// Halves by tenant, in place of files.
using Halves = std::shared_ptr<std::map<std::string, std::string, std::less<>>>;

inline keyring::HalfProvider provider(Halves halves) {
  return [halves =
              std::move(halves)](const keyring::Tenant& tenant) -> std::optional<crypto::Secret> {
    const auto found = halves->find(tenant.name);
    return found == halves->end() ? std::nullopt
                                  : std::optional{crypto::Secret::copy_of(as_bytes(found->second))};
  };
}

/// With a signing key, and acme/encrypt/1 active.
inline keyring::Keyring sample_keyring(keyring::HalfProvider halves = {}) {
  keyring::Keyring keyring{empty_document(), crypto::random_secret(32), std::move(halves)};
  keyring.new_key(series("house/audit-sign"), {}, noon());
  keyring.new_key(series("acme/encrypt"), {}, noon());
  return keyring;
}

/// A census that looked at something and found nothing.
inline keyring::Census empty_census() {
  keyring::Census census;
  census.roots = {"/var/log"};
  census.files = 3;
  return census;
}

}  // namespace trackier::test
