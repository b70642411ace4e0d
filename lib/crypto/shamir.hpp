#pragma once
/// Sharing a secret so that any k of n shares give it back and k - 1 say nothing: Shamir over
/// GF(256) with the polynomial of AES, byte by byte, as in SLIP-39. Arithmetic is without tables
/// and without branches on secret values.

#include <cstdint>
#include <vector>

#include "core/bytes.hpp"
#include "crypto/secret.hpp"

namespace trackier::crypto {

struct ShamirPoint {
  std::uint8_t x = 0;  ///< 1 to 255; the secret is at 0
  Secret y;            ///< as long as the secret
};

/// Points on random polynomials of degree threshold - 1, at most, with the secret at 0; x = 1, 2,
/// ... shares.
/// Throws Error{Code::bug} unless 1 <= threshold <= shares <= 255 and the secret is not empty.
std::vector<ShamirPoint> shamir_split(Bytes secret, unsigned threshold, unsigned shares);

/// The polynomials of lowest degree through the points, at `x`. Points: at least one, different x,
/// equal sizes; else Error{Code::bug}.
Secret shamir_interpolate(const std::vector<ShamirPoint>& points, std::uint8_t x = 0);

}  // namespace trackier::crypto
