#include "crypto/hpke.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/error.hpp"
#include "crypto/aes_gcm.hpp"
#include "crypto/mac.hpp"

// Names as in RFC 9180, whose sections are given.

namespace trackier::crypto {
namespace {

using namespace std::string_view_literals;

using Hash = Wiped<sizeof(Mac)>;

// Section 7: DHKEM(X25519, HKDF-SHA256) is 0x0020, HKDF-SHA256 0x0001, AES-256-GCM 0x0002.
constexpr auto kem_suite_id = "KEM\x00\x20"sv;                    // section 4.1
constexpr auto hpke_suite_id = "HPKE\x00\x20\x00\x01\x00\x02"sv;  // section 5.1
constexpr auto version = "HPKE-v1"sv;                             // section 4

/// Section 4: Extract(salt, concat("HPKE-v1", suite_id, label, ikm)).
Hash labeled_extract(std::string_view suite_id, Bytes salt, std::string_view label, Bytes ikm) {
  return {MacKey{salt}.mac_joined({as_bytes(version), as_bytes(suite_id), as_bytes(label), ikm})};
}

/// Section 4: Expand(prk, concat(I2OSP(L, 2), "HPKE-v1", suite_id, label, info), L). info: two
/// pieces. L is at most 32 here, the first step of Expand (RFC 5869, section 2.3).
template <std::size_t L>
Wiped<L> labeled_expand(std::string_view suite_id, const Hash& prk, std::string_view label,
                        Bytes info, Bytes more_info) {
  static_assert(L <= sizeof(Mac));
  constexpr std::array length{std::byte{0}, std::byte{L}};
  const Hash first{
      MacKey{prk.bytes}.mac_joined({length, as_bytes(version), as_bytes(suite_id), as_bytes(label),
                                    info, more_info, as_bytes("\x01"sv)})};
  Wiped<L> expanded;
  std::ranges::copy(Bytes{first.bytes}.first<L>(), expanded.bytes.begin());
  return expanded;
}

/// Section 4.1: the KEM's shared secret; kem_context = concat(enc, pkRm).
Hash extract_and_expand(const Wiped<32>& dh, const X25519Public& enc, const X25519Public& pk_rm) {
  const Hash eae_prk = labeled_extract(kem_suite_id, {}, "eae_prk", dh.bytes);
  return labeled_expand<32>(kem_suite_id, eae_prk, "shared_secret", enc, pk_rm);
}

struct Context {
  Wiped<AesGcm::key_bytes> key;
  Wiped<AesGcm::nonce_bytes> base_nonce;
};

/// Section 5.1: KeySchedule(mode_base, shared_secret, info, default_psk = "", default_psk_id = "").
Context key_schedule(const Hash& shared_secret, Bytes info) {
  const Hash psk_id_hash = labeled_extract(hpke_suite_id, {}, "psk_id_hash", {});
  const Hash info_hash = labeled_extract(hpke_suite_id, {}, "info_hash", info);
  std::array<std::byte, 1 + 2 * sizeof(Mac)> key_schedule_context{};  // mode_base, 0x00, first
  std::ranges::copy(psk_id_hash.bytes, &key_schedule_context[1]);
  std::ranges::copy(info_hash.bytes, &key_schedule_context[1 + sizeof(Mac)]);
  const Hash secret = labeled_extract(hpke_suite_id, shared_secret.bytes, "secret", {});
  return {.key = labeled_expand<AesGcm::key_bytes>(hpke_suite_id, secret, "key",
                                                   key_schedule_context, {}),
          .base_nonce = labeled_expand<AesGcm::nonce_bytes>(hpke_suite_id, secret, "base_nonce",
                                                            key_schedule_context, {})};
}

}  // namespace

HpkeMessage hpke_seal(const X25519Public& recipient, Bytes info, Bytes plain) {
  return hpke_seal_with(new_x25519_key(), recipient, info, plain);
}

// Section 6.1: SealBase. Section 5.2: the first message has sequence number 0, and so base_nonce.
HpkeMessage hpke_seal_with(const Secret& ephemeral, const X25519Public& recipient, Bytes info,
                           Bytes plain) {
  // Section 4.1, Encap(pkR), and 7.1.4: "senders and recipients MUST check whether the shared
  // secret is the all-zero value and abort if so".
  const auto exchange = x25519_exchange(ephemeral, recipient);
  if (!exchange) {
    throw Error{Code::data, "a public key of low order: nothing sealed with it would be secret"};
  }
  const Hash shared_secret = extract_and_expand(exchange->shared, exchange->ours, recipient);
  const Context context = key_schedule(shared_secret, info);
  HpkeMessage message{.encapsulated = exchange->ours,
                      .sealed = std::vector<std::byte>(plain.size() + AesGcm::tag_bytes)};
  AesGcm{context.key.bytes}.seal(context.base_nonce.bytes, plain, message.sealed);
  return message;
}

// Section 6.1: OpenBase.
std::optional<Secret> hpke_open(const Secret& private_key, Bytes info, const HpkeMessage& message) {
  if (message.sealed.size() < AesGcm::tag_bytes) {
    return std::nullopt;
  }
  const auto exchange = x25519_exchange(private_key, message.encapsulated);  // Decap(enc, skR)
  if (!exchange) {
    return std::nullopt;
  }
  const Hash shared_secret =
      extract_and_expand(exchange->shared, message.encapsulated, exchange->ours);
  const Context context = key_schedule(shared_secret, info);
  Secret plain{message.sealed.size() - AesGcm::tag_bytes};
  if (!AesGcm{context.key.bytes}.open(context.base_nonce.bytes, message.sealed, plain.writable())) {
    return std::nullopt;
  }
  return plain;
}

}  // namespace trackier::crypto
