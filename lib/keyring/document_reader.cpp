// From JSON to a Document, each member by name and type. What holds between members: check().
#include <fmt/format.h>

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "core/text.hpp"
#include "crypto/base64.hpp"
#include "envelope/stanza.hpp"
#include "keyring/document.hpp"

namespace trackier::keyring {
namespace {

using Json = nlohmann::json;

constexpr int deepest = 6;  // document, keys, a key, history, an event: and one to spare
constexpr std::uint64_t most_generations = (std::uint64_t{1} << 53U) - 1;  // exact everywhere
constexpr std::uint64_t most_quarantine_days = 3650;
constexpr std::size_t longest_certificate = std::size_t{256} << 10U;

[[noreturn]] void fail(const std::string& path, std::string_view what) {
  throw Error{Code::data, fmt::format("{}: {}", path.empty() ? "document" : path, what)};
}

/// An object that has exactly these members, and may have that one.
class Object {
 public:
  Object(const Json& json, std::string path, std::initializer_list<const char*> members,
         std::string_view optional = {})
      : json_(json), path_(std::move(path)) {
    if (!json.is_object()) {
      fail(path_, "not an object");
    }
    for (const char* const member : members) {
      if (!json.contains(member)) {
        fail(path_, fmt::format("has no member {}", member));
      }
    }
    for (const auto& [member, value] : json.items()) {
      if (member != optional &&
          std::ranges::find(members, std::string_view{member}) == members.end()) {
        fail(path_, fmt::format("unknown member {}", printable(member)));
      }
    }
  }

  [[nodiscard]] const Json& at(const char* member) const { return json_.at(member); }
  [[nodiscard]] bool has(const char* member) const { return json_.contains(member); }
  [[nodiscard]] bool is_null(const char* member) const { return at(member).is_null(); }
  [[nodiscard]] std::string path_of(const char* member) const {
    return path_.empty() ? member : fmt::format("{}.{}", path_, member);
  }
  [[noreturn]] void fail_at(const char* member, std::string_view what) const {
    fail(path_of(member), what);
  }

  [[nodiscard]] const std::string& string(const char* member) const {
    if (!at(member).is_string()) {
      fail_at(member, "not a string");
    }
    return at(member).get_ref<const std::string&>();
  }

  /// For people; `empty` when it need not say anything.
  [[nodiscard]] std::string text(const char* member, bool may_be_empty = false) const {
    const std::string& found = string(member);
    if (!(may_be_empty && found.empty()) && !is_plain_text(found)) {
      fail_at(member, "not 1 to 500 bytes of text without control characters");
    }
    return found;
  }

  [[nodiscard]] Time time(const char* member) const {
    return parsed(member, parse_rfc3339(string(member)), "not a time like 2026-11-25T09:30:00Z");
  }

  [[nodiscard]] std::uint64_t number(const char* member, std::uint64_t least,
                                     std::uint64_t most) const {
    if (!at(member).is_number_unsigned() || at(member).get<std::uint64_t>() < least ||
        at(member).get<std::uint64_t>() > most) {
      fail_at(member, fmt::format("not a whole number from {} to {}", least, most));
    }
    return at(member).get<std::uint64_t>();
  }

  template <typename Id>
  void id(const char* member, Id& into) const {
    if (!envelope::parse_id(string(member), into)) {
      fail_at(member, fmt::format("not {} small hexadecimal digits", 2 * into.size()));
    }
  }

  void bytes(const char* member, MutBytes into) const {
    if (!crypto::from_base64(string(member), into)) {
      fail_at(member, fmt::format("not {} bytes in base64", into.size()));
    }
  }

  [[nodiscard]] State state(const char* member) const {
    return parsed(member, parse_state(string(member)), "not a state");
  }

  template <typename Value>
  Value parsed(const char* member, std::optional<Value> value, std::string_view otherwise) const {
    if (!value) {
      fail_at(member, otherwise);
    }
    return *std::move(value);
  }

  /// What `read` makes of each element of an array, given it and its path.
  template <typename Read>
  auto list(const char* member, Read read) const {
    if (!at(member).is_array()) {
      fail_at(member, "not an array");
    }
    std::vector<decltype(read(at(member), std::string{}))> items;
    for (const Json& item : at(member)) {
      items.push_back(read(item, fmt::format("{}[{}]", path_of(member), items.size())));
    }
    return items;
  }

