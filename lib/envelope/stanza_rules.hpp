#pragma once
/// What the arguments of each stanza type have to be. Of interest inside this area only.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "envelope/format.hpp"
#include "envelope/stanza.hpp"

namespace trackier::envelope {

inline constexpr std::string_view hpke_type = "hpke";
inline constexpr std::string_view kek_type = "kek";
inline constexpr std::string_view scrypt_type = "scrypt";
inline constexpr std::string_view officer_type = "officer";

inline constexpr unsigned least_log_n = 10;
inline constexpr unsigned most_log_n = 20;
inline constexpr std::size_t most_keyring_passphrases = 4;

/// A decimal number as this format writes it: no sign, no leading zero; within the limits.
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t least,
                                          std::uint64_t most);

/// What is wrong with a stanza, e.g. "hpke takes 3 arguments"; empty: nothing, or a type we do not
/// know.
std::string fault_of(const Stanza& stanza);

/// What is wrong with stanzas that are right each for itself; empty: nothing.
std::string fault_of(const std::vector<Stanza>& stanzas, Format format);

}  // namespace trackier::envelope
