// Compiled for AVX2; called only where the processor has it.
#include "anonymize/candidate_masks.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

namespace trackier::anonymize {

namespace {

struct Classifier {
  static void classify(const char* block, WindowMasks<Classifier>& masks, std::size_t word) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block + 32));
    const auto bits = [](__m256i first, __m256i second) {
      return static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(first))) |
             static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(second)))
                 << 32U;
    };
    const auto is = [&](char character) {
      const __m256i wanted = _mm256_set1_epi8(character);
      return bits(_mm256_cmpeq_epi8(low, wanted), _mm256_cmpeq_epi8(high, wanted));
    };
    const auto between = [&](char first, char last) {
      const auto inside = [&](__m256i bytes) {
        const __m256i shifted = _mm256_sub_epi8(bytes, _mm256_set1_epi8(first));
        const __m256i most = _mm256_set1_epi8(static_cast<char>(last - first));
        return _mm256_cmpeq_epi8(_mm256_min_epu8(shifted, most), shifted);
      };
      return bits(inside(low), inside(high));
    };
    const __m256i low_table =
        _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(low_nibble)));
    const __m256i high_table =
        _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(high_nibble)));
    const auto classes = [&](__m256i bytes) {
      const __m256i upper_half =
          _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0F));
      return _mm256_and_si256(_mm256_shuffle_epi8(low_table, bytes),
                              _mm256_shuffle_epi8(high_table, upper_half));
    };
    const __m256i low_classes = classes(low);
    const __m256i high_classes = classes(high);
    const auto any = [&](char wanted) {
      const auto none = [wanted](__m256i bytes) {
        return _mm256_cmpeq_epi8(_mm256_and_si256(bytes, _mm256_set1_epi8(wanted)),
                                 _mm256_setzero_si256());
      };
      return ~bits(none(low_classes), none(high_classes));
    };
    const std::uint64_t dash = is('-');
    const std::uint64_t mark = dash | is('.');
    masks.digit[word] = between('0', '9');
    masks.zero[word] = is('0');
    masks.upper[word] = between('A', 'Z');
    masks.colon[word] = is(':');
    masks.dash[word] = dash;
    masks.mark[word] = mark;
    masks.separator[word] = mark | is(' ');
    masks.quote[word] = is('"');
    masks.plus[word] = is('+');
    masks.close[word] = is(')');
    masks.at[word] = is('@');
    masks.announcing[word] = any(announcing_bits);
    masks.hex[word] = masks.digit[word] | any(hex_letter_bits);
    masks.interesting[word] = any(interesting_bits);
  }

  template <int Usual>
  static std::uint32_t* write(std::uint64_t bits, std::uint32_t base, std::uint32_t* place) {
    return write_places<Classifier, Usual>(bits, base, place);
  }
};

}  // namespace

CandidateCounts find_candidates_avx2(const char* text, std::size_t size,
                                     const CandidateOptions& options, std::uint32_t* out,
                                     std::uint32_t* quotes) {
  return scan_windows<Classifier>(text, size, options, out, quotes);
}

}  // namespace trackier::anonymize
#endif
