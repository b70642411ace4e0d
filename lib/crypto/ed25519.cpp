#include "crypto/ed25519.hpp"

#include <fmt/format.h>
#include <openssl/err.h>

#include "crypto/openssl.hpp"
#include "crypto/random.hpp"

namespace trackier::crypto {
namespace {

constexpr const char* algorithm = "ED25519";
constexpr std::size_t key_bytes = 32;

Key key_of(const Secret& private_key) {
  if (private_key.size() != key_bytes) {
    throw Error{Code::bug, fmt::format("{}: a key of {} bytes", algorithm, private_key.size())};
  }
  return made<Key>(EVP_PKEY_new_raw_private_key_ex(nullptr, algorithm, nullptr,
                                                   openssl_bytes(private_key.bytes()), key_bytes),
                   algorithm);
}

/// False when the signature is wrong, and when OpenSSL has no memory: it does not tell which.
bool accepts(const Ed25519Public& key, Bytes message, const Signature& signature) {
  const auto theirs =
      made<Key>(EVP_PKEY_new_raw_public_key_ex(nullptr, algorithm, nullptr,
                                               openssl_bytes(Bytes{key}), key.size()),
                algorithm);
  const auto context = made<DigestContext>(EVP_MD_CTX_new(), algorithm);
  must(EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, theirs.get(),
                               nullptr),
       algorithm);
  if (EVP_DigestVerify(context.get(), openssl_bytes(Bytes{signature}), signature.size(),
                       openssl_bytes(message), message.size()) == 1) {
    return true;
  }
  ERR_clear_error();
  return false;
}

}  // namespace

Secret new_ed25519_key() {
  return random_secret(key_bytes);
}

Ed25519Public ed25519_public(const Secret& private_key) {
  const Key key = key_of(private_key);
  Ed25519Public bytes;
  std::size_t size = bytes.size();
  must(EVP_PKEY_get_raw_public_key(key.get(), openssl_bytes(MutBytes{bytes}), &size), algorithm);
  return bytes;
}

Signature sign(const Secret& private_key, Bytes message) {
  const Key key = key_of(private_key);
  const auto context = made<DigestContext>(EVP_MD_CTX_new(), algorithm);
  must(EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key.get(), nullptr),
       algorithm);
  Signature signature;
  std::size_t size = signature.size();
  must(EVP_DigestSign(context.get(), openssl_bytes(MutBytes{signature}), &size,
                      openssl_bytes(message), message.size()),
       algorithm);
  return signature;
}

bool verify(const Ed25519Public& key, Bytes message, const Signature& signature) {
  // A refusal counts when it is repeated, and OpenSSL is able to accept what is sound: otherwise an
  // honest signature would be called forged for want of memory.
  if (accepts(key, message, signature) || accepts(key, message, signature)) {
    return true;
  }
  const Secret any{key_bytes};
  const Bytes text = as_bytes("any");
  must(accepts(ed25519_public(any), text, sign(any, text)) ? 1 : 0, algorithm);
  return false;
}

}  // namespace trackier::crypto
