#include "anonymize/candidates.hpp"

#include <array>
#include <bit>

#include "anonymize/candidate_masks.hpp"

namespace trackier::anonymize {

namespace {

/// One bit for each class of WindowMasks, in its order.
enum Class : std::uint16_t {
  digit = 1U << 0U,
  upper = 1U << 1U,
  colon = 1U << 2U,
  dash = 1U << 3U,
  mark = 1U << 4U,
  separator = 1U << 5U,
  quote = 1U << 6U,
  plus = 1U << 7U,
  close = 1U << 8U,
  announcing = 1U << 9U,
  interesting = 1U << 10U,
  zero = 1U << 11U,
  at = 1U << 12U,
  hex = 1U << 13U,
};

constexpr std::array<std::uint16_t, 256> classes = [] {
  std::array<std::uint16_t, 256> table{};
  const auto put = [&table](std::string_view characters, unsigned bits) {
    for (const char character : characters) {
      auto& entry = table[static_cast<unsigned char>(character)];
      entry = static_cast<std::uint16_t>(entry | bits);
    }
  };
  put("0123456789", digit | hex);
  put("abcdefABCDEF", hex);
  put("ABCDEFGHIJKLMNOPQRSTUVWXYZ", upper);
  put(":", colon);
  put("-", dash);
  put(".-", mark);
  put(".- ", separator);
  put("\"", quote);
  put("+", plus);
  put(")", close);
  put(" \"\\", announcing);
  put("@%#=\\BJ", interesting);
  put("0", zero);
  put("@", at);
  return table;
}();

/// Any processor: a table, and a bit at a time.
struct Classifier {
  static void classify(const char* block, WindowMasks<Classifier>& masks, std::size_t word) {
    std::array<std::uint64_t, 14> bits{};
    for (unsigned i = 0; i < 64; ++i) {
      unsigned of = classes[static_cast<unsigned char>(block[i])];
      while (of != 0) {
        bits[static_cast<std::size_t>(std::countr_zero(of))] |= std::uint64_t{1} << i;
        of &= of - 1;
      }
    }
    std::size_t next = 0;
    for (auto* mask : {&masks.digit, &masks.upper, &masks.colon, &masks.dash, &masks.mark,
                       &masks.separator, &masks.quote, &masks.plus, &masks.close, &masks.announcing,
                       &masks.interesting, &masks.zero, &masks.at, &masks.hex}) {
      (*mask)[word] = bits[next++];
    }
  }

  template <int Usual>
  static std::uint32_t* write(std::uint64_t bits, std::uint32_t base, std::uint32_t* place) {
    return write_places<Classifier, Usual>(bits, base, place);
  }
};

}  // namespace

Instructions best_instructions() {
#if defined(__x86_64__)
  // NOLINTBEGIN(readability-implicit-bool-conversion) bool for clang, int for g++
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
      __builtin_cpu_supports("avx512vbmi2") != 0) {
    return Instructions::avx512;
  }
  if (__builtin_cpu_supports("avx2") != 0) {
    return Instructions::avx2;
  }
  // NOLINTEND(readability-implicit-bool-conversion)
#endif
  return Instructions::portable;
}

void Candidates::find(std::string_view text, const CandidateOptions& options,
                      Instructions instructions) {
  const auto make_room = [room = text.size() + 64](std::vector<std::uint32_t>& places) {
    if (places.size() < room) {
      places = std::vector<std::uint32_t>(room);
    }
    return places.data();
  };
  std::uint32_t* const out = make_room(positions_);
  std::uint32_t* const quotes = options.json_structure ? make_room(quotes_) : nullptr;
  CandidateCounts counts;
  switch (instructions) {
#if defined(__x86_64__)
    case Instructions::avx512:
      counts = find_candidates_avx512(text.data(), text.size(), options, out, quotes);
      break;
    case Instructions::avx2:
      counts = find_candidates_avx2(text.data(), text.size(), options, out, quotes);
      break;
#endif
    default:
      counts = scan_windows<Classifier>(text.data(), text.size(), options, out, quotes);
  }
  count_ = counts.candidates;
  quote_count_ = counts.quotes;
}

}  // namespace trackier::anonymize
