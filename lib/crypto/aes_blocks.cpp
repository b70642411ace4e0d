#include "crypto/aes_blocks.hpp"

#include <fmt/format.h>

#include "crypto/openssl.hpp"

namespace trackier::crypto {
namespace {

constexpr const char* algorithm = "AES-128-ECB";

const EVP_CIPHER* fetched() {
  static const auto cipher = made<Cipher>(EVP_CIPHER_fetch(nullptr, algorithm, nullptr), algorithm);
  return cipher.get();
}

CipherContext context_of(Bytes key, int direction) {
  auto context = made<CipherContext>(EVP_CIPHER_CTX_new(), algorithm);
  must(
      EVP_CipherInit_ex2(context.get(), fetched(), openssl_bytes(key), nullptr, direction, nullptr),
      algorithm);
  must(EVP_CIPHER_CTX_set_padding(context.get(), 0), algorithm);
  return context;
}

void pass_through(EVP_CIPHER_CTX* context, std::span<const AesBlock> from, std::span<AesBlock> to) {
  constexpr std::size_t most = std::size_t{1} << 20U;  // blocks; OpenSSL counts bytes in int
  while (!from.empty()) {
    const std::size_t count = std::min(from.size(), most);
    int written = 0;
    must(EVP_CipherUpdate(context, reinterpret_cast<unsigned char*>(to.data()), &written,
                          reinterpret_cast<const unsigned char*>(from.data()),
                          static_cast<int>(count * sizeof(AesBlock))),
         algorithm);
    from = from.subspan(count);
    to = to.subspan(count);
  }
}

}  // namespace

struct AesBlocks::State {
  CipherContext encryption;
  CipherContext decryption;
};

AesBlocks::AesBlocks(Bytes key) {
  if (key.size() != key_bytes) {
    throw Error{Code::bug, fmt::format("{}: a key of {} bytes", algorithm, key.size())};
  }
  state_ = std::make_unique<State>(State{context_of(key, 1), context_of(key, 0)});
}

AesBlocks::AesBlocks(AesBlocks&&) noexcept = default;
AesBlocks& AesBlocks::operator=(AesBlocks&&) noexcept = default;
AesBlocks::~AesBlocks() = default;

void AesBlocks::encrypt(std::span<const AesBlock> from, std::span<AesBlock> to) {
  pass_through(state_->encryption.get(), from, to);
}

void AesBlocks::decrypt(std::span<const AesBlock> from, std::span<AesBlock> to) {
  pass_through(state_->decryption.get(), from, to);
}

}  // namespace trackier::crypto
