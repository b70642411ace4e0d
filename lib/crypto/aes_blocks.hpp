#pragma once
/// AES-128 on single blocks, many in one call (ECB, which is no mode of encryption but what modes
/// and constructions are made of).

#include <array>
#include <memory>
#include <span>

#include "core/bytes.hpp"

namespace trackier::crypto {

using AesBlock = std::array<std::byte, 16>;

/// Not thread-safe: one object a thread.
class AesBlocks {
 public:
  static constexpr std::size_t key_bytes = 16;

  /// key: 16 bytes, which are not kept. Throws Error{Code::bug} for another size.
  explicit AesBlocks(Bytes key);
  AesBlocks(const AesBlocks&) = delete;
  AesBlocks& operator=(const AesBlocks&) = delete;
  AesBlocks(AesBlocks&&) noexcept;
  AesBlocks& operator=(AesBlocks&&) noexcept;
  ~AesBlocks();

  /// Each block by itself; `to` has as many as `from`, and may be the same.
  void encrypt(std::span<const AesBlock> from, std::span<AesBlock> to);
  void decrypt(std::span<const AesBlock> from, std::span<AesBlock> to);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trackier::crypto
