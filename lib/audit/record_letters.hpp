#pragma once
/// Which characters the texts of a record have. Of interest inside this area only.

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "audit/record.hpp"

namespace trackier::audit {

inline constexpr std::array phase_names{std::pair{Phase::intent, std::string_view{"intent"}},
                                        std::pair{Phase::outcome, std::string_view{"outcome"}},
                                        std::pair{Phase::recover, std::string_view{"recover"}},
                                        std::pair{Phase::anchor, std::string_view{"anchor"}}};

inline constexpr std::size_t most_word = 128;
inline constexpr std::size_t most_name = 64;

/// What the characters of a kind of text are.
using Letters = std::array<bool, 256>;

constexpr Letters letters(std::string_view more, bool upper_case) {
  Letters all{};
  for (unsigned c = 0; c < all.size(); ++c) {
    const char letter = static_cast<char>(c);
    all[c] = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
             (upper_case && letter >= 'A' && letter <= 'Z') ||
             more.find(letter) != std::string_view::npos;
  }
  return all;
}

inline constexpr Letters word_letters = letters("._:%-", true);
inline constexpr Letters name_letters = letters("._-", false);
inline constexpr Letters key_letters = letters(":+/", true);

inline bool consists_of(std::string_view text, const Letters& letters_of, std::size_t most) {
  return text.size() <= most && std::ranges::all_of(text, [&](char c) {
           return letters_of[static_cast<unsigned char>(c)];
         });
}

/// What the parts of a record have to be together.
inline bool fits_together(const Record& record) {
  return record.result.has_value() == (record.phase == Phase::outcome) &&
         (record.seq != 0 || record.previous == Hash{});
}

}  // namespace trackier::audit
