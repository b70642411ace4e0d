#pragma once
/// Hybrid public key encryption of one short message (RFC 9180): base mode, DHKEM(X25519,
/// HKDF-SHA256), HKDF-SHA256, AES-256-GCM; single-shot, empty associated data.

#include <optional>
#include <vector>

#include "core/bytes.hpp"
#include "crypto/secret.hpp"
#include "crypto/x25519.hpp"

namespace trackier::crypto {

struct HpkeMessage {
  X25519Public encapsulated{};      ///< "enc" of the RFC
  std::vector<std::byte> sealed{};  ///< ciphertext and 16-byte tag
};

/// Seals with a fresh ephemeral key. info: binds the message to its purpose and place.
/// Throws Error{Code::data} for a public key of low order.
HpkeMessage hpke_seal(const X25519Public& recipient, Bytes info, Bytes plain);

/// The same with a given ephemeral private key, which must be used once. For known-answer tests.
HpkeMessage hpke_seal_with(const Secret& ephemeral, const X25519Public& recipient, Bytes info,
                           Bytes plain);

/// None when the message is not for this key, or for another purpose, or was changed.
std::optional<Secret> hpke_open(const Secret& private_key, Bytes info, const HpkeMessage& message);

}  // namespace trackier::crypto
