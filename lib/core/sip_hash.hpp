#pragma once
/// The hash of tables and sketches of values: SipHash-2-4 (Aumasson and Bernstein, 2012), keyed
/// with random bytes of the run, so that nobody who writes lines into a log can aim at them. It
/// hides nothing, and is here rather than OpenSSL's, which takes a context and several calls for
/// each of some ten values a record; the vectors of its authors hold it to the specification.

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/bytes.hpp"

namespace trackier {

using HashKey = std::array<std::byte, 16>;

/// Uniform over 64 bits; no failure. Sketches that are merged or compared need the same key.
std::uint64_t sip_hash(const HashKey& key, Bytes text) noexcept;

/// One to one, each bit of the result depends on all of the argument: the finalizer of SplitMix64
/// (Steele, Lea and Flood, 2014).
constexpr std::uint64_t mixed(std::uint64_t value) noexcept {
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

}  // namespace trackier
