#pragma once
/// HMAC-SHA-256 (RFC 2104, FIPS 198-1) for many short messages under one key.

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "core/bytes.hpp"

namespace trackier::crypto {

using Mac = std::array<std::byte, 32>;

/// A key with its first two compressions done beforehand: a message of up to 55 bytes then costs
/// two compressions, about 0.08 microseconds with SHA instructions. Thread-safe; copies share
/// nothing and are 64 bytes; wiped when destroyed. Its memory is not locked: a run that uses a key
/// all the time has it in memory all the time.
class MacKey {
 public:
  /// key: any length; 32 random bytes are right. Longer than 64 bytes is hashed first (RFC 2104).
  explicit MacKey(Bytes key);
  MacKey(const MacKey&) = default;
  MacKey& operator=(const MacKey&) = default;
  MacKey(MacKey&&) = default;
  MacKey& operator=(MacKey&&) = default;
  ~MacKey();

  [[nodiscard]] Mac mac(Bytes message) const noexcept;

  /// The same for a message in pieces, without putting them together. Keeps no copy of them.
  [[nodiscard]] Mac mac_joined(std::initializer_list<Bytes> pieces) const noexcept;

  using State = std::array<std::uint32_t, 8>;  ///< SHA-256 chaining value

 private:
  State inner_{};  ///< after the block key xor ipad
  State outer_{};  ///< after the block key xor opad
};

}  // namespace trackier::crypto
