#include "crypto/hkdf.hpp"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>
#include <memory>
#include <string>

#include "core/error.hpp"

namespace trackier::crypto {
namespace {

constexpr std::size_t longest = std::size_t{255} * 32;  // RFC 5869, section 2.3: L <= 255*HashLen

struct FreeKdf {
  void operator()(EVP_KDF* kdf) const noexcept { EVP_KDF_free(kdf); }
};
struct FreeContext {
  void operator()(EVP_KDF_CTX* context) const noexcept { EVP_KDF_CTX_free(context); }
};

/// OpenSSL's parameters predate const; it copies what they point at.
OSSL_PARAM octets(const char* name, Bytes bytes) {
  static std::byte nothing{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
  auto* const data = bytes.empty() ? &nothing : const_cast<std::byte*>(bytes.data());
  return OSSL_PARAM_construct_octet_string(name, data, bytes.size());
}

}  // namespace

Secret hkdf_sha256(Bytes key, Bytes salt, Bytes info, std::size_t length) {
  if (length == 0 || length > longest) {
    throw Error{Code::bug, fmt::format("HKDF asked for {} bytes", length)};
  }
  const std::unique_ptr<EVP_KDF, FreeKdf> kdf{EVP_KDF_fetch(nullptr, "HKDF", nullptr)};
  const std::unique_ptr<EVP_KDF_CTX, FreeContext> context{kdf ? EVP_KDF_CTX_new(kdf.get())
                                                              : nullptr};
  if (!context) {
    throw Error{Code::unavailable, "OpenSSL has no HKDF"};
  }
  std::string digest = "SHA256";
  const std::array parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      octets(OSSL_KDF_PARAM_KEY, key),
      octets(OSSL_KDF_PARAM_SALT, salt),
      octets(OSSL_KDF_PARAM_INFO, info),
      OSSL_PARAM_construct_end(),
  };
  Secret derived{length};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast) OpenSSL's bytes are unsigned char
  auto* const out = reinterpret_cast<unsigned char*>(derived.writable().data());
  if (EVP_KDF_derive(context.get(), out, length, parameters.data()) != 1) {
    throw Error{Code::unavailable, "OpenSSL's HKDF failed"};
  }
  return derived;
}

}  // namespace trackier::crypto
