#include "envelope/recipient.hpp"

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/hkdf.hpp"
#include "crypto/hpke.hpp"
#include "crypto/random.hpp"
#include "crypto/scrypt.hpp"
#include "crypto/shamir.hpp"
#include "envelope/officer_info.hpp"
#include "envelope/stanza_rules.hpp"
#include "envelope/wrap.hpp"

namespace trackier::envelope {
namespace {

template <std::size_t Size>
std::array<std::byte, Size> random_array() {
  std::array<std::byte, Size> bytes{};
  crypto::random_bytes(bytes);
  return bytes;
}

class PublicKeyRecipient final : public Recipient {
 public:
  explicit PublicKeyRecipient(const crypto::X25519Public& key) : key_(key) {}

  [[nodiscard]] std::vector<Stanza> wrap(const crypto::Secret& data_key,
                                         const FileId& id) const override {
    const auto message =
        crypto::hpke_seal(key_, as_bytes(info_for(hpke_type, id)), data_key.bytes());
    return {{.type = std::string{hpke_type},
             .arguments = {to_text(key_id_of(key_)), crypto::base64(message.encapsulated),
                           crypto::base64(message.sealed)}}};
  }

 private:
  crypto::X25519Public key_;
};

class WrappingKeyRecipient final : public Recipient {
 public:
  explicit WrappingKeyRecipient(crypto::Secret key) : key_(std::move(key)) {}

  [[nodiscard]] std::vector<Stanza> wrap(const crypto::Secret& data_key,
                                         const FileId& id) const override {
    const auto salt = random_array<32>();
    const std::string sealed =
        seal_once(key_.bytes(), salt, info_for(kek_type, id), data_key.bytes());
    return {{.type = std::string{kek_type},
             .arguments = {to_text(key_id_of(key_)), crypto::base64(salt),
                           crypto::base64(as_bytes(sealed))}}};
  }

 private:
  crypto::Secret key_;
};

class PassphraseRecipient final : public Recipient {
 public:
  PassphraseRecipient(crypto::Secret passphrase, unsigned log_n)
      : passphrase_(std::move(passphrase)), log_n_(log_n) {}

  [[nodiscard]] std::vector<Stanza> wrap(const crypto::Secret& data_key,
                                         const FileId& id) const override {
    const auto salt = random_array<16>();
    const crypto::Secret key = crypto::scrypt(passphrase_.bytes(), salt, log_n_);
    const std::string sealed =
        seal_once(key.bytes(), {}, info_for(scrypt_type, id), data_key.bytes());
    return {{.type = std::string{scrypt_type},
             .arguments = {crypto::base64(salt), std::to_string(log_n_),
                           crypto::base64(as_bytes(sealed))}}};
  }

 private:
  crypto::Secret passphrase_;
  unsigned log_n_;
};

class OfficersRecipient final : public Recipient {
 public:
  OfficersRecipient(std::vector<crypto::X25519Public> officers, unsigned threshold)
      : officers_(std::move(officers)), threshold_(threshold) {}

  [[nodiscard]] std::vector<Stanza> wrap(const crypto::Secret& data_key,
                                         const FileId& id) const override {
    const KeyId set = random_array<8>();
    const auto points =
        crypto::shamir_split(data_key.bytes(), threshold_, static_cast<unsigned>(officers_.size()));
    std::vector<Stanza> stanzas;
    for (std::size_t i = 0; i < officers_.size(); ++i) {
      const std::string info = officer_info(id, set, threshold_, points[i].x);
      const auto message = crypto::hpke_seal(officers_[i], as_bytes(info), points[i].y.bytes());
      stanzas.push_back(
          {.type = std::string{officer_type},
           .arguments = {to_text(key_id_of(officers_[i])), to_text(set), std::to_string(threshold_),
                         std::to_string(points[i].x), crypto::base64(message.encapsulated),
                         crypto::base64(message.sealed)}});
    }
    return stanzas;
  }

 private:
  std::vector<crypto::X25519Public> officers_;
  unsigned threshold_;
};

KeyId first_bytes(Bytes bytes) {
  KeyId id{};
  std::ranges::copy(bytes.first(id.size()), id.begin());
  return id;
}

}  // namespace

KeyId key_id_of(const crypto::X25519Public& key) {
  return first_bytes(crypto::sha256(key));
}

KeyId key_id_of(const crypto::Secret& wrapping_key) {
  return first_bytes(crypto::hkdf_sha256(wrapping_key.bytes(), {},
                                         as_bytes("trackier-envelope/1 kek id"), sizeof(KeyId))
                         .bytes());
}

std::shared_ptr<const Recipient> public_key_recipient(const crypto::X25519Public& key) {
  return std::make_shared<PublicKeyRecipient>(key);
}

std::shared_ptr<const Recipient> wrapping_key_recipient(crypto::Secret key) {
  return std::make_shared<WrappingKeyRecipient>(std::move(key));
}

std::shared_ptr<const Recipient> passphrase_recipient(crypto::Secret passphrase, unsigned log_n) {
  return std::make_shared<PassphraseRecipient>(std::move(passphrase), log_n);
}

std::shared_ptr<const Recipient> officers_recipient(std::vector<crypto::X25519Public> officers,
                                                    unsigned threshold) {
  if (threshold < 2 || threshold > officers.size() || officers.size() > most_stanzas) {
    throw Error{Code::bug, "officers and threshold do not fit"};
  }
  return std::make_shared<OfficersRecipient>(std::move(officers), threshold);
}

}  // namespace trackier::envelope