 private:
  const Json& json_;
  std::string path_;
};

Event read_event(const Json& json, std::string path) {
  const Object object{json, std::move(path), {"state", "time", "reason"}};
  return {.state = object.state("state"),
          .time = object.time("time"),
          .reason = object.text("reason", true)};
}

SealedSecret read_secret(const Json& json, std::string path) {
  const Object object{json, std::move(path), {"salt", "sealed"}};
  SealedSecret secret;
  object.bytes("salt", secret.salt);
  object.bytes("sealed", secret.sealed);
  return secret;
}

Key read_key(const Json& json, std::string path) {
  const Object object{
      json,
      std::move(path),
      {"name", "id", "state", "created", "not_after", "public", "secret", "history"}};
  Key key;
  key.name =
      object.parsed("name", parse_key_name(object.string("name")), "not TENANT/PURPOSE/VERSION");
  object.id("id", key.id);
  key.state = object.state("state");
  key.created = object.time("created");
  if (!object.is_null("not_after")) {
    key.not_after = object.time("not_after");
  }
  if (!object.is_null("public")) {
    object.bytes("public", key.public_key.emplace());
  }
  if (!object.is_null("secret")) {
    key.secret = read_secret(object.at("secret"), object.path_of("secret"));
  }
  key.history = object.list("history", read_event);
  return key;
}

UnlockMethod read_unlock(const Json& json, std::string path) {
  const Object object{json, std::move(path), {"kind", "id", "label", "added"}};
  UnlockMethod unlock;
  const std::string& kind = object.string("kind");
  unlock.id = object.string("id");
  if (kind == to_text(UnlockMethod::Kind::key)) {
    envelope::KeyId id{};
    object.id("id", id);
  } else if (kind == to_text(UnlockMethod::Kind::passphrase)) {
    unlock.kind = UnlockMethod::Kind::passphrase;
    std::array<std::byte, 16> salt{};
    object.bytes("id", salt);
  } else {
    object.fail_at("kind", "neither key nor passphrase");
  }
  unlock.label = object.text("label");
  unlock.added = object.time("added");
  return unlock;
}

std::string read_place(const Json& place, const std::string& where) {
  if (!place.is_string() || !is_plain_text(place.get_ref<const std::string&>())) {
    fail(where, "not a path without control characters");
  }
  return place.get<std::string>();
}

ShredHalf read_half(const Json& json, std::string path) {
  const Object object{json, std::move(path), {"id", "places", "since"}, "gone"};
  ShredHalf half;
  object.id("id", half.id);
  half.places = object.list("places", read_place);
  half.since = object.time("since");
  if (object.has("gone")) {
    half.gone = object.list("gone", read_place);
    if (half.gone.empty()) {
      object.fail_at("gone", "there, and empty");
    }
  }
  return half;
}

Tenant read_tenant(const Json& json, std::string path) {
  const Object object{json, std::move(path), {"name", "hold", "half", "shredding"}};
  Tenant tenant;
  tenant.name = object.string("name");
  if (!is_tenant(tenant.name)) {
    object.fail_at("name", "not a tenant's name");
  }
  if (!object.is_null("hold")) {
    const Object hold{object.at("hold"), object.path_of("hold"), {"reason", "since"}};
    tenant.hold = {.reason = hold.text("reason"), .since = hold.time("since")};
  }
  if (!object.is_null("half")) {
    tenant.half = read_half(object.at("half"), object.path_of("half"));
  }
  if (!object.is_null("shredding")) {
    const Object shredding{
        object.at("shredding"), object.path_of("shredding"), {"time", "certificate"}};
    tenant.shredding = {.time = shredding.time("time"),
                        .certificate = shredding.string("certificate")};
    if (tenant.shredding->certificate.size() > longest_certificate) {
      shredding.fail_at("certificate", "longer than 256 KiB");
    }
  }
  return tenant;
}

/// The JSON library keeps the last of two members of one name, and does not limit depth.
class Strictness {
 public:
  bool operator()(int depth, Json::parse_event_t event, const Json& parsed) {
    if (depth > deepest) {
      fail("", "nested too deeply");
    }
    if (event == Json::parse_event_t::object_start) {
      members_.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      members_.pop_back();
    } else if (event == Json::parse_event_t::key) {
      const auto& member = parsed.get_ref<const std::string&>();
      if (!members_.back().insert(member).second) {
        fail("", fmt::format("member {} is given twice", printable(member)));
      }
    }
    return true;
  }

 private:
  std::vector<std::set<std::string>> members_;
};

Json parse_strictly(std::string_view text) {
  Strictness strictness;
  try {
    return Json::parse(text, std::ref(strictness));
  } catch (const Json::exception& error) {
    const auto* const at = dynamic_cast<const Json::parse_error*>(&error);
    fail("",
         at == nullptr ? std::string{"not JSON"} : fmt::format("not JSON at byte {}", at->byte));
  }
}

}  // namespace

Document parse_document(std::string_view json) {
  if (json.size() > most_document_bytes) {
    fail("", "longer than 4 MiB");
  }
  const Json parsed = parse_strictly(json);
  const Object object{parsed,
                      "",
                      {"format", "generation", "created", "saved", "latest_time", "quarantine_days",
                       "unlocks", "tenants", "keys"}};
  if (object.string("format") != "trackier-keyring/1") {
    object.fail_at("format", "not trackier-keyring/1");
  }
  Document document;
  document.generation = object.number("generation", 1, most_generations);
  document.created = object.time("created");
  document.saved = object.time("saved");
  document.latest_time = object.time("latest_time");
  document.quarantine_days =
      static_cast<std::uint32_t>(object.number("quarantine_days", 0, most_quarantine_days));
  document.unlocks = object.list("unlocks", read_unlock);
  document.tenants = object.list("tenants", read_tenant);
  document.keys = object.list("keys", read_key);
  check(document);
  return document;
}

}  // namespace trackier::keyring
