#pragma once
/// Whether two lines are the same but for what has been replaced in them.

#include <optional>
#include <span>
#include <string_view>

#include "anonymize/replacements.hpp"

namespace trackier::compare {

/// expected: a line with replacements in the stretches `replaced`, which are in order. None when
/// `line` has the same bytes as `expected` outside of them, in the same order, and anything, or
/// nothing, in their places; otherwise the byte of `line` from which on it cannot.
std::optional<std::size_t> first_difference(
    std::string_view expected, std::span<const anonymize::Replacements::Stretch> replaced,
    std::string_view line);

}  // namespace trackier::compare
