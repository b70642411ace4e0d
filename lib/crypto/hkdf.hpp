#pragma once
/// One key into many: HKDF (RFC 5869).

#include <cstddef>

#include "core/bytes.hpp"
#include "crypto/secret.hpp"

namespace trackier::crypto {

/// key: input keying material. salt: may be empty, which RFC 5869 defines as 32 zero bytes. info:
/// binds the result to its purpose; different infos give unrelated keys. length: 1 to 8160 bytes.
/// Throws Error{Code::bug} for another length.
Secret hkdf_sha256(Bytes key, Bytes salt, Bytes info, std::size_t length);

/// The second half of HKDF with SHA-512. key: a uniformly random key. length: 1 to 16320 bytes.
Secret hkdf_expand_sha512(Bytes key, Bytes info, std::size_t length);

}  // namespace trackier::crypto
