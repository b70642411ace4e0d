#include "crypto/kiasu.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <cstdint>

#include "core/error.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace trackier::crypto {
namespace {

using State = std::array<std::uint8_t, 16>;

constexpr std::uint8_t doubled(std::uint8_t a) {
  const unsigned high = a >> 7U;
  return static_cast<std::uint8_t>(unsigned{a} << 1U ^ (0x1BU & (0U - high)));
}

/// In GF(2^8) of AES, without a table or a branch that depends on the numbers.
constexpr std::uint8_t product(std::uint8_t a, std::uint8_t b) {
  std::uint8_t sum = 0;
  for (unsigned bit = 0; bit < 8; ++bit) {
    sum = static_cast<std::uint8_t>(sum ^ (a & (0U - (b >> bit & 1U))));
    a = doubled(a);
  }
  return sum;
}

/// a^254, which is 1/a, and 0 for 0.
constexpr std::uint8_t inverse(std::uint8_t a) {
  const std::uint8_t a2 = product(a, a);
  const std::uint8_t a3 = product(a2, a);
  const std::uint8_t a6 = product(a3, a3);
  const std::uint8_t a12 = product(a6, a6);
  const std::uint8_t a15 = product(a12, a3);
  const std::uint8_t a30 = product(a15, a15);
  const std::uint8_t a60 = product(a30, a30);
  const std::uint8_t a120 = product(a60, a60);
  const std::uint8_t a126 = product(a120, a6);
  const std::uint8_t a127 = product(a126, a);
  return product(a127, a127);
}

constexpr std::uint8_t rotated(std::uint8_t a, unsigned by) {
  return static_cast<std::uint8_t>(a << by | a >> (8 - by));
}

constexpr std::uint8_t substituted(std::uint8_t a) {
  const std::uint8_t b = inverse(a);
  return static_cast<std::uint8_t>(b ^ rotated(b, 1) ^ rotated(b, 2) ^ rotated(b, 3) ^
                                   rotated(b, 4) ^ 0x63U);
}

constexpr std::uint8_t unsubstituted(std::uint8_t a) {
  return inverse(static_cast<std::uint8_t>(rotated(a, 1) ^ rotated(a, 3) ^ rotated(a, 6) ^ 0x05U));
}

State state_of(const AesBlock& block) {
  State state{};
  std::ranges::transform(block, state.begin(),
                         [](std::byte byte) { return static_cast<std::uint8_t>(byte); });
  return state;
}

void add(State& state, const AesBlock& key) {
  for (std::size_t i = 0; i < state.size(); ++i) {
    state[i] = static_cast<std::uint8_t>(state[i] ^ static_cast<std::uint8_t>(key[i]));
  }
}

/// Row r of the columns moves by r columns, forwards or back.
State shifted(const State& state, bool back) {
  State made{};
  for (std::size_t column = 0; column < 4; ++column) {
    for (std::size_t row = 0; row < 4; ++row) {
      const std::size_t from = (column + (back ? 4 - row : row)) % 4;
      made[4 * column + row] = state[4 * from + row];
    }
  }
  return made;
}

void mix(State& state, const std::array<std::uint8_t, 4>& by) {
  for (std::size_t column = 0; column < 16; column += 4) {
    std::array<std::uint8_t, 4> mixed{};
    for (std::size_t row = 0; row < 4; ++row) {
      for (std::size_t i = 0; i < 4; ++i) {
        mixed[row] = static_cast<std::uint8_t>(mixed[row] ^
                                               product(state[column + i], by[(i + 4 - row) % 4]));
      }
    }
    std::ranges::copy(mixed, state.begin() + static_cast<std::ptrdiff_t>(column));
  }
}

AesBlock block_of(const State& state) {
  AesBlock block{};
  std::ranges::transform(state, block.begin(), [](std::uint8_t byte) { return std::byte{byte}; });
  return block;
}

template <typename RoundKeys>
AesBlock encrypted_portably(const AesBlock& block, const RoundKeys& keys) {
  State state = state_of(block);
  add(state, keys[0]);
  for (std::size_t round = 1; round < keys.size(); ++round) {
    std::ranges::transform(state, state.begin(), substituted);
    state = shifted(state, false);
    if (round + 1 < keys.size()) {
      mix(state, {2, 3, 1, 1});
    }
    add(state, keys[round]);
  }
  return block_of(state);
}

template <typename RoundKeys>
AesBlock decrypted_portably(const AesBlock& block, const RoundKeys& keys) {
  State state = state_of(block);
  for (std::size_t round = keys.size() - 1; round > 0; --round) {
    add(state, keys[round]);
    if (round + 1 < keys.size()) {
      mix(state, {14, 11, 13, 9});
    }
    state = shifted(state, true);
    std::ranges::transform(state, state.begin(), unsubstituted);
  }
  add(state, keys[0]);
  return block_of(state);
}

#if defined(__x86_64__)

bool has_instructions() {
  static const bool has = __builtin_cpu_supports("aes") ? true : false;  // bool or int, by compiler
  return has;
}

__m128i load(const AesBlock& block) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(block.data()));
}

