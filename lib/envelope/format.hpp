#pragma once
/// Sizes and limits of the envelope format, version 1. Their reference is trackier-envelope(5).

#include <array>
#include <cstddef>
#include <cstdint>

namespace trackier::envelope {

inline constexpr std::size_t block_bytes = 4096;  ///< block A, block B
inline constexpr std::size_t head_bytes = 2 * block_bytes;
inline constexpr std::size_t data_key_bytes = 32;
inline constexpr std::size_t most_stanzas = 24;
inline constexpr std::size_t most_metadata_bytes = 1024;  ///< of plaintext and tag, before base64

inline constexpr std::size_t salt_bytes = 24;  ///< C2SP chunked-encryption
inline constexpr std::size_t commitment_bytes = 32;
inline constexpr std::size_t preamble_bytes = salt_bytes + commitment_bytes;
inline constexpr std::size_t chunk_bytes = 16384;  ///< of plaintext; the last one is shorter
inline constexpr std::size_t tag_bytes = 16;
inline constexpr std::size_t sealed_chunk_bytes = chunk_bytes + tag_bytes;
inline constexpr std::uint64_t most_chunks = std::uint64_t{1} << 32;

/// What the first line says. A keyring is an envelope whose recipients are the ways to unlock it;
/// its head may mix `kek` and up to four `scrypt` stanzas (trackier-keyring(5)). The head's MAC
/// covers the first line, so that neither passes for the other.
enum class Format : std::uint8_t {
  envelope,  ///< trackier-envelope/1
  keyring,   ///< trackier-keyring/1
};

/// Chosen at random when an envelope is made, never changed; all its keys are bound to it.
using FileId = std::array<std::byte, 16>;

/// Tells keys apart without naming anyone: the first 8 bytes of SHA-256 of a public key.
using KeyId = std::array<std::byte, 8>;

/// Length of an envelope whose plaintext has `plain_bytes` bytes.
constexpr std::uint64_t envelope_bytes(std::uint64_t plain_bytes) {
  return head_bytes + preamble_bytes + plain_bytes + tag_bytes * (plain_bytes / chunk_bytes + 1);
}

}  // namespace trackier::envelope
