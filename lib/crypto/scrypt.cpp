#include "crypto/scrypt.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/err.h>

#include <array>
#include <cstdint>

#include "crypto/openssl.hpp"

namespace trackier::crypto {

Secret scrypt(Bytes passphrase, Bytes salt, unsigned log_n) {
  if (log_n < 1 || log_n > 20) {
    throw Error{Code::bug, fmt::format("scrypt with 2^{}", log_n)};
  }
  static const auto kdf = made<Kdf>(EVP_KDF_fetch(nullptr, "SCRYPT", nullptr), "scrypt");
  const auto context = made<KdfContext>(EVP_KDF_CTX_new(kdf.get()), "scrypt");
  std::uint64_t n = std::uint64_t{1} << log_n;
  std::uint32_t r = 8;
  std::uint32_t p = 1;
  // RFC 7914, section 2: about 128 * N * r bytes; and some for what lies beside them.
  std::uint64_t most_memory = 128 * n * r + (std::uint64_t{1} << 20U);
  const std::array parameters{
      octets(OSSL_KDF_PARAM_PASSWORD, passphrase),
      octets(OSSL_KDF_PARAM_SALT, salt),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &most_memory),
      OSSL_PARAM_construct_end(),
  };
  Secret derived{32};
  if (EVP_KDF_derive(context.get(), openssl_bytes(derived.writable()), derived.size(),
                     parameters.data()) != 1) {
    ERR_clear_error();
    throw Error{Code::io, fmt::format("no memory for scrypt, which needs {} KiB", n)};
  }
  return derived;
}

}  // namespace trackier::crypto
