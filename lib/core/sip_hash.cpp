#include "core/sip_hash.hpp"

#include <bit>
#include <cstring>

namespace trackier {
namespace {

static_assert(std::endian::native == std::endian::little);

// Little-endian, up to 8 bytes; what is missing is 0.
std::uint64_t word(Bytes bytes) noexcept {
  std::uint64_t value = 0;
  if (!bytes.empty()) {
    std::memcpy(&value, bytes.data(), bytes.size());
  }
  return value;
}

// Eight bytes are one load.
std::uint64_t whole_word(Bytes bytes) noexcept {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), 8);
  return value;
}

struct State {
  std::uint64_t v0, v1, v2, v3;

  void round() noexcept {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }

  void absorb(std::uint64_t message) noexcept {
    v3 ^= message;
    round();
    round();
    v0 ^= message;
  }
};

}  // namespace

std::uint64_t sip_hash(const HashKey& key, Bytes text) noexcept {
  const std::uint64_t k0 = word(Bytes{key}.first(8));
  const std::uint64_t k1 = word(Bytes{key}.last(8));
  State state{k0 ^ 0x736f6d6570736575U, k1 ^ 0x646f72616e646f6dU, k0 ^ 0x6c7967656e657261U,
              k1 ^ 0x7465646279746573U};
  const std::uint64_t length = std::uint64_t{text.size()} << 56U;
  for (; text.size() >= 8; text = text.subspan(8)) {
    state.absorb(whole_word(text));
  }
  state.absorb(word(text) | length);
  state.v2 ^= 0xffU;
  for (int i = 0; i < 4; ++i) {
    state.round();
  }
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace trackier
