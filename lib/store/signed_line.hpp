#pragma once
/// A line of JSON and the signature under it: manifests, removals, proofs. trackier-store(5),
/// SIGNATURES.

#include <string>
#include <string_view>

#include "crypto/ed25519.hpp"
#include "crypto/secret.hpp"

namespace trackier::store {

/// line: ends with a line end. kind: what it is, so that none passes for another, e.g.
/// "trackier-backup/1 manifest".
std::string sign_line(std::string_view line, std::string_view kind,
                      const crypto::Secret& signing_key);

struct SignedLine {
  std::string_view line;  ///< into the text that was given
  crypto::Ed25519Public signer{};
};

/// Throws Error{Code::data}, which does not name the file, when the text is something else or was
/// changed.
SignedLine parse_signed_line(std::string_view text, std::string_view kind);

}  // namespace trackier::store
