#pragma once
/// A key's secret as it stands in the document. trackier-keyring(5), SECRETS: AES-256-GCM with a
/// zero nonce under HKDF-SHA-256(root key || shred half, salt, "trackier-keyring/1 secret\0" name);
/// the salt is random, so that no key ever seals twice.

#include <array>
#include <cstddef>

#include "crypto/secret.hpp"
#include "envelope/format.hpp"
#include "keyring/name.hpp"

namespace trackier::keyring {

inline constexpr std::size_t secret_bytes = 32;  ///< of every purpose

struct SealedSecret {
  std::array<std::byte, 32> salt{};
  std::array<std::byte, secret_bytes + 16> sealed{};

  friend bool operator==(const SealedSecret&, const SealedSecret&) = default;
};

/// half: 32 bytes, or empty for tenants that have none.
SealedSecret seal_secret(const crypto::Secret& secret, const KeyName& name,
                         const crypto::Secret& root_key, const crypto::Secret& half);

/// Throws Error{Code::data} when it was changed, belongs to another name, or the half is another.
crypto::Secret open_secret(const SealedSecret& sealed, const KeyName& name,
                           const crypto::Secret& root_key, const crypto::Secret& half);

/// Tells whether a half is the right one and says nothing of it.
envelope::KeyId id_of_half(const crypto::Secret& half);

}  // namespace trackier::keyring
