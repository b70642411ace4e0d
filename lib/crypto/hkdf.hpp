#pragma once
/// One key into many: HKDF with SHA-256 (RFC 5869).

#include <cstddef>

#include "core/bytes.hpp"
#include "crypto/secret.hpp"

namespace trackier::crypto {

/// key: input keying material. salt: may be empty, which RFC 5869 defines as 32 zero bytes. info:
/// binds the result to its purpose; different infos give unrelated keys. length: 1 to 8160 bytes.
/// Throws Error{Code::bug} for another length.
Secret hkdf_sha256(Bytes key, Bytes salt, Bytes info, std::size_t length);

}  // namespace trackier::crypto
