#pragma once
/// KIASU-BC (Jean, Nikolić, Peyrin, "KIASU v1", 2014): AES-128 with a tweak of 8 bytes in every
/// round key. OpenSSL has no cipher in which round keys can be changed, so the rounds are ours; the
/// processor's own where it has them.

#include <array>

#include "core/bytes.hpp"
#include "crypto/aes_blocks.hpp"

namespace trackier::crypto {

class Kiasu {
 public:
  using Tweak = std::array<std::byte, 8>;

  /// key: 16 bytes. Throws Error{Code::bug} for another size.
  explicit Kiasu(Bytes key);
  Kiasu(const Kiasu&) = delete;
  Kiasu& operator=(const Kiasu&) = delete;
  Kiasu(Kiasu&&) = delete;
  Kiasu& operator=(Kiasu&&) = delete;
  ~Kiasu();

  [[nodiscard]] AesBlock encrypt(const AesBlock& block, const Tweak& tweak) const;
  [[nodiscard]] AesBlock decrypt(const AesBlock& block, const Tweak& tweak) const;

  /// The same without the processor's help, for comparison.
  [[nodiscard]] AesBlock encrypt_portably(const AesBlock& block, const Tweak& tweak) const;

 private:
  static constexpr std::size_t rounds = 10;
  using RoundKeys = std::array<AesBlock, rounds + 1>;

  [[nodiscard]] RoundKeys tweaked(const Tweak& tweak) const;

  RoundKeys keys_;
};

}  // namespace trackier::crypto
