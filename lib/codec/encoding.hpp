#pragma once
/// The compressed formats that are read and written.

#include <cstdint>
#include <optional>
#include <string_view>

namespace trackier::codec {

enum class Encoding : std::uint8_t { none, gzip, zstd };

/// "none", "gzip" or "zstd".
std::string_view name(Encoding encoding) noexcept;

/// The reverse of `name`.
std::optional<Encoding> encoding_named(std::string_view name) noexcept;

/// What a file name promises: ".gz" gzip, ".zst" zstd, anything else none.
Encoding encoding_of_file_name(std::string_view file_name) noexcept;

}  // namespace trackier::codec
