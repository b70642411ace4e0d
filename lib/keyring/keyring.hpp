#pragma once
/// An open keyring: its keys and what may be done with them. Nothing here touches a disk, except
/// for shred halves through their provider; KeyringFile reads and saves. A call that throws has
/// changed nothing. Not thread-safe, except for the identities it gives.
///
/// Every change is stamped with the later of `now` and document().latest_time. Where a clock that
/// went back would do harm, in destroy and shred, it is refused.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "crypto/digest.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/secret.hpp"
#include "envelope/identity.hpp"
#include "keyring/census.hpp"
#include "keyring/document.hpp"
#include "keyring/recipient_line.hpp"
#include "keyring/shred_half.hpp"

namespace trackier::keyring {

struct NewKeyOptions {
  bool pending = false;  ///< made, but not active yet
  std::optional<Time> not_after;
  std::string reason;
};

struct SecretUse {
  bool allow_suspended = false;
};

struct OpenedSecret {
  crypto::Secret secret;     ///< 32 bytes
  bool compromised = false;  ///< to be warned of
};

struct IdentityOptions {
  bool allow_suspended = false;
  /// When a key has opened an envelope; from any thread. For warnings of compromised keys.
  std::function<void(const Key&)> used = [](const Key&) {};
};

/// What shredding needs to be told.
struct ShredOrder {
  std::string confirmation;  ///< the tenant's name, typed
  std::string reason;
  std::vector<std::string> people;    ///< at least one
  std::vector<PlaceReport> places;    ///< from destroy_half(); all declared places
  bool accept_silent_places = false;  ///< though some did not acknowledge; the certificate tells
  std::uint64_t files = 0;            ///< envelopes found that become unreadable
  crypto::Sha256Digest files_root{};
};

/// Throws Error{Code::usage} unless there is a reason, and 1 to 24 people, all plain text.
void check_people_and_reason(const ShredOrder& order);

class Keyring {
 public:
  Keyring(Document document, crypto::Secret root_key, HalfProvider halves);

  [[nodiscard]] const Document& document() const noexcept { return document_; }

  /// Throws Error{Code::no_permission} when there is none of this name.
  [[nodiscard]] const Key& key(const KeyName& name) const;
  /// "acme/encrypt/3", or "acme/encrypt" for the active version. Throws Error{Code::usage} for what
  /// is no name, Error{Code::no_permission} when there is no such key.
  [[nodiscard]] const Key& named(std::string_view text) const;
  [[nodiscard]] const Key* find(const envelope::KeyId& id) const;  ///< null: none
  [[nodiscard]] const Key* active(const Series& series) const;     ///< null: none
  [[nodiscard]] const Tenant* tenant(std::string_view name) const;

  /// The next version of a series. Throws Error{Code::no_permission}: another version is active
  /// and this one would be too (rotate does that); the tenant was shredded; its half is missing.
  KeyName new_key(const Series& series, const NewKeyOptions& options, Time now);
  /// The same with a private key that exists, 32 bytes.
  KeyName import_key(const Series& series, const crypto::Secret& secret,
                     const NewKeyOptions& options, Time now);

  /// A new version becomes active, the active one, if any, decrypt-only, in one step. Throws
  /// Error{Code::no_permission} when the series has no version yet.
  KeyName rotate(const Series& series, const NewKeyOptions& options, Time now);

  /// To active, decrypt_only, suspended or compromised. A pending version that becomes active takes
  /// over from the active one, which becomes decrypt-only; a suspended one does not. Throws
  /// Error{Code::usage} for another state, Error{Code::no_permission} for a step that is_allowed()
  /// does not know.
  void mark(const KeyName& name, State state, const std::string& reason, Time now);

  void retire(const KeyName& name, const std::string& reason, Time now);
  /// Back to where it was before it was retired: decrypt-only or compromised.
  void unretire(const KeyName& name, const std::string& reason, Time now);
  /// When a retired key may be destroyed; none for others.
  [[nodiscard]] std::optional<Time> quarantine_end(const Key& key) const;

