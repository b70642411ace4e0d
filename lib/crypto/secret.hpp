#pragma once
/// Bytes nobody else may see: move-only, wiped when they go, kept out of swap and core dumps where
/// the system allows, unprintable (no operator<<, no fmt formatter), compared in constant time.
///
/// What this does not reach: registers, the stack of functions that worked with the bytes, copies
/// the compiler made, and memory of a process that is being debugged.

#include <array>
#include <cstddef>

#include "core/bytes.hpp"

namespace trackier::crypto {

class Secret {
 public:
  /// An empty secret.
  Secret() noexcept = default;
  /// `size` zero bytes, to be filled through `writable`. Occupies whole pages of its own, so that
  /// locking one secret in memory never unlocks another. Throws std::bad_alloc.
  explicit Secret(std::size_t size);
  static Secret copy_of(Bytes bytes);

  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] Bytes bytes() const noexcept { return {data_, size_}; }
  [[nodiscard]] MutBytes writable() noexcept { return {data_, size_}; }

  /// Constant time for secrets of equal size; sizes are not secret.
  friend bool operator==(const Secret& left, const Secret& right) noexcept;

 private:
  void release() noexcept;

  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Whether two byte strings agree; constant time for equal sizes.
bool constant_time_equal(Bytes left, Bytes right) noexcept;

/// Overwrites bytes in a way the compiler keeps.
void wipe(MutBytes bytes) noexcept;

/// A step on the way to a secret: on the stack, wiped when it goes, but neither locked in memory
/// nor kept out of core dumps. A hundred times cheaper than a Secret.
template <std::size_t Size>
struct Wiped {
  std::array<std::byte, Size> bytes{};

  ~Wiped() { wipe(bytes); }
};

}  // namespace trackier::crypto
