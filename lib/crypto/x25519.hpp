#pragma once
/// X25519 key agreement (RFC 7748).

#include <array>
#include <cstddef>
#include <optional>

#include "core/bytes.hpp"
#include "crypto/secret.hpp"

namespace trackier::crypto {

using X25519Public = std::array<std::byte, 32>;

/// Any 32 bytes are a private key (RFC 7748, section 5: the function clamps them).
Secret new_x25519_key();

X25519Public x25519_public(const Secret& private_key);

/// 32 bytes; none when the other's public key is of low order, so that the result would not depend
/// on our key (RFC 7748, section 6.1: all-zero output).
std::optional<Secret> x25519(const Secret& private_key, const X25519Public& other);

struct X25519Exchange {
  X25519Public ours{};  ///< x25519_public() of the private key
  Wiped<32> shared;     ///< what x25519() gives
};

/// Both at once, for less than the price of x25519().
std::optional<X25519Exchange> x25519_exchange(const Secret& private_key, const X25519Public& other);

}  // namespace trackier::crypto
