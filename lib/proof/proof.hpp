#pragma once
/// The record of a drill: what was checked of a backup, how, with which result, and what was not.
/// One line of canonical JSON (RFC 8785) and a signature. trackier-proof(5).

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "content/content.hpp"
#include "core/time.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/secret.hpp"

namespace trackier::proof {

/// The order is that of importance: the worst of all checks that are about the backup is the
/// verdict of the drill.
enum class Verdict : std::uint8_t {
  passed,
  not_evaluated,   ///< a tool, the key, space is missing: nothing is known
  same_as_source,  ///< damaged, and so was the source when the backup was taken
  failed,
};

/// "passed", "could not be evaluated", "same as source", "failed".
std::string_view words_of(Verdict verdict);

/// How deep a drill goes; each contains those before it.
enum class Level : std::uint8_t { chain, structure, data, restore, content, application };

std::string_view name_of(Level level);
std::optional<Level> parse_level(std::string_view name);

struct Check {
  std::string name;  ///< "manifests", "packs", "page tree", "integrity_check", ...
  Level level = Level::chain;
  std::string command;  ///< the statement or program that was run; empty: our own code
  Verdict verdict = Verdict::passed;
  std::uint64_t checked = 0;  ///< objects: packs, pages, tables; a check of nothing does not pass
  std::string unit;           ///< of `checked`: "packs"
  std::string why;            ///< why it is not "passed"; a remark when it is
  std::chrono::milliseconds took{};
  std::vector<content::Difference> differences;  ///< the first twenty
  std::uint64_t difference_count = 0;            ///< all there were

  friend bool operator==(const Check&, const Check&) = default;
};

/// Rows and digest of a table, as they were when the backup was taken and as they came back.
struct TableProof {
  std::string name;
  std::optional<std::uint64_t> expected_rows;
  std::optional<std::uint64_t> found_rows;
  std::string expected;  ///< digest; empty: there was none
  std::string found;

  friend bool operator==(const TableProof&, const TableProof&) = default;
};

struct Proof {
  std::string store;
  std::string source;
  std::string kind;    ///< as in store::Manifest
  std::string backup;  ///< id
  std::uint64_t backup_sequence = 0;
  std::string manifest;  ///< its digest
  Time slot;
  Time taken;
  Level level = Level::content;
  Verdict verdict = Verdict::passed;
  Time started;
  Time finished;
  std::uint64_t sequence = 0;  ///< of the proofs of the source, from 1 on, at most most_sequence
  std::string previous;        ///< SHA-256 of the record before; empty: it is the first
  std::string host;
  std::string by;                                ///< a claim: the user who ran it
  std::string tool;                              ///< "trackier-ctl 0.1.0"
  std::string tool_digest;                       ///< SHA-256 of the program
  std::uint64_t bytes = 0;                       ///< of the source, that were read back
  std::optional<std::chrono::milliseconds> rpo;  ///< age of the data when the drill began
  std::optional<std::chrono::milliseconds> rto;  ///< from its beginning to answering queries
  std::vector<Check> checks;
  std::vector<TableProof> tables;
  std::vector<content::Unchecked> unchecked;
  /// What is different here from where the backup was made: name, there, here.
  struct Environment {
    std::string name;  ///< "PostgreSQL", "glibc", "extension postgis"
    std::string source;
    std::string here;

    friend bool operator==(const Environment&, const Environment&) = default;
  };
  std::vector<Environment> environment;
  std::vector<std::string> packs;  ///< of a sample, those that were read

  friend bool operator==(const Proof&, const Proof&) = default;
};

/// Eight digits, so that the order of file names is that of numbers.
inline constexpr std::uint64_t most_sequence = 99'999'999;
inline constexpr std::size_t most_proof_bytes = std::size_t{16} << 20U;

struct SignedProof {
  Proof proof;
  crypto::Ed25519Public signer{};
  std::string digest;  ///< SHA-256 of the whole text, 64 hexadecimal digits
  Time received;       ///< when the store got it, by its own clock; only ProofDirectory knows
};

/// The record, one line of canonical JSON without a line end. Bytes that are not UTF-8 become
/// U+FFFD; numbers above 2^53 - 1, which JSON does not promise to keep, become that, and negative
/// times 0.
std::string json_of(const Proof& proof);

std::string sign_proof(const Proof& proof, const crypto::Secret& signing_key);

/// name: what errors call it, printable. Members that nobody knows are passed over, for a later
/// program may have more to say. Throws Error{Code::data}: not a proof, of a later version, not
/// written as RFC 8785 asks for, larger than most_proof_bytes, or the signature does not agree.
SignedProof parse_proof(std::string_view text, const std::string& name);

/// "00000007-20261123T101500Z-BACKUPID.json": in order of their names they are in order of
/// sequence.
std::string file_name_of(const Proof& proof);

}  // namespace trackier::proof
