#pragma once
/// The signed statement that a tenant's keys were destroyed. trackier-keyring(5), CERTIFICATE.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "crypto/digest.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/secret.hpp"
#include "envelope/format.hpp"
#include "keyring/name.hpp"
#include "keyring/shred_half.hpp"

namespace trackier::keyring {

struct DestroyedKey {
  KeyName name;
  envelope::KeyId id{};
  Time created{};
  bool once_without_half = false;  ///< copies of the keyring from before the half open without it
};

struct Certificate {
  std::string tenant;
  Time time{};
  std::string reason;
  std::vector<std::string> people;  ///< who ordered and did it
  std::vector<DestroyedKey> keys;
  std::vector<PlaceReport> places;
  std::uint64_t generation_before = 0;
  std::uint64_t generation_after = 0;
  std::uint64_t files = 0;  ///< envelopes that became unreadable, as far as they were counted
  crypto::Sha256Digest files_root{};  ///< root_hash()
  KeyName signer;
};

/// JSON, members in the order of trackier-keyring(5), with a line end; the signature, last, covers
/// every byte before it.
std::string to_text(const Certificate& certificate, const crypto::Secret& signing_key);

/// Whether `signer` signed this text. Throws Error{Code::data} for what is no certificate.
[[nodiscard]] bool verify_certificate(std::string_view text, const crypto::Ed25519Public& signer);

}  // namespace trackier::keyring
