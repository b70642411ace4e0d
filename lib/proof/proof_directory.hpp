#pragma once
/// The proofs of a source, beside its backups in the store. trackier-proof(5), FILES.

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "os/file.hpp"
#include "proof/proof.hpp"
#include "store/directory.hpp"

namespace trackier::proof {

class ProofDirectory {
 public:
  struct Listing {
    std::vector<SignedProof> proofs;  ///< in order of sequence
    std::vector<store::Unreadable> unreadable;
  };

  /// signers: whose proofs count; empty: everybody's.
  ProofDirectory(os::FileSystem& files, const store::SourceDirectory& source,
                 std::vector<crypto::Ed25519Public> signers);

  /// All proofs, their signatures checked; one that is damaged hides no other. Throws as reading
  /// does when the place cannot be read.
  [[nodiscard]] Listing list() const;

  /// Gives the record its number and its predecessor, signs it and writes it. Tables that would
  /// make it larger than most_proof_bytes are left out, and counted as unchecked, those that agree
  /// first. The caller has Lock::prove and, so that no sweep takes the temporary, Lock::read.
  /// Returns what stands there now. Throws what reading and writing throw; then there is none, or
  /// all of it.
  SignedProof append(Proof proof, const crypto::Secret& signing_key) const;

 private:
  [[nodiscard]] std::vector<std::filesystem::path> names() const;
  [[nodiscard]] SignedProof read(const std::filesystem::path& name) const;

  os::FileSystem& files_;
  std::filesystem::path path_;
  std::string store_;
  std::string source_;
  std::vector<crypto::Ed25519Public> signers_;
};

/// What is wrong with the records as a whole, a line each: numbers that are missing or used twice,
/// a record that does not follow the one before. Those that cannot be read are not missing; the
/// listing names them. Records at the end that are gone leave no trace.
std::vector<std::string> chain_problems(const ProofDirectory::Listing& listing);

/// What a record that is missing or cannot be read may have said.
enum class Lost : std::uint8_t {
  failure,  ///< of any backup that was verified before: for who is to rely on one
  nothing,  ///< for who must not lose one that may be good
};

/// Manifests, by their digests, of the backups that came back: passed at Level::restore or deeper,
/// and have not failed since.
std::set<std::string> proved_manifests(const ProofDirectory::Listing& listing,
                                       Lost lost = Lost::failure);

/// The newest that passed at `least` or deeper; null: none.
const SignedProof* last_proof(const ProofDirectory::Listing& listing, Level least);

/// Packs that samples have read, in the order of the last time.
std::vector<std::string> sampled_packs(const ProofDirectory::Listing& listing);

}  // namespace trackier::proof
