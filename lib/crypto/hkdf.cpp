#include "crypto/hkdf.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>

#include <algorithm>
#include <array>
#include <string>

#include "core/error.hpp"
#include "crypto/mac.hpp"
#include "crypto/openssl.hpp"

namespace trackier::crypto {
namespace {

/// RFC 5869, section 2.3: "length of output keying material in octets (<= 255*HashLen)".
void check_length(std::size_t length, std::size_t hash_bytes) {
  if (length == 0 || length > 255 * hash_bytes) {
    throw Error{Code::bug, fmt::format("HKDF asked for {} bytes", length)};
  }
}

}  // namespace

Secret hkdf_sha256(Bytes key, Bytes salt, Bytes info, std::size_t length) {
  check_length(length, sizeof(Mac));
  // Section 2.2: PRK = HMAC-Hash(salt, IKM). HMAC fills a short key up with zeros, so no salt is
  // the same as the "string of HashLen zeros" which the RFC puts in its place.
  const Wiped<sizeof(Mac)> pseudorandom{MacKey{salt}.mac_joined({key})};
  const MacKey expand{pseudorandom.bytes};
  // Section 2.3: T(i) = HMAC-Hash(PRK, T(i-1) | info | i), beginning with no T(0).
  Secret derived{length};
  MutBytes rest = derived.writable();
  Bytes last;
  for (std::byte i{1}; !rest.empty(); i = static_cast<std::byte>(std::to_integer<int>(i) + 1)) {
    const Wiped<sizeof(Mac)> block{expand.mac_joined({last, info, {&i, 1}})};
    const std::size_t size = std::min(rest.size(), sizeof(Mac));
    std::ranges::copy(Bytes{block.bytes}.first(size), rest.begin());
    last = rest.first(size);
    rest = rest.subspan(size);
  }
  return derived;
}

Secret hkdf_expand_sha512(Bytes key, Bytes info, std::size_t length) {
  check_length(length, 64);
  static const auto hkdf = made<Kdf>(EVP_KDF_fetch(nullptr, "HKDF", nullptr), "HKDF");
  const auto context = made<KdfContext>(EVP_KDF_CTX_new(hkdf.get()), "HKDF");
  std::string digest = "SHA512";
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  const std::array parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
      octets(OSSL_KDF_PARAM_KEY, key),
      octets(OSSL_KDF_PARAM_INFO, info),
      OSSL_PARAM_construct_end(),
  };
  Secret derived{length};
  must(EVP_KDF_derive(context.get(), openssl_bytes(derived.writable()), length, parameters.data()),
       "HKDF");
  return derived;
}

}  // namespace trackier::crypto
