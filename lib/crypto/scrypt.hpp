#pragma once
/// A key from a passphrase: scrypt (RFC 7914) with r = 8 and p = 1.

#include "core/bytes.hpp"
#include "crypto/secret.hpp"

namespace trackier::crypto {

/// log_n: 1 to 20; memory is 2^log_n KiB (17: 128 MiB, about 0.3 s). Returns 32 bytes.
/// Throws Error{Code::bug} for another log_n, Error{Code::io} when there is no memory.
Secret scrypt(Bytes passphrase, Bytes salt, unsigned log_n);

}  // namespace trackier::crypto
