#pragma once
/// OpenSSL's objects with owners, and its bytes, which are unsigned char. Of interest inside this
/// area only.
///
/// Algorithms are fetched once, into function-local statics: a fetch takes locks and costs more
/// than most of what it is for. Such a static goes before OpenSSL does, which puts itself down for
/// the end of the process when it is first used.

#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <cstddef>
#include <memory>
#include <string>

#include "core/bytes.hpp"
#include "core/error.hpp"

namespace trackier::crypto {

template <auto Free>
struct Deleter {
  template <typename Object>
  void operator()(Object* object) const noexcept {
    Free(object);
  }
};

using Cipher = std::unique_ptr<EVP_CIPHER, Deleter<EVP_CIPHER_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Deleter<EVP_CIPHER_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD, Deleter<EVP_MD_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using Kdf = std::unique_ptr<EVP_KDF, Deleter<EVP_KDF_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Deleter<EVP_KDF_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;

/// Owns what OpenSSL made. Throws Error{Code::unavailable} when it made nothing: the algorithm is
/// switched off, or there is no memory.
template <typename Owner>
Owner made(typename Owner::pointer object, const char* algorithm) {
  if (object == nullptr) {
    throw Error{Code::unavailable, std::string{"OpenSSL has no "} + algorithm};
  }
  return Owner{object};
}

/// For calls that fail only when OpenSSL is out of order. result: 1 is success.
inline void must(int result, const char* algorithm) {
  if (result != 1) {
    throw Error{Code::unavailable, std::string{"OpenSSL's "} + algorithm + " failed"};
  }
}

inline const unsigned char* openssl_bytes(Bytes bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

inline unsigned char* openssl_bytes(MutBytes bytes) noexcept {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

/// OpenSSL's parameters predate const; it copies what they point at.
inline OSSL_PARAM octets(const char* name, Bytes bytes) noexcept {
  static std::byte nothing{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
  auto* const data = bytes.empty() ? &nothing : const_cast<std::byte*>(bytes.data());
  return OSSL_PARAM_construct_octet_string(name, data, bytes.size());
}

}  // namespace trackier::crypto
