#include "crypto/uuid.hpp"

#include <algorithm>

#include "core/hexadecimal.hpp"
#include "crypto/openssl.hpp"

namespace trackier::crypto {
namespace {

constexpr const char* algorithm = "SHA-1";
constexpr std::size_t sha1_bytes = 20;
constexpr std::size_t version_at = 6;
constexpr std::size_t variant_at = 8;

const EVP_MD* fetched() {
  static const auto digest = made<Digest>(EVP_MD_fetch(nullptr, "SHA1", nullptr), algorithm);
  return digest.get();
}

}  // namespace

Uuid uuid_of(const Uuid& space, std::string_view name) {
  std::string message{as_text(space)};
  message += name;
  std::array<std::byte, sha1_bytes> digest{};
  must(EVP_Digest(message.data(), message.size(), openssl_bytes(MutBytes{digest}), nullptr,
                  fetched(), nullptr),
       algorithm);
  Uuid made{};
  std::copy_n(digest.begin(), made.size(), made.begin());
  made[version_at] = (made[version_at] & std::byte{0x0f}) | std::byte{0x50};
  made[variant_at] = (made[variant_at] & std::byte{0x3f}) | std::byte{0x80};
  return made;
}

std::string to_text(const Uuid& uuid) {
  std::string text = hexadecimal(uuid);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) {
    text.insert(at, 1, '-');
  }
  return text;
}

}  // namespace trackier::crypto
