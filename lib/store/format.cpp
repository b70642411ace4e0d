#include "store/format.hpp"

#include <algorithm>

#include "crypto/aes_gcm.hpp"
#include "crypto/hkdf.hpp"
#include "crypto/random.hpp"

namespace trackier::store {

Id random_id() {
  Id id{};
  crypto::random_bytes(id);
  return id;
}

crypto::Secret pack_key(const crypto::Secret& chain_key, Bytes salt) {
  return crypto::hkdf_sha256(chain_key.bytes(), salt, as_bytes("trackier-store/1 pack"),
                             crypto::AesGcm::key_bytes);
}

std::array<std::byte, 12> blob_nonce(std::uint64_t number) {
  std::array<std::byte, 12> nonce{};
  for (std::size_t i = nonce.size(); i-- > nonce.size() - sizeof number; number >>= 8U) {
    nonce.at(i) = static_cast<std::byte>(number);
  }
  return nonce;
}

bool is_source_name(std::string_view text) {
  constexpr std::size_t longest = 64;
  const auto is_good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !text.empty() && text.size() <= longest && text.front() != '.' && text.front() != '-' &&
         std::ranges::all_of(text, is_good);
}

}  // namespace trackier::store
