#pragma once
/// What the implementations of Candidates::find share: from the character classes of a window of
/// text to the candidate bits in it. Bit i of word w stands for byte 64 * w + i.
///
/// Each implementation is compiled for other instructions. Everything here is therefore a template
/// over a type of that one source file, and calls nothing of the standard library: no function
/// compiled for a newer processor can be merged with one that an older processor runs. The loops
/// are written for the compiler to vectorize: arrays of words and no branch.

#include <cstddef>
#include <cstdint>

#include "anonymize/candidates.hpp"

namespace trackier::anonymize {

/// Words in a window: 2 KiB of text, so that the masks of a window stay in the nearest cache.
inline constexpr std::size_t window_words = 32;
inline constexpr std::size_t window_bytes = 64 * window_words;

/// The mask of one class in a window, with the last word of the window before it.
template <typename Classifier>
struct Mask {
  /// Of a window as many words are written as are read; to begin with there is no window before it.
  std::uint64_t words[1 + window_words];

  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init) nor are the others read before
  Mask() { words[0] = 0; }

  std::uint64_t& operator[](std::size_t word) { return words[word + 1]; }
  std::uint64_t operator[](std::size_t word) const { return words[word + 1]; }

  /// Word `word` as seen from `Places` bytes later: bit i is set where byte i - Places is.
  template <unsigned Places>
  [[nodiscard, gnu::always_inline]] std::uint64_t back(std::size_t word) const {
    return words[word + 1] << Places | words[word] >> (64 - Places);
  }

  /// Word `word` as seen from `Places` bytes before; bytes behind word `last` count as clear.
  template <unsigned Places>
  [[nodiscard, gnu::always_inline]] std::uint64_t ahead(std::size_t word, std::size_t last) const {
    const std::uint64_t next = word < last ? words[word + 2] : 0;
    return words[word + 1] >> Places | next << (64 - Places);
  }

  [[nodiscard, gnu::always_inline]] std::uint64_t two_to_four_back(std::size_t word) const {
    return back<2>(word) | back<3>(word) | back<4>(word);
  }

  [[nodiscard, gnu::always_inline]] std::uint64_t two_to_five_back(std::size_t word) const {
    return two_to_four_back(word) | back<5>(word);
  }

  void carry() { words[0] = words[window_words]; }
};

struct CandidateCounts {
  std::size_t candidates = 0;
  std::size_t quotes = 0;
};

template <typename Classifier>
struct WindowMasks {
  using M = Mask<Classifier>;

  // Filled in by Classifier::classify, 64 bytes at a time.
  M digit;        ///< 0-9
  M zero;         ///< 0
  M upper;        ///< A-Z
  M colon;        ///< :
  M dash;         ///< -
  M mark;         ///< . and -
  M separator;    ///< . and - and space
  M quote;        ///< "
  M plus;         ///< +
  M close;        ///< )
  M announcing;   ///< space, " and backslash
  M interesting;  ///< @ % # = backslash B J
  M at;           ///< @
  M hex;          ///< 0-9 a-f A-F

  // Worked out from them.
  M second, third;         ///< marks with another one, another two 2 to 4 bytes before
  M join;                  ///< : and -
  M link_2, link_3;        ///< of those with another one, another two 2 to 5 bytes before
  M pairs, fours, eights;  ///< the last of so many digits
  M hex_pairs, hex_fours;  ///< the last of so many hexadecimal digits
  M upper_pairs;           ///< the last of two capitals
  M found;

