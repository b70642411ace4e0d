#pragma once
/// For whom an envelope is sealed. trackier-envelope(5), STANZAS.

#include <memory>
#include <vector>

#include "crypto/secret.hpp"
#include "crypto/x25519.hpp"
#include "envelope/format.hpp"
#include "envelope/stanza.hpp"

namespace trackier::envelope {

class Recipient {
 public:
  Recipient() = default;
  Recipient(const Recipient&) = delete;
  Recipient& operator=(const Recipient&) = delete;
  Recipient(Recipient&&) = delete;
  Recipient& operator=(Recipient&&) = delete;
  virtual ~Recipient() = default;

  /// The stanzas that give `data_key` to the recipient; one, except for officers.
  [[nodiscard]] virtual std::vector<Stanza> wrap(const crypto::Secret& data_key,
                                                 const FileId& id) const = 0;
};

/// Sealed envelopes and what they are sealed for.
using Recipients = std::vector<std::shared_ptr<const Recipient>>;

KeyId key_id_of(const crypto::X25519Public& key);
/// Of a symmetric wrapping key: HKDF of it, so that the id says nothing of the key.
KeyId key_id_of(const crypto::Secret& wrapping_key);

/// "-> hpke KEYID ENCAPSULATED SEALED"
std::shared_ptr<const Recipient> public_key_recipient(const crypto::X25519Public& key);

/// "-> kek KEYID SALT SEALED", a symmetric wrapping key of 32 bytes.
std::shared_ptr<const Recipient> wrapping_key_recipient(crypto::Secret key);

/// "-> scrypt SALT LOGN SEALED". log_n: 10 to 20; 17 takes about 0.3 s and 128 MiB.
std::shared_ptr<const Recipient> passphrase_recipient(crypto::Secret passphrase,
                                                      unsigned log_n = 17);

/// "-> officer KEYID SET THRESHOLD X ENCAPSULATED SEALED" for each officer: the data key is shared
/// (crypto/shamir.hpp), and each officer can open one share of this one envelope, which alone
/// opens nothing. SET (16 hexadecimal digits) tells sets of one envelope apart.
std::shared_ptr<const Recipient> officers_recipient(std::vector<crypto::X25519Public> officers,
                                                    unsigned threshold);

}  // namespace trackier::envelope
