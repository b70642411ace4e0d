#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "crypto/base64.hpp"
#include "envelope/stanza.hpp"
#include "keyring/document.hpp"

namespace trackier::keyring {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Event& event) {
  return {
      {"state", to_text(event.state)}, {"time", to_rfc3339(event.time)}, {"reason", event.reason}};
}

Json to_json(const SealedSecret& secret) {
  return {{"salt", crypto::base64(secret.salt)}, {"sealed", crypto::base64(secret.sealed)}};
}

Json to_json(const Key& key) {
  Json history = Json::array();
  for (const Event& event : key.history) {
    history.push_back(to_json(event));
  }
  return {{"name", to_text(key.name)},
          {"id", envelope::to_text(key.id)},
          {"state", to_text(key.state)},
          {"created", to_rfc3339(key.created)},
          {"not_after", key.not_after ? Json(to_rfc3339(*key.not_after)) : Json()},
          {"public", key.public_key ? Json(crypto::base64(*key.public_key)) : Json()},
          {"secret", key.secret ? to_json(*key.secret) : Json()},
          {"history", std::move(history)}};
}

Json to_json(const Tenant& tenant) {
  Json json{{"name", tenant.name}, {"hold", Json()}, {"half", Json()}, {"shredding", Json()}};
  if (tenant.hold) {
    json["hold"] = {{"reason", tenant.hold->reason}, {"since", to_rfc3339(tenant.hold->since)}};
  }
  if (tenant.half) {
    json["half"] = {{"id", envelope::to_text(tenant.half->id)},
                    {"places", tenant.half->places},
                    {"since", to_rfc3339(tenant.half->since)}};
    if (!tenant.half->gone.empty()) {
      json["half"]["gone"] = tenant.half->gone;
    }
  }
  if (tenant.shredding) {
    json["shredding"] = {{"time", to_rfc3339(tenant.shredding->time)},
                         {"certificate", tenant.shredding->certificate}};
  }
  return json;
}

Json to_json(const UnlockMethod& unlock) {
  return {{"kind", to_text(unlock.kind)},
          {"id", unlock.id},
          {"label", unlock.label},
          {"added", to_rfc3339(unlock.added)}};
}

template <typename Item>
Json list_of(const std::vector<Item>& items) {
  Json list = Json::array();
  for (const Item& item : items) {
    list.push_back(to_json(item));
  }
  return list;
}

}  // namespace

std::string_view to_text(UnlockMethod::Kind kind) {
  return kind == UnlockMethod::Kind::key ? "key" : "passphrase";
}

std::string to_json(const Document& document) {
  const Json json{{"format", "trackier-keyring/1"},
                  {"generation", document.generation},
                  {"created", to_rfc3339(document.created)},
                  {"saved", to_rfc3339(document.saved)},
                  {"latest_time", to_rfc3339(document.latest_time)},
                  {"quarantine_days", document.quarantine_days},
                  {"unlocks", list_of(document.unlocks)},
                  {"tenants", list_of(document.tenants)},
                  {"keys", list_of(document.keys)}};
  std::string text = json.dump() + "\n";
  if (text.size() > most_document_bytes) {
    throw Error{Code::data,
                fmt::format("the keyring would have {} bytes, and may have {}", text.size(),
                            most_document_bytes),
                "begin another keyring for new tenants"};
  }
  return text;
}

}  // namespace trackier::keyring
