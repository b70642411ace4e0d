#pragma once
/// UUIDs of names (RFC 9562, section 5.5, version 5): the same name, the same UUID. They name
/// things and prove nothing: SHA-1 is in there because that version is made of it.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace trackier::crypto {

using Uuid = std::array<std::byte, 16>;

/// space: the UUID of the name space. Throws Error{Code::unavailable} when OpenSSL has no SHA-1.
Uuid uuid_of(const Uuid& space, std::string_view name);

/// "74738ff5-5367-5958-9aee-98fffdcd1876"
std::string to_text(const Uuid& uuid);

}  // namespace trackier::crypto
