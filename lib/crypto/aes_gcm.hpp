#pragma once
/// AES-256-GCM (NIST SP 800-38D) with 96-bit nonces and 128-bit tags.

#include <array>
#include <cstddef>
#include <memory>

#include "core/bytes.hpp"

namespace trackier::crypto {

/// One key, many messages. The key schedule is made once; sealing or opening 16 KiB then allocates
/// nothing and fetches nothing. It is wiped in the end, but its memory is not locked. Not
/// thread-safe: one object a thread.
class AesGcm {
 public:
  static constexpr std::size_t key_bytes = 32;
  static constexpr std::size_t nonce_bytes = 12;
  static constexpr std::size_t tag_bytes = 16;
  using Nonce = std::array<std::byte, nonce_bytes>;

  /// key: 32 bytes, which are not kept. Throws Error{Code::bug} for another size,
  /// Error{Code::unavailable} when OpenSSL has no AES-256-GCM.
  explicit AesGcm(Bytes key);
  AesGcm(const AesGcm&) = delete;
  AesGcm& operator=(const AesGcm&) = delete;
  AesGcm(AesGcm&&) noexcept;
  AesGcm& operator=(AesGcm&&) noexcept;
  ~AesGcm();

  /// out: exactly plain.size() + 16 bytes, the tag last; may begin where `plain` does, and must not
  /// overlap it otherwise. (key, nonce) must never repeat: that is the caller's duty.
  void seal(const Nonce& nonce, Bytes plain, MutBytes out, Bytes associated = {});

  /// out: exactly sealed.size() - 16 bytes; may begin where `sealed` does. False when the tag does
  /// not agree; `out` is wiped then. Throws Error{Code::bug} for sizes that do not fit.
  [[nodiscard]] bool open(const Nonce& nonce, Bytes sealed, MutBytes out, Bytes associated = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trackier::crypto
