#pragma once
/// From values of a field to hashes: of the value and of what it can be made coarser to.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "risk/coarser.hpp"
#include "risk/value_hash.hpp"

namespace trackier::risk {

/// A value of a field, in the form in which sketches take it.
struct HashedValue {
  std::uint64_t whole = 0;  ///< 0: the record has no such field, or it is empty
  Shape shape = Shape::other;
  std::array<std::uint64_t, most_ways> coarser{};  ///< of the ways that the shape has

  /// Appends one more value of the same field, of an array for instance. Order counts.
  void append(const HashedValue& next);
};

/// Two hashes, in this order, as one.
std::uint64_t joined(std::uint64_t first, std::uint64_t second);

/// Hashes the values of one field, and remembers of those that came last what they can be made
/// coarser to: most fields of a log repeat themselves.
class ValueHasher {
 public:
  explicit ValueHasher(const HashKey& key) : hash_{key} {}

  const HashedValue& hashed(std::string_view value);

 private:
  [[nodiscard]] HashedValue compute(std::string_view value, std::uint64_t whole) const;

  ValueHash hash_;
  std::vector<HashedValue> known_;  ///< by some bits of their hashes
};

}  // namespace trackier::risk
