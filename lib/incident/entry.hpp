#pragma once
/// An entry of an incident's timeline: who recorded what, when it happened, and a signature that
/// ties it to all entries before. trackier-timeline(5) is the reference of its form.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/time.hpp"
#include "crypto/digest.hpp"
#include "crypto/ed25519.hpp"
#include "incident/event.hpp"

namespace trackier::incident {

/// Who did something, as far as the system knows.
struct Person {
  std::string name;        ///< of the account that logged in
  std::uint32_t uid = 0;   ///< the process ran as
  std::string claimed_by;  ///< where the name comes from when it is a claim: "SUDO_USER"

  friend bool operator==(const Person&, const Person&) = default;
};

/// What the machine's clocks said when an entry was made. A clock of the wall that is set back, or
/// leaps, shows against the one that counts from the start of the machine.
struct Clocks {
  Time wall;
  std::string boot;  ///< which start of the machine
  std::chrono::seconds since_boot{};
  bool is_synchronized = false;  ///< as the kernel says

  friend bool operator==(const Clocks&, const Clocks&) = default;
};

struct Entry {
  std::string incident;   ///< "TI-2026-0007"
  std::uint64_t seq = 0;  ///< from 1
  Moment at;              ///< when it happened, as somebody says
  Clocks recorded;        ///< when it was recorded, as the machine says
  Person by;
  std::string tool;  ///< "trackier-ctl 0.1.0"
  Event event;
  std::string previous;  ///< hash of the entry before, in hexadecimal; of the first: none
};

struct SignedEntry {
  Entry entry;
  std::string line;  ///< the entry in canonical JSON (RFC 8785): what is hashed and signed
  std::string hash;  ///< SHA-256 of the line, in hexadecimal
  crypto::Ed25519Public signer{};
  crypto::Signature signature{};
};

SignedEntry sign_entry(Entry entry, const crypto::Secret& signing_key);

/// Throws Error{Code::data} for a line that is no entry, or does not have that hash and signature.
SignedEntry read_entry(std::string line, const std::string& hash, const std::string& signer,
                       const std::string& signature);

/// What a signature is made of, in front of the line.
inline constexpr std::string_view signature_context = "trackier-ctl timeline entry 1\n";

}  // namespace trackier::incident
