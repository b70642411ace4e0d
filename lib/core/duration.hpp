#pragma once
/// Lengths of time as people write them on a command line: "90s", "10m", "36h", "8d".

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace trackier {

/// A number without sign, and a unit: s, m, h or d. None for anything else, nothing, and more than
/// a hundred years.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

/// For people, roughly: "45 s", "12 min", "3 h", "2 d".
std::string duration_text(std::chrono::seconds duration);

}  // namespace trackier
