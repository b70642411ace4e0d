#pragma once
/// A short secret under a key that is used for nothing else. Of interest inside this area only.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "crypto/secret.hpp"
#include "envelope/format.hpp"

namespace trackier::envelope {

using WrapSalt = std::array<std::byte, 32>;

/// "trackier-envelope/1 " + purpose, a NUL, the file id.
std::string info_for(std::string_view purpose, const FileId& id);

/// AES-256-GCM with a nonce of zeros under HKDF-SHA-256(key, salt, info): a random salt makes a key
/// that seals one message, so that no nonce can repeat. Returns plain.size() + 16 bytes.
std::string seal_once(Bytes key, const WrapSalt& salt, std::string_view info, Bytes plain);

/// None when it was not sealed so, or changed.
std::optional<crypto::Secret> open_once(Bytes key, const WrapSalt& salt, std::string_view info,
                                        Bytes sealed);

}  // namespace trackier::envelope
