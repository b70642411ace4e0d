#include "crypto/x25519.hpp"

#include <fmt/format.h>
#include <openssl/err.h>

#include "crypto/openssl.hpp"
#include "crypto/random.hpp"

namespace trackier::crypto {
namespace {

constexpr const char* algorithm = "X25519";
constexpr std::size_t key_bytes = 32;

/// Works out the public key, too.
Key key_of(const Secret& private_key) {
  if (private_key.size() != key_bytes) {
    throw Error{Code::bug, fmt::format("{}: a key of {} bytes", algorithm, private_key.size())};
  }
  return made<Key>(EVP_PKEY_new_raw_private_key_ex(nullptr, algorithm, nullptr,
                                                   openssl_bytes(private_key.bytes()), key_bytes),
                   algorithm);
}

X25519Public public_of(const Key& key) {
  X25519Public bytes;
  std::size_t size = bytes.size();
  must(EVP_PKEY_get_raw_public_key(key.get(), openssl_bytes(MutBytes{bytes}), &size), algorithm);
  return bytes;
}

}  // namespace

Secret new_x25519_key() {
  return random_secret(key_bytes);
}

X25519Public x25519_public(const Secret& private_key) {
  return public_of(key_of(private_key));
}

std::optional<Secret> x25519(const Secret& private_key, const X25519Public& other) {
  const auto exchange = x25519_exchange(private_key, other);
  if (!exchange) {
    return std::nullopt;
  }
  return Secret::copy_of(exchange->shared.bytes);
}

std::optional<X25519Exchange> x25519_exchange(const Secret& private_key,
                                              const X25519Public& other) {
  const Key ours = key_of(private_key);
  const auto theirs =
      made<Key>(EVP_PKEY_new_raw_public_key_ex(nullptr, algorithm, nullptr,
                                               openssl_bytes(Bytes{other}), other.size()),
                algorithm);
  const auto context =
      made<KeyContext>(EVP_PKEY_CTX_new_from_pkey(nullptr, ours.get(), nullptr), algorithm);
  must(EVP_PKEY_derive_init(context.get()), algorithm);
  // Nothing to validate: every 32 bytes are a public key (RFC 7748, section 5).
  must(EVP_PKEY_derive_set_peer_ex(context.get(), theirs.get(), 0), algorithm);
  X25519Exchange exchange{.ours = public_of(ours), .shared = {}};
  std::size_t size = key_bytes;
  // OpenSSL refuses an all-zero result, and has no other reason to fail here.
  if (EVP_PKEY_derive(context.get(), openssl_bytes(MutBytes{exchange.shared.bytes}), &size) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  return exchange;
}

}  // namespace trackier::crypto
