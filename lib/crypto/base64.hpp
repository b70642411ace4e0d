#pragma once
/// Bytes as text in files that people look at: base64 (RFC 4648, section 4) without padding.
/// Keys pass through here: no tables, no branches on what the bytes are. Formats of others want
/// padding; theirs has functions of its own.

#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.hpp"

namespace trackier::crypto {

/// 32 bytes become 43 characters of the standard alphabet; no padding, no line breaks.
std::string base64(Bytes bytes);

/// Fills `into` exactly. False for any text that base64() would not have written: another length,
/// padding, white space, another alphabet, bits that must be zero but are not. What is in `into`
/// then is unspecified.
bool from_base64(std::string_view text, MutBytes into);

/// Text of unknown length; none when it is not what base64() writes.
std::optional<std::string> bytes_from_base64(std::string_view text);

/// The same with '=' up to a multiple of four characters.
std::string padded_base64(Bytes bytes);
std::optional<std::string> bytes_from_padded_base64(std::string_view text);

}  // namespace trackier::crypto
