#pragma once
/// SHA-256 (FIPS 180-4).

#include <array>
#include <cstddef>
#include <memory>

#include "core/bytes.hpp"

namespace trackier::crypto {

using Sha256Digest = std::array<std::byte, 32>;

Sha256Digest sha256(Bytes message);

/// SHA-256 of a message that comes in pieces.
class Sha256 {
 public:
  Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();

  void add(Bytes piece);

  /// Once; neither this nor add() may be called after it (Error{Code::bug}).
  [[nodiscard]] Sha256Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trackier::crypto
