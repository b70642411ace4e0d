#include "risk/values.hpp"

#include <cstring>

namespace trackier::risk {
namespace {

constexpr std::size_t places = 8192;
constexpr std::size_t longest_known = 512;

/// Where a value is remembered: by its length and twice eight bytes of it. Values that meet there
/// are told apart by comparing them.
std::size_t place_of(std::string_view value) {
  std::uint64_t front = 0;
  std::uint64_t back = 0;
  if (value.size() >= 8) {
    std::memcpy(&front, value.data() + (value.size() - 8) / 2, 8);
    std::memcpy(&back, value.data() + value.size() - 8, 8);
  } else if (!value.empty()) {
    std::memcpy(&front, value.data(), value.size());
  }
  return mixed(front + 3 * back + value.size()) % places;
}

/// Two in this order as one.
std::uint64_t joined(std::uint64_t first, std::uint64_t second) {
  return mixed(mixed(first) + second);
}

}  // namespace

void HashedValue::append(const HashedValue& next) {
  const bool alike = shape == next.shape;
  for (std::size_t way = 0; way < most_ways; ++way) {
    coarser[way] = joined(coarser[way], next.coarser[way]);
  }
  shape = alike ? shape : Shape::other;
  whole = joined(whole, next.whole);
}

const HashedValue& ValueHasher::hashed(std::string_view value) {
  if (value.size() > longest_known) {
    long_value_ = compute(value);
    return long_value_;
  }
  if (known_.empty()) {
    known_.resize(places);
  }
  Known& known = known_[place_of(value)];
  if (known.value != value || value.empty()) {
    known.value = value;
    known.hashed = compute(value);
  }
  return known.hashed;
}

HashedValue ValueHasher::compute(std::string_view value) const {
  HashedValue result{.whole = sip_hash(key_, as_bytes(value))};
  if (whole_only_) {
    return result;
  }
  result.shape = shape_of(value);
  const auto& ways = ways_of(result.shape);
  for (std::size_t way = 0; way < most_ways && !ways[way].name.empty(); ++way) {
    // Of another domain than whole values: a path that is one segment is not its own first segment.
    result.coarser[way] =
        mixed(sip_hash(key_, as_bytes(coarser(result.shape, way, value))) + way + 1);
  }
  return result;
}

}  // namespace trackier::risk
