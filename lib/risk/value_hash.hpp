#pragma once
/// The hash of sketches: XXH3 of libxxhash with a secret of the run. Not a cryptographic one: it
/// takes a few nanoseconds of the hundred that a record takes in all, its results stay in the
/// sketches, and the secret keeps whoever writes lines into a log from aiming at them.

#include <array>
#include <cstdint>
#include <string_view>

#include "core/sip_hash.hpp"

namespace trackier::risk {

class ValueHash {
 public:
  /// The same for the same key: sketches that are merged or compared need it.
  explicit ValueHash(const HashKey& key);

  /// Uniform over 64 bits; no failure.
  std::uint64_t operator()(std::string_view value) const noexcept;

 private:
  static constexpr std::size_t words = 24;  // as many bytes as the library's own secret has

  std::array<std::uint64_t, words> secret_{};
};

}  // namespace trackier::risk
