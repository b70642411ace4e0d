#pragma once
/// Values hidden in percent-encoding (%40, %2540), JSON escapes (\u0040) and HTML references
/// (&#64;).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trackier::anonymize {

/// A stretch of text with its encodings undone, and where each byte of it came from.
struct DecodedRegion {
  std::string text;
  std::vector<std::uint32_t> origin;  ///< one for each byte of `text`, and the end; ascending
  std::uint32_t begin = 0;            ///< of the stretch in the original
  std::uint32_t end = 0;
};

/// Whether the '%', '\\' or '&' at `at` begins the encoding of a character that personal values
/// hinge on: one of @ : . - + =, or of another '%' or '&'. The "%3A%2F" of a URL's scheme is not
/// telling.
bool is_telling_escape(std::string_view text, std::size_t at);

/// Decodes the stretch around `at`: to the next white space, quote or angle bracket on either side,
/// at most 256 bytes before and 1,024 behind; up to three layers deep. Reuses the room of `region`.
void decode_region(std::string_view text, std::size_t at, DecodedRegion& region);

}  // namespace trackier::anonymize
