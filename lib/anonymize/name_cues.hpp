#pragma once
/// Words of running text that say whether a name of a person stands beside them. Of interest to
/// person_names alone.

#include <string_view>

namespace trackier::anonymize {

namespace name_cue {
inline constexpr unsigned title = 1U << 0U;         ///< mr, frau: before a name
inline constexpr unsigned greeting = 1U << 1U;      ///< dear: before a name
inline constexpr unsigned greeted = 1U << 2U;       ///< all, customer: behind a greeting, no name
inline constexpr unsigned role = 1U << 3U;          ///< patient, contact: before a name
inline constexpr unsigned lead = 1U << 4U;          ///< by, to: before a given name alone
inline constexpr unsigned deed = 1U << 5U;          ///< said, lives: behind a given name alone
inline constexpr unsigned before_place = 1U << 6U;  ///< rue, saint
inline constexpr unsigned place = 1U << 7U;       ///< Street, University: behind what is no person
inline constexpr unsigned never_name = 1U << 8U;  ///< The, Please: capitalized, no part of a name
inline constexpr unsigned particle = 1U << 9U;    ///< van, de: between parts of a name
}  // namespace name_cue

/// Which of them a word is; those that stand before a name, and deeds, in lower case.
unsigned name_cues_of(std::string_view word);

}  // namespace trackier::anonymize
