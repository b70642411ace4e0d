#pragma once
/// Keyed, one-way pseudonyms. The construction, for whoever must reproduce it, is in
/// trackier-ctl-anonymize(1), PSEUDONYMS; test vectors are in tests/vectors/pseudonyms.json.
///
/// A pseudonym is a function of key, tenant, kind and value alone: no table, no memory of earlier
/// values, so that it agrees on every host and in every run that has the key.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "anonymize/kind.hpp"
#include "anonymize/profile.hpp"
#include "core/bytes.hpp"

namespace trackier::anonymize {

using Uuid = std::array<std::byte, 16>;

/// Parses 8-4-4-4-12 hexadecimal digits in any case; false for anything else.
bool parse_uuid(std::string_view text, Uuid& uuid);

/// Whether `text` is a UUID or 32-digit pseudonym of this construction, of whatever key: version
/// and check code agree. Another RFC 9562 version 8 UUID, or 32 other hexadecimal digits, pass by
/// accident once in 2^24.
bool is_pseudonym(std::string_view text);

/// Thread-safe. Its key is derived when the first pseudonym is made, and the master key wiped then:
/// most logs need no pseudonym, and OpenSSL takes longer to begin than a short log takes.
class Pseudonymizer {
 public:
  /// master: 32 bytes or more. Tenants of one master have unrelated keys; no tenant is the tenant
  /// "".
  Pseudonymizer(Bytes master, std::string_view tenant);

  /// With a master key that nobody else has, and that is gone with this object.
  static Pseudonymizer with_random_key();

  Pseudonymizer(const Pseudonymizer&) = delete;
  Pseudonymizer& operator=(const Pseudonymizer&) = delete;
  Pseudonymizer(Pseudonymizer&&) noexcept;
  Pseudonymizer& operator=(Pseudonymizer&&) noexcept;
  ~Pseudonymizer();

  /// Appends the UUID-shaped pseudonym (36 characters, version 8) of a value: 98 bits of
  /// HMAC-SHA-256. canonical: of a UUID its 16 bytes, so that spellings agree.
  void append_uuid(Kind kind, Bytes canonical, std::string& out) const;

  /// Appends `bits` / 4 hexadecimal digits. 64: HMAC alone; 128: 104 bits of HMAC and a check code;
  /// 256: the whole HMAC.
  void append_hex(Kind kind, Bytes canonical, int bits, std::string& out) const;

  /// Appends a pseudonym of the same length and letter classes: a small letter for a small letter,
  /// a digit for a digit, a small letter for a character outside ASCII, everything else unchanged.
  void append_alike(Kind kind, std::string_view value, std::string& out) const;

  /// The key of tokens (tokenizer.hpp) that goes with this one: 32 bytes.
  [[nodiscard]] Bytes token_key() const;

  /// The key of an action that encrypts addresses (address_encryption.hpp): 32 bytes.
  [[nodiscard]] Bytes address_key(Action action) const;

  /// Tells keys apart in reports without telling anything of them: eight hexadecimal digits.
  [[nodiscard]] std::string key_id() const;

 private:
  struct State;
  explicit Pseudonymizer(std::unique_ptr<State> state);

  [[nodiscard]] std::array<std::byte, 32> mac(std::string_view domain, Kind kind,
                                              Bytes value) const;

  std::unique_ptr<State> state_;
};

}  // namespace trackier::anonymize
