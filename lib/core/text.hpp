#pragma once
/// Showing and comparing text that people typed or files contain.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace trackier {

/// `text` made safe to print: control bytes and invalid UTF-8 as \xHH, backslash doubled; at most
/// `most` bytes of input, then "...". Use it for everything that came from a file or the command
/// line.
std::string printable(std::string_view text, std::size_t most = 200);

/// The candidate nearest to `word` (Damerau-Levenshtein distance of at most a third of its length,
/// and 1 for words of two to five letters); none when nothing is near. Ties: the earlier candidate.
std::optional<std::string> closest(std::string_view word, std::span<const std::string> candidates);

/// 1536 -> "1.5 KiB"; below 1024 "17 B".
std::string human_bytes(std::uint64_t bytes);

/// 1234567 -> "1,234,567".
std::string grouped(std::uint64_t number);

/// Lower case of ASCII letters; other bytes unchanged.
std::string ascii_lower(std::string_view text);

/// "%40" becomes "@" (RFC 3986, section 2.1), once; what is no such escape stays.
std::string percent_decoded(std::string_view text);

}  // namespace trackier
