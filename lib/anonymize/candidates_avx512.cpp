// Compiled for AVX-512 (BW, VL, VBMI2); called only where the processor has it.
#include "anonymize/candidate_masks.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

namespace trackier::anonymize {

namespace {

/// 0, 1, ... 63.
constexpr struct Places {
  unsigned char bytes[64] = {};
  constexpr Places() {
    for (unsigned char i = 0; i < 64; ++i) {
      bytes[i] = i;
    }
  }
} all_places;

struct Classifier {
  static void classify(const char* block, WindowMasks<Classifier>& masks, std::size_t word) {
    const __m512i bytes = _mm512_loadu_si512(block);
    const auto is = [bytes](char character) -> __mmask64 {
      return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(character));
    };
    const auto between = [bytes](char first, char last) -> __mmask64 {
      return _mm512_cmple_epu8_mask(_mm512_sub_epi8(bytes, _mm512_set1_epi8(first)),
                                    _mm512_set1_epi8(static_cast<char>(last - first)));
    };
    const __mmask64 dash = is('-');
    const __mmask64 mark = _kor_mask64(dash, is('.'));
    masks.digit[word] = between('0', '9');
    masks.zero[word] = is('0');
    masks.upper[word] = between('A', 'Z');
    masks.colon[word] = is(':');
    masks.dash[word] = dash;
    masks.mark[word] = mark;
    masks.separator[word] = _kor_mask64(mark, is(' '));
    masks.quote[word] = is('"');
    masks.plus[word] = is('+');
    masks.close[word] = is(')');
    masks.at[word] = is('@');

    const __m512i low = _mm512_shuffle_epi8(
        _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(low_nibble))),
        bytes);
    const __m512i high = _mm512_shuffle_epi8(
        _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(high_nibble))),
        _mm512_and_si512(_mm512_srli_epi16(bytes, 4), _mm512_set1_epi8(0x0F)));
    const __m512i both = _mm512_and_si512(low, high);
    masks.announcing[word] = _mm512_test_epi8_mask(both, _mm512_set1_epi8(announcing_bits));
    masks.hex[word] =
        masks.digit[word] | _mm512_test_epi8_mask(both, _mm512_set1_epi8(hex_letter_bits));
    masks.interesting[word] = _mm512_test_epi8_mask(both, _mm512_set1_epi8(interesting_bits));
  }

  /// Sixteen places at once; words with more are rare.
  template <int Usual>
  static std::uint32_t* write(std::uint64_t bits, std::uint32_t base, std::uint32_t* place) {
    const __m512i places = _mm512_maskz_compress_epi8(bits, _mm512_loadu_si512(all_places.bytes));
    const auto put = [place, base](__m128i sixteen, std::size_t at) {
      _mm512_storeu_si512(place + at, _mm512_add_epi32(_mm512_cvtepu8_epi32(sixteen),
                                                       _mm512_set1_epi32(static_cast<int>(base))));
    };
    put(_mm512_castsi512_si128(places), 0);
    const int count = __builtin_popcountll(bits);
    if (count > 16) {
      put(_mm512_extracti32x4_epi32(places, 1), 16);
      put(_mm512_extracti32x4_epi32(places, 2), 32);
      put(_mm512_extracti32x4_epi32(places, 3), 48);
    }
    return place + count;
  }
};

}  // namespace

CandidateCounts find_candidates_avx512(const char* text, std::size_t size,
                                       const CandidateOptions& options, std::uint32_t* out,
                                       std::uint32_t* quotes) {
  return scan_windows<Classifier>(text, size, options, out, quotes);
}

}  // namespace trackier::anonymize
#endif
