#pragma once
/// What a keyring says: the JSON text inside its envelope. trackier-keyring(5), DOCUMENT.
///
/// No secret stands in it as it is: each is sealed under the root key (sealed_secret.hpp), so that
/// the text may lie in ordinary memory.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "envelope/format.hpp"
#include "keyring/name.hpp"
#include "keyring/sealed_secret.hpp"
#include "keyring/state.hpp"

namespace trackier::keyring {

inline constexpr std::size_t most_document_bytes = std::size_t{4} << 20U;
inline constexpr std::size_t longest_text = 500;  ///< reasons, labels, places: bytes of UTF-8

/// One of the ways to open the keyring; each has a stanza in the head.
struct UnlockMethod {
  enum class Kind : std::uint8_t {
    key,         ///< 32 bytes: a file, a credential, a command, the shares of a split
    passphrase,  ///< through scrypt
  };

  Kind kind = Kind::key;
  std::string id;     ///< first argument of its stanza: a key id, or the salt of scrypt
  std::string label;  ///< unique; what people call it
  Time added{};

  friend bool operator==(const UnlockMethod&, const UnlockMethod&) = default;
};

std::string_view to_text(UnlockMethod::Kind kind);  ///< "key", "passphrase"

/// A step in the life of a key. The first is its making.
struct Event {
  State state = State::pending;
  Time time{};
  std::string reason;  ///< may be empty

  friend bool operator==(const Event&, const Event&) = default;
};

using PublicKey = std::array<std::byte, 32>;

struct Key {
  KeyName name;
  envelope::KeyId id{};
  State state = State::pending;
  Time created{};
  std::optional<Time> not_after;
  std::optional<PublicKey> public_key;  ///< X25519 or Ed25519; none for pseudonymize
  std::optional<SealedSecret> secret;   ///< none when destroyed
  std::vector<Event> history;           ///< in order; the last one is `state`

  friend bool operator==(const Key&, const Key&) = default;
};

/// What a tenant's secrets need besides the root key; kept outside the keyring and its backups.
struct ShredHalf {
  envelope::KeyId id{};             ///< id_of_half()
  std::vector<std::string> places;  ///< files that hold it, 1 to 16
  Time since{};                     ///< copies of the keyring from before open without the half
  std::vector<std::string> gone{};  ///< of the places: overwritten by a shredding that is under way

  friend bool operator==(const ShredHalf&, const ShredHalf&) = default;
};

struct LegalHold {
  std::string reason;
  Time since{};

  friend bool operator==(const LegalHold&, const LegalHold&) = default;
};

struct Shredding {
  Time time{};
  std::string certificate;

  friend bool operator==(const Shredding&, const Shredding&) = default;
};

/// Tenants of which there is something to say; others just have keys.
struct Tenant {
  std::string name;
  std::optional<LegalHold> hold;
  std::optional<ShredHalf> half;
  std::optional<Shredding> shredding;  ///< nothing can be made for the tenant any more

  friend bool operator==(const Tenant&, const Tenant&) = default;
};

struct Document {
  std::uint64_t generation = 0;  ///< how often it was saved
  Time created{};
  Time saved{};
  Time latest_time{};  ///< latest moment the keyring has seen; clocks that are before it went back
  std::uint32_t quarantine_days = 7;  ///< 0 to 3650
  std::vector<UnlockMethod> unlocks;
  std::vector<Tenant> tenants;  ///< sorted by name
  std::vector<Key> keys;        ///< sorted by name

  friend bool operator==(const Document&, const Document&) = default;
};

/// Throws Error{Code::data} when the text would be longer than 4 MiB.
std::string to_json(const Document& document);

/// Strict: unknown, missing and duplicate members, wrong types and everything out of range or in
/// contradiction is Error{Code::data} that names the place, e.g. "keys[3].state: ...".
Document parse_document(std::string_view json);

/// The rules that hold between members: unique names, one active version, allowed steps, secrets
/// where they must be. parse_document() calls it. Throws Error{Code::data}.
void check(const Document& document);

/// 1 to 500 bytes of UTF-8 without control characters.
bool is_plain_text(std::string_view text);

}  // namespace trackier::keyring
