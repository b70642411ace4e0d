#pragma once
/// Ids and digests as text: two small hexadecimal digits a byte.

#include <string>
#include <string_view>

#include "core/bytes.hpp"

namespace trackier {

std::string hexadecimal(Bytes bytes);

/// Fills `into` exactly. False for any text that hexadecimal() would not have written; what is in
/// `into` then is unspecified.
bool from_hexadecimal(std::string_view text, MutBytes into);

/// Whether from_hexadecimal() would take it for so many bytes.
bool is_hexadecimal(std::string_view text, std::size_t bytes);

}  // namespace trackier
