#pragma once
/// What opens an envelope.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/secret.hpp"
#include "envelope/format.hpp"
#include "envelope/head.hpp"
#include "envelope/stanza.hpp"

namespace trackier::envelope {

/// How an identity and the stanzas of a block met.
enum class Unwrapped : std::uint8_t {
  not_mine,  ///< no stanza is for this identity
  refused,   ///< a stanza is, and does not open: wrong passphrase, or changed by someone
  opened,
};

struct UnwrapResult {
  Unwrapped outcome = Unwrapped::not_mine;
  crypto::Secret data_key;     ///< 32 bytes when opened
  bool by_passphrase = false;  ///< it is a passphrase that opened, or is wrong
};

class Identity {
 public:
  Identity() = default;
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;
  Identity(Identity&&) = delete;
  Identity& operator=(Identity&&) = delete;
  virtual ~Identity() = default;

  /// Tries the stanzas of one envelope. Caps on the work (scrypt's log_n) are checked by the
  /// parser.
  [[nodiscard]] virtual UnwrapResult unwrap(const std::vector<Stanza>& stanzas,
                                            const FileId& id) const = 0;
};

using Identities = std::vector<std::shared_ptr<const Identity>>;

std::shared_ptr<const Identity> private_key_identity(crypto::Secret x25519_key);
std::shared_ptr<const Identity> wrapping_key_identity(crypto::Secret key);
/// The passphrase is asked for only when there is a stanza for it; once.
std::shared_ptr<const Identity> passphrase_identity(std::function<crypto::Secret()> ask);

/// For who has the data key at hand, as just after sealing; every stanza will do. The head still
/// has to prove authentic.
std::shared_ptr<const Identity> data_key_identity(const crypto::Secret& data_key);

/// The shares of one set, opened by officers; they open the envelope when there are enough.
struct OfficerShare {
  std::string set;  ///< 16 hexadecimal digits
  std::uint8_t threshold = 0;
  std::uint8_t x = 0;
  crypto::Secret y;  ///< 32 bytes
};
std::shared_ptr<const Identity> officer_shares_identity(std::vector<OfficerShare> shares);

/// What an officer does: opens the own share of one envelope. None when no stanza is for this key.
/// Throws Error{Code::data} when it is, and does not open.
std::optional<OfficerShare> open_officer_share(const crypto::Secret& x25519_key,
                                               const Block& block);

/// An envelope's data key, and the block it was authenticated with.
struct Unlocked {
  crypto::Secret data_key;
  std::size_t block = 0;  ///< 0: A, 1: B
};

/// Tries the good blocks in order, each identity on each, and checks the block's MAC. An identity
/// whose key cannot be had (the passphrase is not typed, a shred half is gone) throws only when no
/// other opens.
/// Throws Error{Code::no_permission}: none of the identities is among the recipients (the message
/// names the key ids that are), or the passphrase is wrong; Error{Code::data}: a stanza opened but
/// the head was changed by someone without the data key. Four different errors, as
/// trackier-envelope(5), ERRORS, tells them apart. name: what errors call the file, printable.
Unlocked unlock(const Head& head, const Identities& identities, const std::string& name);

}  // namespace trackier::envelope
