#include "crypto/digest.hpp"

#include "crypto/openssl.hpp"

namespace trackier::crypto {
namespace {

constexpr const char* algorithm = "SHA-256";

const EVP_MD* fetched() {
  static const auto digest = made<Digest>(EVP_MD_fetch(nullptr, "SHA256", nullptr), algorithm);
  return digest.get();
}

}  // namespace

Sha256Digest sha256(Bytes message) {
  Sha256Digest digest;
  must(EVP_Digest(message.data(), message.size(), openssl_bytes(MutBytes{digest}), nullptr,
                  fetched(), nullptr),
       algorithm);
  return digest;
}

struct Sha256::State {
  DigestContext context = made<DigestContext>(EVP_MD_CTX_new(), algorithm);
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  must(EVP_DigestInit_ex2(state_->context.get(), fetched(), nullptr), algorithm);
}

Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::add(Bytes piece) {
  if (!state_) {
    throw Error{Code::bug, "a digest was finished and is added to"};
  }
  must(EVP_DigestUpdate(state_->context.get(), piece.data(), piece.size()), algorithm);
}

Sha256Digest Sha256::finish() {
  if (!state_) {
    throw Error{Code::bug, "a digest is finished twice"};
  }
  Sha256Digest digest;
  must(EVP_DigestFinal_ex(state_->context.get(), openssl_bytes(MutBytes{digest}), nullptr),
       algorithm);
  state_.reset();
  return digest;
}

}  // namespace trackier::crypto
