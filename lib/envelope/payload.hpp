#pragma once
/// The payload of an envelope: one Cobblestone-256 message (C2SP chunked-encryption), byte for
/// byte. Chunk i holds the plaintext from i * 16384 on; the last chunk is always shorter.

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/bytes.hpp"
#include "crypto/aes_gcm.hpp"
#include "crypto/secret.hpp"
#include "envelope/format.hpp"

namespace trackier::envelope {

using Salt = std::array<std::byte, salt_bytes>;
using Commitment = std::array<std::byte, commitment_bytes>;

/// The keys of one message. Thread-safe to copy from; not a secret's container for long.
class PayloadKeys {
 public:
  /// key: 32 bytes. context: what the message is bound to.
  PayloadKeys(const crypto::Secret& key, const Salt& salt, Bytes context);

  [[nodiscard]] const Commitment& commitment() const noexcept { return commitment_; }
  [[nodiscard]] Bytes cipher_key() const noexcept { return cipher_key_.bytes(); }
  [[nodiscard]] crypto::AesGcm::Nonce nonce(std::uint64_t chunk) const noexcept;

 private:
  crypto::Secret cipher_key_;
  crypto::AesGcm::Nonce base_nonce_{};
  Commitment commitment_{};
};

/// "trackier-envelope/1 body", a NUL, and the file id.
std::array<std::byte, 41> payload_context(const FileId& id);

/// Seals and opens chunks of one message in any order; one object a thread.
class ChunkCipher {
 public:
  explicit ChunkCipher(const PayloadKeys& keys) : keys_(keys), cipher_(keys.cipher_key()) {}

  /// out: plain.size() + 16 bytes. (message, chunk) must never be sealed twice.
  void seal(std::uint64_t chunk, Bytes plain, MutBytes out);
  [[nodiscard]] bool open(std::uint64_t chunk, Bytes sealed, MutBytes out);

 private:
  const PayloadKeys& keys_;
  crypto::AesGcm cipher_;
};

}  // namespace trackier::envelope
