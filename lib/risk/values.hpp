#pragma once
/// From values of a field to hashes: of the value and of what it can be made coarser to.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/sip_hash.hpp"
#include "risk/coarser.hpp"

namespace trackier::risk {

/// A value of a field, in the form in which sketches take it.
struct HashedValue {
  std::uint64_t whole = 0;  ///< 0: the record has no such field, or it is empty
  Shape shape = Shape::other;
  std::array<std::uint64_t, most_ways> coarser{};  ///< of the ways that the shape has

  /// Appends one more value of the same field, of an array for instance. Order counts.
  void append(const HashedValue& next);
};

/// Hashes the values of one field, and remembers those that came last: most fields of a log repeat
/// themselves. Memory: at most 8,192 values of 512 bytes.
class ValueHasher {
 public:
  /// whole_only: what values could be made coarser to is of no interest.
  explicit ValueHasher(const HashKey& key, bool whole_only = false)
      : key_{key}, whole_only_{whole_only} {}

  const HashedValue& hashed(std::string_view value);

 private:
  struct Known {
    std::string value;
    HashedValue hashed;
  };

  [[nodiscard]] HashedValue compute(std::string_view value) const;

  HashKey key_;
  bool whole_only_;
  std::vector<Known> known_;
  HashedValue long_value_;
};

}  // namespace trackier::risk
