#include "crypto/aes_gcm.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/openssl.hpp"
#include "crypto/secret.hpp"

namespace trackier::crypto {
namespace {

constexpr const char* algorithm = "AES-256-GCM";
constexpr int encrypt = 1;
constexpr int decrypt = 0;

const EVP_CIPHER* fetched() {
  static const auto cipher = made<Cipher>(EVP_CIPHER_fetch(nullptr, algorithm, nullptr), algorithm);
  return cipher.get();
}

/// Passes bytes through; out: as many, or null for associated data.
void update(EVP_CIPHER_CTX* context, Bytes bytes, std::byte* out) {
  constexpr std::size_t most = std::size_t{1} << 30U;  // OpenSSL counts in int
  while (!bytes.empty()) {
    const Bytes part = bytes.first(std::min(bytes.size(), most));
    int written = 0;
    must(EVP_CipherUpdate(context, reinterpret_cast<unsigned char*>(out), &written,
                          openssl_bytes(part), static_cast<int>(part.size())),
         algorithm);
    bytes = bytes.subspan(part.size());
    out = out == nullptr ? nullptr : out + part.size();
  }
}

void check_sizes(std::size_t plain, std::size_t sealed) {
  if (sealed < AesGcm::tag_bytes || sealed - AesGcm::tag_bytes != plain) {
    throw Error{Code::bug, fmt::format("{}: {} bytes do not become {}", algorithm, plain, sealed)};
  }
}

}  // namespace

/// OpenSSL wipes what it holds of the key.
struct AesGcm::State {
  CipherContext context = made<CipherContext>(EVP_CIPHER_CTX_new(), algorithm);

  /// Only the nonce is new: the key schedule, which is the same both ways, stays.
  void begin(const Nonce& nonce, int direction, Bytes associated) const {
    must(EVP_CipherInit_ex2(context.get(), nullptr, nullptr, openssl_bytes(Bytes{nonce}), direction,
                            nullptr),
         algorithm);
    update(context.get(), associated, nullptr);
  }
};

AesGcm::AesGcm(Bytes key) : state_(std::make_unique<State>()) {
  if (key.size() != key_bytes) {
    throw Error{Code::bug, fmt::format("{}: a key of {} bytes", algorithm, key.size())};
  }
  must(EVP_CipherInit_ex2(state_->context.get(), fetched(), openssl_bytes(key), nullptr, encrypt,
                          nullptr),
       algorithm);
}

AesGcm::AesGcm(AesGcm&&) noexcept = default;
AesGcm& AesGcm::operator=(AesGcm&&) noexcept = default;
AesGcm::~AesGcm() = default;

void AesGcm::seal(const Nonce& nonce, Bytes plain, MutBytes out, Bytes associated) {
  check_sizes(plain.size(), out.size());
  EVP_CIPHER_CTX* const context = state_->context.get();
  state_->begin(nonce, encrypt, associated);
  update(context, plain, out.data());
  const MutBytes tag = out.last(tag_bytes);
  int written = 0;
  must(EVP_CipherFinal_ex(context, openssl_bytes(tag), &written), algorithm);
  must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag_bytes, tag.data()), algorithm);
}

bool AesGcm::open(const Nonce& nonce, Bytes sealed, MutBytes out, Bytes associated) {
  check_sizes(out.size(), sealed.size());
  EVP_CIPHER_CTX* const context = state_->context.get();
  state_->begin(nonce, decrypt, associated);
  std::array<std::byte, tag_bytes> tag{};  // OpenSSL wants to be able to write to it
  std::ranges::copy(sealed.last(tag_bytes), tag.begin());
  must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag.data()), algorithm);
  update(context, sealed.first(out.size()), out.data());
  std::array<unsigned char, tag_bytes> nothing{};
  int written = 0;
  if (EVP_CipherFinal_ex(context, nothing.data(), &written) == 1) {
    return true;
  }
  wipe(out);
  return false;
}

}  // namespace trackier::crypto