  /// Works out found[0] to found[n - 1]. n: a constant for whole windows, so that the loops are
  /// unrolled.
  [[gnu::always_inline]] void find(bool json_structure, std::size_t n) {
    const std::uint64_t behind_quote = json_structure ? ~std::uint64_t{0} : 0;
    for (std::size_t w = 0; w < n; ++w) {
      join[w] = colon[w] | dash[w];
      second[w] = mark[w] & mark.two_to_four_back(w);
      hex_pairs[w] = hex[w] & hex.template back<1>(w);
      pairs[w] = digit[w] & digit.template back<1>(w);
      upper_pairs[w] = upper[w] & upper.template back<1>(w);
      link_2[w] = join[w] & join.two_to_five_back(w);
    }
    for (std::size_t w = 0; w < n; ++w) {
      third[w] = mark[w] & second.two_to_four_back(w);
      fours[w] = pairs[w] & pairs.template back<2>(w);
      link_3[w] = join[w] & link_2.two_to_five_back(w);
      hex_fours[w] = hex_pairs[w] & hex_pairs.template back<2>(w);
    }
    for (std::size_t w = 0; w < n; ++w) {
      eights[w] = fours[w] & fours.template back<4>(w);
    }
    for (std::size_t w = 0; w < n; ++w) {
      // Four numbers with dots or dashes between, the digit behind the third mark; the first digit
      // of an international number, which is no zero ("+0000" is a time zone).
      std::uint64_t bits =
          digit[w] & (third.template back<1>(w) | (plus.template back<1>(w) & ~zero[w]));
      // The host of a URL that begins with a digit: "://" before it.
      bits |= digit[w] & colon.template back<3>(w) &
              ~(hex.template back<2>(w) | announcing.template back<2>(w));
      // A number behind a key in quotes.
      bits |= digit[w] & colon.template back<1>(w) & quote.template back<2>(w) & ~behind_quote;
      // Area code; two letters and two digits of an IBAN.
      bits |= close[w] & pairs.template back<1>(w);
      bits |= pairs[w] & upper_pairs.template back<2>(w);
      // The thirteenth digit of a run.
      bits |= fours[w] & eights.template back<4>(w) & digit.template back<12>(w) &
              ~digit.template back<13>(w);
      // Four digits behind a group of two, three or four with another group before it: 521-44-9382,
      // 415.555.0199, (415) 555-0199, 4111 1111 1111; then 3782 822463 10005.
      bits |= fours[w] & separator.template back<4>(w) & pairs.template back<5>(w) &
              ((separator.template back<7>(w) & digit.template back<8>(w)) |
               (separator.template back<8>(w) & digit.template back<9>(w)) |
               (separator.template back<9>(w) & digit.template back<10>(w)) |
               close.template back<8>(w) | close.template back<9>(w));
      bits |= fours[w] & separator.template back<5>(w) & fours.template back<6>(w) &
              separator.template back<12>(w);
      // "::" (with a third, "::::", it is in no address) and "--", and the fourth of a chain of
      // colons and dashes with 1 to 4 characters between: IPv6, MAC, UUID.
      bits |= (colon[w] & colon.template back<1>(w) & ~colon.template back<2>(w)) |
              (dash[w] & dash.template back<1>(w)) |
              (join[w] & link_3.two_to_five_back(w) &
               ((colon[w] & ~colon.template back<1>(w)) | hex.template back<1>(w)));
      // Behind eight hexadecimal digits; the second dot of 0800.274e.66a1.
      bits |= mark[w] & ~dash[w] & hex_fours.template back<1>(w) &
              (hex_fours.template back<5>(w) |
               (mark.template back<5>(w) & hex_fours.template back<6>(w)));
      // The dash of "203.in-addr.arpa".
      bits |= dash[w] & mark.template back<3>(w) & digit.template back<4>(w) &
              ~(hex.template back<1>(w) | separator.template back<1>(w));
      // A value announced by a colon.
      bits |=
          announcing[w] & colon.template back<1>(w) & ~(quote.template back<2>(w) & behind_quote);
      // An '@' with another one or two bytes before and one to three behind has no room for a
      // domain.
      const std::uint64_t crowded =
          at[w] & (at.template back<1>(w) | at.template back<2>(w)) &
          (at.template ahead<1>(w, n - 1) | at.template ahead<2>(w, n - 1) |
           at.template ahead<3>(w, n - 1));
      found[w] = bits | (interesting[w] & ~crowded);
    }
    for (M* mask :
         {&digit,       &upper,  &colon, &dash,      &mark,      &separator, &quote,     &plus,
          &close,       &second, &third, &link_2,    &link_3,    &pairs,     &fours,     &eights,
          &upper_pairs, &at,     &hex,   &hex_pairs, &hex_fours, &join,      &announcing}) {
      mask->carry();
    }
  }
};

