#pragma once
/// The people whose shares together open an envelope. trackier-access(5), OFFICERS.
///
/// An officer has one key of 32 bytes. As an X25519 key it opens the officer's share of an
/// envelope; the key that signs approvals is derived from it.

#include <string>
#include <string_view>

#include "crypto/ed25519.hpp"
#include "crypto/secret.hpp"
#include "crypto/x25519.hpp"

namespace trackier::access {

struct Officer {
  std::string name;  ///< letters, digits, "-", "_", "." and "@"; 1 to 64 of them
  crypto::X25519Public opens{};
  crypto::Ed25519Public signs{};

  friend bool operator==(const Officer&, const Officer&) = default;
};

/// What others need to know of the holder of `key`. Throws Error{Code::usage} for a bad name.
Officer officer_of(std::string_view name, const crypto::Secret& key);

crypto::Secret signing_key_of(const crypto::Secret& officer_key);

/// "tko1 NAME X25519 ED25519", keys in base64.
std::string to_text(const Officer& officer);

/// Throws Error{Code::data} for anything that to_text() does not write.
Officer parse_officer(std::string_view line);

}  // namespace trackier::access
