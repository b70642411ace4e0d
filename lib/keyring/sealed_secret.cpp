#include "keyring/sealed_secret.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "crypto/aes_gcm.hpp"
#include "crypto/hkdf.hpp"
#include "crypto/random.hpp"

namespace trackier::keyring {
namespace {

constexpr std::string_view secret_info{"trackier-keyring/1 secret\0", 26};
constexpr std::string_view half_info = "trackier-keyring/1 half";

crypto::Secret sealing_key(const SealedSecret& sealed, const KeyName& name,
                           const crypto::Secret& root_key, const crypto::Secret& half) {
  crypto::Secret both{root_key.size() + half.size()};
  std::ranges::copy(root_key.bytes(), both.writable().begin());
  std::ranges::copy(half.bytes(), both.writable().subspan(root_key.size()).begin());
  const std::string info = std::string{secret_info} + to_text(name);
  return crypto::hkdf_sha256(both.bytes(), sealed.salt, as_bytes(info), secret_bytes);
}

}  // namespace

SealedSecret seal_secret(const crypto::Secret& secret, const KeyName& name,
                         const crypto::Secret& root_key, const crypto::Secret& half) {
  if (secret.size() != secret_bytes) {
    throw Error{Code::bug, "a secret of another length"};
  }
  SealedSecret sealed;
  crypto::random_bytes(sealed.salt);
  const crypto::Secret key = sealing_key(sealed, name, root_key, half);
  crypto::AesGcm{key.bytes()}.seal({}, secret.bytes(), sealed.sealed);
  return sealed;
}

crypto::Secret open_secret(const SealedSecret& sealed, const KeyName& name,
                           const crypto::Secret& root_key, const crypto::Secret& half) {
  crypto::Secret secret{secret_bytes};
  const crypto::Secret key = sealing_key(sealed, name, root_key, half);
  if (!crypto::AesGcm{key.bytes()}.open({}, sealed.sealed, secret.writable())) {
    throw Error{Code::data, fmt::format("the secret of {} does not open: it was changed, or is "
                                        "another key's",
                                        to_text(name))};
  }
  return secret;
}

envelope::KeyId id_of_half(const crypto::Secret& half) {
  envelope::KeyId id{};
  const crypto::Secret derived = crypto::hkdf_sha256(half.bytes(), {}, as_bytes(half_info), 8);
  std::ranges::copy(derived.bytes(), id.begin());
  return id;
}

}  // namespace trackier::keyring
