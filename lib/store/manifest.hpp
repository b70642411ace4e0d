#pragma once
/// What is said of a backup to everyone: which source, when, how large, of which packs it consists.
/// One line of JSON and a signature; no key is needed to read it, and nothing of what was backed up
/// is in it. trackier-store(5), MANIFESTS.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "crypto/digest.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/secret.hpp"
#include "store/format.hpp"

namespace trackier::store {

struct PackInfo {
  std::string name;  ///< SHA-256 of the pack, 64 hexadecimal digits
  std::uint64_t bytes = 0;
  std::uint32_t first = 0;  ///< number of its first blob in the generation

  friend bool operator==(const PackInfo&, const PackInfo&) = default;
};

/// The packs that one backup of the chain wrote, those that are needed, in the order of their
/// blobs.
struct Generation {
  std::uint32_t number = 0;
  std::vector<PackInfo> packs;

  friend bool operator==(const Generation&, const Generation&) = default;
};

struct Manifest {
  std::string store;  ///< id, 32 hexadecimal digits, as are the next and `chain`
  std::string id;
  std::string chain;
  std::string source;
  std::string kind;            ///< "sqlite", "postgres-physical", "postgres-logical"
  std::string tenant;          ///< empty: none
  std::uint64_t sequence = 0;  ///< of the source, from 1 on
  std::string previous;  ///< SHA-256 of the manifest before it; empty: there was none to be read
  Time slot;
  Time started;
  Time taken;  ///< the moment whose content it has
  Time finished;
  bool damaged = false;    ///< the source's own check failed
  bool unchanged = false;  ///< nothing was written: the content is that of the backup before
  bool digested = false;   ///< the map has digests of the content, taken in the same snapshot
  std::string check;       ///< "not checked", "quick_check ok", ...: what the source says of itself
  std::uint64_t source_bytes = 0;
  std::uint64_t stored_bytes = 0;  ///< that this backup added
  std::string root;                ///< of the tags of all pages, 64 hexadecimal digits
  BlobPlace map;
  std::vector<Generation> generations;  ///< every pack that is needed, in ascending order
  std::string host;
  std::string tool;  ///< "trackier-ctl 0.1.0"
};

/// A manifest as it stands in the store.
struct SignedManifest {
  Manifest manifest;
  crypto::Ed25519Public signer{};
  std::string digest;  ///< SHA-256 of the whole text, 64 hexadecimal digits
  Time received;       ///< when the store got it, by its own clock
};

std::string sign_manifest(const Manifest& manifest, const crypto::Secret& signing_key);

/// name: what errors call it, printable. Throws Error{Code::data}: not a manifest, of a later
/// version, or the signature does not agree.
SignedManifest parse_manifest(std::string_view text, const std::string& name);

/// "00000042-20261123T100000Z-ID.json": in order of their names they are in order of sequence.
std::string file_name_of(const Manifest& manifest);

}  // namespace trackier::store