  /// Forgets the secret. Pending keys at once, unless something was sealed for them already; others
  /// have to be retired, their quarantine over.
  /// census: of everything that may hold envelopes; null for keys that seal none.
  /// Throws Error{Code::no_permission} for another state; Error{Code::verdict}: the quarantine is
  /// not over, the clock went back, files still need the key, or the census could not read some.
  void destroy(const KeyName& name, const Census* census, const std::string& reason, Time now);

  /// What destroy() would refuse for, without changing anything: empty when it would not.
  [[nodiscard]] std::optional<Error> why_not_destroy(const KeyName& name, const Census* census,
                                                     Time now) const;

  /// Takes back `latest_time` that a wrong clock put in the future. Quarantines begin again.
  void accept_clock(Time now);

  void set_quarantine(std::uint32_t days);  ///< Error{Code::usage} past 3650

  /// Throws Error{Code::no_permission} for pending, retired and destroyed keys, for suspended ones
  /// unless allowed, and when the tenant's half is missing; Error{Code::data} when it was tampered
  /// with.
  [[nodiscard]] OpenedSecret secret_of(const KeyName& name, const SecretUse& use = {}) const;

  /// What opens envelopes sealed for any key that may decrypt; for one that may not, the reason is
  /// thrown as by secret_of() when an envelope is sealed for it. A secret is opened when the first
  /// envelope needs it. They must not outlive the keyring, nor be used after a change to it.
  [[nodiscard]] envelope::Identities identities(const IdentityOptions& options = {}) const;

  /// Signed by the active house/audit-sign. Throws Error{Code::no_permission} when there is none,
  /// when `name` seals no envelopes, or is neither pending nor active.
  [[nodiscard]] RecipientLine recipient_line(const KeyName& name) const;
  /// The public key of the active house/audit-sign; none: there is no such key.
  [[nodiscard]] std::optional<crypto::Ed25519Public> signer() const;

  /// While a tenant is held it is not shredded, and its keys are not destroyed.
  void hold(const std::string& tenant, const std::string& reason, Time now);
  void release(const std::string& tenant);

  /// Makes a half, and seals the tenant's secrets again so that both are needed. The caller writes
  /// the half to the places (write_half) before the keyring is saved. Throws
  /// Error{Code::no_permission} when there is one already, for the house, for a shredded tenant.
  crypto::Secret enable_shredding(const std::string& tenant, std::vector<std::string> places,
                                  Time now);

  /// Notes the places that acknowledged that the half was overwritten there, so that a shredding
  /// that does not end can be ended by another run.
  void note_gone(const std::string& tenant, const std::vector<PlaceReport>& reports);

  /// Whether shred() would be refused, before the half is destroyed. Throws as it does, but for
  /// places and people.
  void check_shred(const std::string& tenant, const std::string& confirmation, Time now) const;

  /// Destroys all keys of the tenant and returns the certificate, which is also kept. Throws
  /// Error{Code::verdict}: legal hold, a place that did not acknowledge, or the clock went back;
  /// Error{Code::no_permission}: there is no half, no signing key, it is shredded already;
  /// Error{Code::usage}: the confirmation is not the tenant's name, or a place has no report.
  std::string shred(const std::string& tenant, const ShredOrder& order, Time now);

 private:
  friend class KeyringFile;

  [[nodiscard]] Key& change(const KeyName& name);
  [[nodiscard]] Tenant& change_tenant(const std::string& name);
  [[nodiscard]] Time stamp(Time now) const;
  [[nodiscard]] crypto::Secret half_of(std::string_view tenant) const;
  [[nodiscard]] crypto::Secret open(const Key& key) const;
  [[nodiscard]] const Key& signing_key() const;
  KeyName add(const Series& series, const crypto::Secret& secret, const NewKeyOptions& options,
              Time now);
  void step(Key& key, State to, const std::string& reason, Time now);

  Document document_;
  crypto::Secret root_key_;
  HalfProvider halves_;
};

}  // namespace trackier::keyring
