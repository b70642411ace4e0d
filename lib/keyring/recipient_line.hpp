#pragma once
/// The public half of a key as one line of text, for hosts that only write.
/// trackier-keyring(5), RECIPIENT LINES:
///
///   tkr1 KEYID TENANT/PURPOSE/VERSION PUBLIC NOT-AFTER|- SIGNATURE|-
///
/// A host pins the key that signs the lines: a line that was exchanged is refused.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/secret.hpp"
#include "crypto/x25519.hpp"
#include "envelope/format.hpp"
#include "keyring/name.hpp"

namespace trackier::keyring {

struct RecipientLine {
  KeyName name;  ///< of a purpose that seals envelopes
  crypto::X25519Public key{};
  std::optional<Time> not_after;  ///< nothing is to be encrypted to it later than this
  std::optional<crypto::Signature> signature;

  /// What stanzas call the key.
  [[nodiscard]] envelope::KeyId id() const;

  friend bool operator==(const RecipientLine&, const RecipientLine&) = default;
};

/// Without a line end. Throws Error{Code::bug} for a name whose purpose seals nothing.
std::string to_text(const RecipientLine& line);

/// Strict: accepts what to_text() writes and nothing else, and only with the id of its key. Throws
/// Error{Code::data} that says which field is wrong; the caller adds file and line.
RecipientLine parse_recipient_line(std::string_view line);

/// The lines of a file; empty ones, those that begin with "#", and carriage returns at their ends
/// are ignored. Throws Error{Code::data}: "NAME:3: ...", also when there is no line at all.
/// name: what errors call the file, printable.
std::vector<RecipientLine> parse_recipient_file(std::string_view text, const std::string& name);

/// Signs with an Ed25519 private key.
void sign(RecipientLine& line, const crypto::Secret& signer);

/// False for an unsigned line.
[[nodiscard]] bool is_signed_by(const RecipientLine& line, const crypto::Ed25519Public& signer);

/// Whether it is too late to encrypt to it.
[[nodiscard]] bool is_expired(const RecipientLine& line, Time now);

/// The key to pin, in settings and on the command line: 43 characters of base64.
std::string signer_text(const crypto::Ed25519Public& signer);
/// None for anything else.
std::optional<crypto::Ed25519Public> parse_signer(std::string_view text);

}  // namespace trackier::keyring
