#pragma once
/// The hash that sketches are fed with: SipHash-2-4 (Aumasson and Bernstein, 2012), keyed with
/// random bytes of the run, so that nobody who writes lines into a log can aim at a sketch.

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/bytes.hpp"

namespace trackier::risk {

using HashKey = std::array<std::byte, 16>;

/// Uniform over 64 bits; no failure. Sketches that are merged or compared need the same key.
std::uint64_t hash(const HashKey& key, Bytes text) noexcept;

}  // namespace trackier::risk
