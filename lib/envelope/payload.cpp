#include "envelope/payload.hpp"

#include <algorithm>
#include <string>

#include "crypto/hkdf.hpp"

namespace trackier::envelope {
namespace {

// C2SP chunked-encryption: the info is this label, a NUL, the salt and the context.
constexpr std::string_view label = "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM";
constexpr std::string_view body = "trackier-envelope/1 body";

}  // namespace

PayloadKeys::PayloadKeys(const crypto::Secret& key, const Salt& salt, Bytes context) {
  std::string info{label};
  info.push_back('\0');
  info += as_text(salt);
  info += as_text(context);
  const crypto::Secret derived = crypto::hkdf_expand_sha512(
      key.bytes(), as_bytes(info),
      crypto::AesGcm::key_bytes + base_nonce_.size() + commitment_.size());
  const Bytes all = derived.bytes();
  cipher_key_ = crypto::Secret::copy_of(all.first(crypto::AesGcm::key_bytes));
  std::ranges::copy(all.subspan(crypto::AesGcm::key_bytes, base_nonce_.size()),
                    base_nonce_.begin());
  std::ranges::copy(all.last(commitment_.size()), commitment_.begin());
}

crypto::AesGcm::Nonce PayloadKeys::nonce(std::uint64_t chunk) const noexcept {
  crypto::AesGcm::Nonce nonce = base_nonce_;
  for (std::size_t i = 0; i < sizeof chunk; ++i) {
    nonce[nonce.size() - 1 - i] ^= static_cast<std::byte>(chunk >> (8 * i));
  }
  return nonce;
}

std::array<std::byte, 41> payload_context(const FileId& id) {
  std::array<std::byte, 41> context{};
  static_assert(body.size() + 1 + sizeof(FileId) == context.size());
  std::ranges::copy(as_bytes(body), context.begin());
  std::ranges::copy(id, context.begin() + body.size() + 1);
  return context;
}

void ChunkCipher::seal(std::uint64_t chunk, Bytes plain, MutBytes out) {
  cipher_.seal(keys_.nonce(chunk), plain, out);
}

bool ChunkCipher::open(std::uint64_t chunk, Bytes sealed, MutBytes out) {
  return cipher_.open(keys_.nonce(chunk), sealed, out);
}

}  // namespace trackier::envelope
