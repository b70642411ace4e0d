#include "keyring/certificate.hpp"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "crypto/base64.hpp"
#include "envelope/stanza.hpp"
#include "keyring/shred_half.hpp"

namespace trackier::keyring {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view format = "trackier-certificate/1";
constexpr std::string_view signed_prefix{"trackier-certificate/1\0", 23};
constexpr std::string_view before_signature = ",\n  \"signature\": \"";
constexpr std::string_view after_signature = "\"\n}\n";
constexpr std::size_t signature_text = 86;  // 64 bytes in base64

/// In words, for whoever is handed the certificate and asks what it is worth.
constexpr std::array<const char*, 7> not_covered{
    "plaintext, and copies of it, wherever it was before or after encryption",
    "exports, reports and backups that were made from plaintext",
    "copies of keys, data keys or the half that nobody declared",
    "copies of the keyring from before the half was made, for keys marked once_without_half",
    "envelopes that have recipients of other tenants, escrow or officers: those still open them",
    "places that did not acknowledge",
    "remnants on flash memory, snapshots and copy-on-write file systems, where overwriting does "
    "not reach; NIST SP 800-88 calls what was done cryptographic erase, and it holds for those "
    "copies of keys alone that are listed here"};

Json to_json(const DestroyedKey& key) {
  return {{"name", to_text(key.name)},
          {"id", envelope::to_text(key.id)},
          {"created", to_rfc3339(key.created)},
          {"once_without_half", key.once_without_half}};
}

Json to_json(const PlaceReport& place) {
  return {{"place", place.place}, {"acknowledged", place.acknowledged}, {"note", place.note}};
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

std::string to_text(const Certificate& certificate, const crypto::Secret& signing_key) {
  const Json json{{"format", format},
                  {"tenant", certificate.tenant},
                  {"time", to_rfc3339(certificate.time)},
                  {"reason", certificate.reason},
                  {"people", certificate.people},
                  {"keys", list_of(certificate.keys)},
                  {"places", list_of(certificate.places)},
                  {"generation_before", certificate.generation_before},
                  {"generation_after", certificate.generation_after},
                  {"files", certificate.files},
                  {"files_root", crypto::base64(certificate.files_root)},
                  {"not_covered", not_covered},
                  {"signer", to_text(certificate.signer)},
                  {"signer_key", crypto::base64(crypto::ed25519_public(signing_key))}};
  std::string text = json.dump(2, ' ', false, Json::error_handler_t::replace);
  text.resize(text.size() - 2);  // the line end and brace of the object: the signature comes first
  const crypto::Signature signature =
      crypto::sign(signing_key, as_bytes(std::string{signed_prefix} + text));
  return fmt::format("{}{}{}{}", text, before_signature, crypto::base64(signature),
                     after_signature);
}

bool verify_certificate(std::string_view text, const crypto::Ed25519Public& signer) {
  const std::size_t tail = before_signature.size() + signature_text + after_signature.size();
  crypto::Signature signature{};
  const std::string_view body = text.substr(0, text.size() - std::min(tail, text.size()));
  std::string_view rest = text.substr(body.size());
  const bool has_shape =
      rest.starts_with(before_signature) && rest.ends_with(after_signature) &&
      body.starts_with(fmt::format("{{\n  \"format\": \"{}\",\n", format)) &&
      crypto::from_base64(rest.substr(before_signature.size(), signature_text), signature);
  if (!has_shape) {
    throw Error{Code::data, "not a certificate of trackier-ctl"};
  }
  return crypto::verify(signer, as_bytes(std::string{signed_prefix}.append(body)), signature);
}

}  // namespace trackier::keyring
