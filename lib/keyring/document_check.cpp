// What has to hold between the members of a document.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "core/text.hpp"
#include "crypto/digest.hpp"
#include "keyring/document.hpp"

namespace trackier::keyring {
namespace {

constexpr std::size_t most_unlocks = 24;  // stanzas in a head
constexpr std::size_t most_places = 16;

[[noreturn]] void fail(const std::string& path, std::string_view what) {
  throw Error{Code::data, fmt::format("{}: {}", path, what)};
}

void check_unlocks(const Document& document) {
  if (document.unlocks.empty() || document.unlocks.size() > most_unlocks) {
    fail("unlocks", "not 1 to 24 of them");
  }
  std::set<std::string_view> ids;
  std::set<std::string_view> labels;
  for (std::size_t i = 0; i < document.unlocks.size(); ++i) {
    if (!ids.insert(document.unlocks[i].id).second) {
      fail(fmt::format("unlocks[{}].id", i), "given twice");
    }
    if (!labels.insert(document.unlocks[i].label).second) {
      fail(fmt::format("unlocks[{}].label", i), "given twice");
    }
  }
}

void check_half(const ShredHalf& half, const std::string& path) {
  if (half.places.empty() || half.places.size() > most_places) {
    fail(path + ".places", "not 1 to 16 of them");
  }
  std::set<std::string_view> places;
  for (const std::string& place : half.places) {
    if (!place.starts_with('/')) {
      fail(path + ".places", "not an absolute path");
    }
    if (!places.insert(place).second) {
      fail(path + ".places", "given twice");
    }
  }
  for (const std::string& place : half.gone) {
    if (places.erase(place) == 0) {
      fail(path + ".gone", "no place, or given twice");
    }
  }
}

void check_tenants(const Document& document) {
  for (std::size_t i = 0; i < document.tenants.size(); ++i) {
    const Tenant& tenant = document.tenants[i];
    const std::string path = fmt::format("tenants[{}]", i);
    if (i > 0 && document.tenants[i - 1].name >= tenant.name) {
      fail(path + ".name", "not sorted, or given twice");
    }
    if (tenant.half) {
      check_half(*tenant.half, path + ".half");
    }
    if (tenant.name == house && (tenant.half || tenant.shredding)) {
      fail(path, "the house is not shredded");
    }
    if (tenant.shredding && (tenant.half || tenant.hold)) {
      fail(path, "shredded, and has a half or a hold");
    }
  }
}

void check_history(const Key& key, bool shredded, const std::string& path) {
  if (key.history.empty()) {
    fail(path, "empty");
  }
  const Event& first = key.history.front();
  if ((first.state != State::pending && first.state != State::active) ||
      first.time != key.created) {
    fail(path + "[0]", "is not how a key is made");
  }
  for (std::size_t i = 1; i < key.history.size(); ++i) {
    const Event& before = key.history[i - 1];
    const Event& event = key.history[i];
    const bool by_shredding = shredded && event.state == State::destroyed;
    // The same state again: a quarantine that was begun anew (Keyring::accept_clock).
    const bool again = event.state == State::retired && before.state == State::retired;
    if (!is_allowed(before.state, event.state) && !again &&
        !(by_shredding && before.state != State::destroyed)) {
      fail(fmt::format("{}[{}].state", path, i), "not a step that can be taken");
    }
  }
  if (key.history.back().state != key.state) {
    fail(path, "does not end with the state");
  }
}

void check_key(const Key& key, bool shredded, const std::string& path) {
  if (key.secret.has_value() != (key.state != State::destroyed)) {
    fail(path + ".secret", "is there when the key is destroyed, or missing when it is not");
  }
  if (shredded && key.state != State::destroyed) {
    fail(path + ".state", "not destroyed, and the tenant was shredded");
  }
  if (key.public_key.has_value() != (key.name.purpose != Purpose::pseudonymize)) {
    fail(path + ".public", "is there for a key without, or missing for one with a public half");
  }
  if (key.public_key &&
      !std::ranges::equal(key.id, Bytes{crypto::sha256(*key.public_key)}.first(key.id.size()))) {
    fail(path + ".id", "not that of the public key");
  }
  check_history(key, shredded, path + ".history");
}

void check_keys(const Document& document) {
  std::set<envelope::KeyId> ids;
  std::optional<Series> series;
  std::uint32_t version = 0;
  bool has_active = false;
  for (std::size_t i = 0; i < document.keys.size(); ++i) {
    const Key& key = document.keys[i];
    const std::string path = fmt::format("keys[{}]", i);
    if (series != key.name.series()) {
      if (series && *series > key.name.series()) {
        fail(path + ".name", "not sorted");
      }
      series = key.name.series();
      version = 0;
      has_active = false;
    }
    if (key.name.version != ++version) {
      fail(path + ".name", "versions do not count from 1");
    }
    if (key.state == State::active && std::exchange(has_active, true)) {
      fail(path + ".state", "a second version is active");
    }
    if (!ids.insert(key.id).second) {
      fail(path + ".id", "given twice");
    }
    const auto tenant = std::ranges::find(document.tenants, key.name.tenant, &Tenant::name);
    check_key(key, tenant != document.tenants.end() && tenant->shredding.has_value(), path);
  }
}

}  // namespace

bool is_plain_text(std::string_view text) {
  if (text.empty() || text.size() > longest_text) {
    return false;
  }
  // printable() doubles backslashes, which are as plain as any.
  std::string without{text};
  std::erase(without, '\\');
  return printable(without, without.size()) == without;
}

void check(const Document& document) {
  if (document.saved > document.latest_time) {
    fail("latest_time", "before saved");
  }
  check_unlocks(document);
  check_tenants(document);
  check_keys(document);
}

}  // namespace trackier::keyring
