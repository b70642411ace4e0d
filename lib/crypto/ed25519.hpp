#pragma once
/// Ed25519 signatures (RFC 8032).

#include <array>
#include <cstddef>

#include "core/bytes.hpp"
#include "crypto/secret.hpp"

namespace trackier::crypto {

using Ed25519Public = std::array<std::byte, 32>;
using Signature = std::array<std::byte, 64>;

/// Any 32 bytes are a private key: the seed of RFC 8032.
Secret new_ed25519_key();

Ed25519Public ed25519_public(const Secret& private_key);

Signature sign(const Secret& private_key, Bytes message);

/// False means forged, or of something else. Throws Error{Code::unavailable} when OpenSSL cannot
/// tell, for want of memory.
[[nodiscard]] bool verify(const Ed25519Public& key, Bytes message, const Signature& signature);

}  // namespace trackier::crypto