/// Appends `base` and the place of each bit to `place`, which has room for 64 more; returns the
/// end. So many bits as are usual are written unseen, without a branch that guesses wrong.
template <typename Classifier, int Usual>
[[gnu::always_inline]] inline std::uint32_t* write_places(std::uint64_t bits, std::uint32_t base,
                                                          std::uint32_t* place) {
  const int count = __builtin_popcountll(bits);
  for (int i = 0; i < Usual; ++i) {
    place[i] = base + static_cast<std::uint32_t>(__builtin_ctzll(bits | std::uint64_t{1} << 63U));
    bits &= bits - 1;
  }
  for (int i = Usual; i < count; ++i) {
    place[i] = base + static_cast<std::uint32_t>(__builtin_ctzll(bits));
    bits &= bits - 1;
  }
  return place + count;
}

/// Classifier::classify(block, masks, word) sets word `word` of the class masks to those of the 64
/// bytes at `block`; Classifier::write<Usual> is write_places, or the same by other means. Writes
/// ascending positions to `out`, and to `quotes` if it is not null (room for size + 64).
template <typename Classifier>
CandidateCounts scan_windows(const char* text, std::size_t size, const CandidateOptions& options,
                             std::uint32_t* out, std::uint32_t* quotes) {
  WindowMasks<Classifier> masks;
  std::uint32_t* place = out;
  std::uint32_t* quote = quotes;
  for (std::size_t start = 0; start < size; start += window_bytes) {
    const std::size_t rest = size - start;
    const std::size_t whole = rest < window_bytes ? rest / 64 : window_words;
    for (std::size_t word = 0; word < whole; ++word) {
      Classifier::classify(text + start + 64 * word, masks, word);
    }
    std::size_t words = window_words;
    if (whole < window_words) {  // the last window: what is left of the text, then nothing
      char last[64] = {};
      __builtin_memcpy(last, text + start + 64 * whole, rest % 64);
      Classifier::classify(last, masks, whole);
      words = whole + 1;
      masks.find(options.json_structure, words);
    } else {
      masks.find(options.json_structure, window_words);
    }
    const auto base = static_cast<std::uint32_t>(start);
    for (std::size_t word = 0; word < words; ++word) {
      place = Classifier::template write<2>(masks.found[word],
                                            base + static_cast<std::uint32_t>(64 * word), place);
    }
    if (quotes != nullptr) {
      for (std::size_t word = 0; word < words; ++word) {
        quote = Classifier::template write<6>(masks.quote[word],
                                              base + static_cast<std::uint32_t>(64 * word), quote);
      }
    }
  }
  return {static_cast<std::size_t>(place - out), static_cast<std::size_t>(quote - quotes)};
}

/// Two tables for looking up the rarer classes by half bytes: a byte is of the classes whose bits
/// stand in both low_nibble[byte & 15] and high_nibble[byte >> 4].
///   bit 0: @ B J (0x40 0x42 0x4A)   bit 1: # % (0x23 0x25)   bit 2: = (0x3D)
///   bit 3: backslash (0x5C)         bit 4: space " (0x20 0x22)
///   bit 5: a to f (0x41 to 0x46, 0x61 to 0x66)
inline constexpr unsigned char low_nibble[16] = {0x11, 0x20, 0x31, 0x22, 0x20, 0x22, 0x20, 0,
                                                 0,    0,    0x01, 0,    0x08, 0x04, 0,    0};
inline constexpr unsigned char high_nibble[16] = {0, 0, 0x12, 0x04, 0x21, 0x08, 0x20, 0,
                                                  0, 0, 0,    0,    0,    0,    0,    0};
inline constexpr char interesting_bits = 0x0F;
inline constexpr char announcing_bits = 0x18;
inline constexpr char hex_letter_bits = 0x20;

#if defined(__x86_64__)
CandidateCounts find_candidates_avx2(const char* text, std::size_t size,
                                     const CandidateOptions& options, std::uint32_t* out,
                                     std::uint32_t* quotes);
CandidateCounts find_candidates_avx512(const char* text, std::size_t size,
                                       const CandidateOptions& options, std::uint32_t* out,
                                       std::uint32_t* quotes);
#endif

}  // namespace trackier::anonymize
