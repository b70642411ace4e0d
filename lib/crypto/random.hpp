#pragma once
/// Random bytes fit for keys.

#include <cstddef>

#include "core/bytes.hpp"
#include "crypto/secret.hpp"

namespace trackier::crypto {

/// Fills `into` from OpenSSL's generator, which the kernel seeds. Throws Error{Code::unavailable}
/// when there is no randomness, which ends the run.
void random_bytes(MutBytes into);

Secret random_secret(std::size_t size);

}  // namespace trackier::crypto