template <typename RoundKeys>
__attribute__((target("aes"))) AesBlock encrypted_by_processor(const AesBlock& block,
                                                               const RoundKeys& keys) {
  __m128i state = _mm_xor_si128(load(block), load(keys[0]));
  for (std::size_t round = 1; round + 1 < keys.size(); ++round) {
    state = _mm_aesenc_si128(state, load(keys[round]));
  }
  state = _mm_aesenclast_si128(state, load(keys[keys.size() - 1]));
  AesBlock made{};
  _mm_storeu_si128(reinterpret_cast<__m128i*>(made.data()), state);
  return made;
}

#endif

}  // namespace

/// FIPS 197, section 5.2.
Kiasu::Kiasu(Bytes key) : keys_{} {
  if (key.size() != AesBlocks::key_bytes) {
    throw Error{Code::bug, fmt::format("KIASU-BC: a key of {} bytes", key.size())};
  }
  std::ranges::copy(key, keys_[0].begin());
  std::uint8_t constant = 1;
  for (std::size_t round = 1; round < keys_.size(); ++round) {
    const AesBlock& before = keys_[round - 1];
    AesBlock& made = keys_[round];
    for (std::size_t i = 0; i < made.size(); ++i) {
      const std::byte left =
          i < 4 ? std::byte{substituted(static_cast<std::uint8_t>(before[12 + (i + 1) % 4]))}
                : made[i - 4];
      made[i] = before[i] ^ left ^ (i == 0 ? std::byte{constant} : std::byte{0});
    }
    constant = doubled(constant);
  }
}

Kiasu::~Kiasu() {
  OPENSSL_cleanse(keys_.data(), sizeof keys_);
}

/// The tweak is in the two upper rows of the state.
Kiasu::RoundKeys Kiasu::tweaked(const Tweak& tweak) const {
  RoundKeys made = keys_;
  for (AesBlock& key : made) {
    for (std::size_t i = 0; i < tweak.size(); ++i) {
      key[i / 2 * 4 + i % 2] ^= tweak[i];
    }
  }
  return made;
}

AesBlock Kiasu::encrypt_portably(const AesBlock& block, const Tweak& tweak) const {
  return encrypted_portably(block, tweaked(tweak));
}

AesBlock Kiasu::encrypt(const AesBlock& block, const Tweak& tweak) const {
#if defined(__x86_64__)
  if (has_instructions()) {
    return encrypted_by_processor(block, tweaked(tweak));
  }
#endif
  return encrypt_portably(block, tweak);
}

AesBlock Kiasu::decrypt(const AesBlock& block, const Tweak& tweak) const {
  return decrypted_portably(block, tweaked(tweak));
}

}  // namespace trackier::crypto
