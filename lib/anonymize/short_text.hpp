#pragma once
/// Comparing and searching texts of some ten bytes, of which a record has dozens: a call of memcmp
/// or memchr costs more than what it does.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace trackier::anonymize {

/// one == other.
[[gnu::always_inline]] inline bool same_text(std::string_view one, std::string_view other) {
  const std::size_t size = one.size();
  if (size != other.size()) {
    return false;
  }
  // Two numbers that overlap are the whole text.
  const auto ends_agree = [&]<typename Number>(Number /*of so many bytes*/) {
    const auto differ = [&](std::size_t place) {
      Number a{};
      Number b{};
      std::memcpy(&a, one.data() + place, sizeof a);
      std::memcpy(&b, other.data() + place, sizeof b);
      return a ^ b;
    };
    return (differ(0) | differ(size - sizeof(Number))) == 0;
  };
  if (size > 16) {
    return std::memcmp(one.data(), other.data(), size) == 0;
  }
  if (size >= 8) {
    return ends_agree(std::uint64_t{});
  }
  if (size >= 4) {
    return ends_agree(std::uint32_t{});
  }
  return size == 0 || (one[0] == other[0] && one[size / 2] == other[size / 2] &&
                       one[size - 1] == other[size - 1]);
}

/// text.find(wanted), quickly where it is among the first 16 bytes.
[[gnu::always_inline]] inline std::size_t find_near(std::string_view text, char wanted) {
#if defined(__SSE2__)
  if (text.size() >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data()));
    const auto found =
        static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(wanted))));
    if (found != 0) {
      return static_cast<std::size_t>(std::countr_zero(found));
    }
  }
#endif
  return text.find(wanted);
}

}  // namespace trackier::anonymize
