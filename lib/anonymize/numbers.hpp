#pragma once
/// Numbers that identify people: phones, payment cards, bank accounts, US social security numbers.

#include <optional>
#include <string_view>

#include "anonymize/match.hpp"

namespace trackier::anonymize {

/// A payment card (ISO/IEC 7812: 13 to 19 digits, a known issuer, Luhn check digit) with a digit at
/// `at`, either a bare run or in groups with single spaces, dashes or plus signs.
std::optional<Match> card_at(std::string_view text, std::size_t at);

/// A card in groups with plus signs, as forms encode blanks: at `at` begins a group, but not the
/// first.
std::optional<Match> form_card_at(std::string_view text, std::size_t at);

/// A US social security number (NNN-NN-NNNN, ranges never issued excluded) whose last digit is at
/// `at`.
std::optional<Match> ssn_at(std::string_view text, std::size_t at);

/// A phone number. `at`: the first digit behind '+' (E.164), the last digit of a North American
/// number (415-555-0199, with or without 1 or 001 before and an extension behind), or the ')' of an
/// area code. in_form: a '+' between its groups is a blank, as forms encode it.
std::optional<Match> phone_at(std::string_view text, std::size_t at, bool in_form = false);

/// A bank account (ISO 13616: country, length and check digits) whose check digits end at `at`.
std::optional<Match> iban_at(std::string_view text, std::size_t at);

/// Whether the last digit of a run of digits checks the others (ISO/IEC 7812-1, annex B).
bool luhn_valid(std::string_view digits);

}  // namespace trackier::anonymize
