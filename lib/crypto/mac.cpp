// SHA256_Transform is deprecated since OpenSSL 3.0 in favour of EVP, which has no way to begin at a
// chaining value computed before: HMAC of a short message costs 0.17 microseconds with EVP_MAC at
// its best and 1 with HMAC(), against 0.08 here. Nothing else in the project uses the old
// interface.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/mac.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "crypto/secret.hpp"

namespace trackier::crypto {
namespace {

constexpr std::size_t block_bytes = 64;
constexpr std::size_t length_bytes = 8;  // at the end of the last block, in bits, big-endian

using Block = std::array<std::byte, block_bytes>;

// FIPS 180-4, section 5.3.3.
constexpr MacKey::State initial_state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/// The SHA-256 compression function, with whatever instructions the processor has.
class Compression {
 public:
  explicit Compression(const MacKey::State& state) noexcept {
    std::ranges::copy(state, std::begin(context_.h));
  }
  void add(const std::byte* block) noexcept {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast) OpenSSL's bytes are unsigned char
    SHA256_Transform(&context_, reinterpret_cast<const unsigned char*>(block));
  }

  /// Hands the chaining value over, keeping no copy.
  void move_to(MacKey::State& state) noexcept {
    std::ranges::copy(context_.h, state.begin());
    forget();
  }

  void forget() noexcept { wipe(std::as_writable_bytes(std::span{context_.h})); }

  /// Adds the rest of a message, of which `before` bytes (a multiple of 64) have been added, and
  /// the padding; writes the digest.
  void finish(Bytes rest, std::uint64_t before, MutBytes digest) noexcept {
    const std::uint64_t size = before + rest.size();
    for (; rest.size() >= block_bytes; rest = rest.subspan(block_bytes)) {
      add(rest.data());
    }
    Block block{};
    if (!rest.empty()) {
      std::memcpy(block.data(), rest.data(), rest.size());
    }
    finish_padded(block, size, digest);
  }

  /// The same for a message of `size` bytes whose last size % 64 bytes are the beginning of
  /// `block`, which is zero otherwise and then holds padding. FIPS 180-4, section 5.1.1.
  void finish_padded(Block& block, std::uint64_t size, MutBytes digest) noexcept {
    const std::size_t filled = size % block_bytes;
    block[filled] = std::byte{0x80};
    if (filled + 1 + length_bytes > block_bytes) {
      add(block.data());
      block.fill(std::byte{0});
    }
    store(size * 8, MutBytes{block}.last<length_bytes>());
    add(block.data());
    for (std::size_t i = 0; i < initial_state.size(); ++i) {
      store(context_.h[i], digest.subspan(i * 4).first<4>());
    }
  }

 private:
  template <typename Number, std::size_t Size>
  static void store(Number number, std::span<std::byte, Size> out) noexcept {
    static_assert(sizeof(Number) == Size && (Size == 4 || Size == 8));
    if constexpr (std::endian::native == std::endian::little) {
      if constexpr (Size == 4) {
        number = __builtin_bswap32(number);
      } else {
        number = __builtin_bswap64(number);
      }
    }
    std::memcpy(out.data(), &number, Size);
  }

  SHA256_CTX context_{};
};

/// state: the chaining value after the block key xor pad.
void begin_with(const Block& key, std::byte pad, MacKey::State& state) noexcept {
  Block padded{};
  std::ranges::transform(key, padded.begin(), [pad](std::byte byte) { return byte ^ pad; });
  Compression compression{initial_state};
  compression.add(padded.data());
  compression.move_to(state);
  wipe(padded);
}

}  // namespace

MacKey::MacKey(Bytes key) {
  Block block{};
  if (key.size() > block_bytes) {
    Compression{initial_state}.finish(key, 0, MutBytes{block}.first<sizeof(Mac)>());
  } else {
    std::ranges::copy(key, block.begin());
  }
  begin_with(block, std::byte{0x36}, inner_);
  begin_with(block, std::byte{0x5c}, outer_);
  wipe(block);
}

MacKey::~MacKey() {
  wipe(std::as_writable_bytes(std::span{inner_}));
  wipe(std::as_writable_bytes(std::span{outer_}));
}

Mac MacKey::mac(Bytes message) const noexcept {
  Mac digest;
  Compression{inner_}.finish(message, block_bytes, digest);
  Compression{outer_}.finish(digest, block_bytes, digest);
  return digest;
}

Mac MacKey::mac_joined(std::initializer_list<Bytes> pieces) const noexcept {
  Compression inner{inner_};
  Wiped<block_bytes> block;
  std::uint64_t size = block_bytes;
  for (Bytes piece : pieces) {
    while (!piece.empty()) {
      const std::size_t filled = size % block_bytes;
      const Bytes part = piece.first(std::min(piece.size(), block_bytes - filled));
      std::ranges::copy(part, MutBytes{block.bytes}.subspan(filled).begin());
      piece = piece.subspan(part.size());
      size += part.size();
      if (size % block_bytes == 0) {
        inner.add(block.bytes.data());
        block.bytes.fill(std::byte{0});
      }
    }
  }
  Mac digest;
  inner.finish_padded(block.bytes, size, digest);
  inner.forget();
  Compression outer{outer_};
  outer.finish(digest, block_bytes, digest);
  outer.forget();
  return digest;
}

}  // namespace trackier::crypto
