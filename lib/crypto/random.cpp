#include "crypto/random.hpp"

#include <openssl/rand.h>

#include <algorithm>

#include "core/error.hpp"

namespace trackier::crypto {

void random_bytes(MutBytes into) {
  constexpr std::size_t most = std::size_t{1} << 20U;  // RAND_bytes counts in int
  while (!into.empty()) {
    const MutBytes part = into.first(std::min(into.size(), most));
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast) OpenSSL's bytes are unsigned char
    auto* const bytes = reinterpret_cast<unsigned char*>(part.data());
    if (RAND_bytes(bytes, static_cast<int>(part.size())) != 1) {
      throw Error{Code::unavailable, "no random bytes: OpenSSL's generator failed"};
    }
    into = into.subspan(part.size());
  }
}

Secret random_secret(std::size_t size) {
  Secret secret{size};
  random_bytes(secret.writable());
  return secret;
}

}  // namespace trackier::crypto
