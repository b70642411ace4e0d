#include "risk/values.hpp"

namespace trackier::risk {
namespace {

constexpr std::size_t places = 1024;

}  // namespace

std::uint64_t joined(std::uint64_t first, std::uint64_t second) {
  return mixed(mixed(first) + second);
}

void HashedValue::append(const HashedValue& next) {
  const bool alike = shape == next.shape;
  for (std::size_t way = 0; way < most_ways; ++way) {
    coarser[way] = joined(coarser[way], next.coarser[way]);
  }
  shape = alike ? shape : Shape::other;
  whole = joined(whole, next.whole);
}

const HashedValue& ValueHasher::hashed(std::string_view value) {
  if (known_.empty()) {
    known_.resize(places);
  }
  const std::uint64_t whole = hash_(value);
  HashedValue& known = known_[whole % places];
  if (known.whole != whole) {
    known = compute(value, whole);
  }
  return known;
}

HashedValue ValueHasher::compute(std::string_view value, std::uint64_t whole) const {
  HashedValue result{.whole = whole, .shape = shape_of(value)};
  std::string room;
  const auto& ways = ways_of(result.shape);
  for (std::size_t way = 0; way < most_ways && !ways[way].name.empty(); ++way) {
    // Of another domain than whole values: a path that is one segment is not its own first segment.
    result.coarser[way] = mixed(hash_(coarser(result.shape, way, value, room)) + way + 1);
  }
  return result;
}

}  // namespace trackier::risk
