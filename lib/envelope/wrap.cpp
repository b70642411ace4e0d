#include "envelope/wrap.hpp"

#include <fmt/format.h>

#include "crypto/aes_gcm.hpp"
#include "crypto/hkdf.hpp"

namespace trackier::envelope {

std::string info_for(std::string_view purpose, const FileId& id) {
  std::string info = fmt::format("trackier-envelope/1 {}", purpose);
  info.push_back('\0');
  info += as_text(id);
  return info;
}

std::string seal_once(Bytes key, const WrapSalt& salt, std::string_view info, Bytes plain) {
  const crypto::Secret once =
      crypto::hkdf_sha256(key, salt, as_bytes(info), crypto::AesGcm::key_bytes);
  std::string sealed(plain.size() + tag_bytes, '\0');
  crypto::AesGcm{once.bytes()}.seal({}, plain, std::as_writable_bytes(std::span{sealed}));
  return sealed;
}

std::optional<crypto::Secret> open_once(Bytes key, const WrapSalt& salt, std::string_view info,
                                        Bytes sealed) {
  if (sealed.size() <= tag_bytes) {
    return std::nullopt;
  }
  const crypto::Secret once =
      crypto::hkdf_sha256(key, salt, as_bytes(info), crypto::AesGcm::key_bytes);
  crypto::Secret plain{sealed.size() - tag_bytes};
  if (!crypto::AesGcm{once.bytes()}.open({}, sealed, plain.writable())) {
    return std::nullopt;
  }
  return plain;
}

}  // namespace trackier::envelope
