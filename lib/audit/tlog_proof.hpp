#pragma once
/// One record of a log with all that proves it: a text file that is checked without the log, years
/// later (c2sp.org/tlog-proof, version 1).

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/merkle.hpp"
#include "audit/note.hpp"

namespace trackier::audit {

struct TlogProof {
  std::optional<std::string> extra;  ///< bytes that nothing vouches for
  std::uint64_t index = 0;           ///< of the record, from 0
  std::vector<Hash> path;            ///< inclusion proof
  Note checkpoint;

  friend bool operator==(const TlogProof&, const TlogProof&) = default;
};

std::string to_text(const TlogProof& proof);

/// Exactly what to_text() writes. Throws Error{Code::data}.
TlogProof parse_tlog_proof(std::string_view text);

/// Whom to believe: the log, by its name and key, and so many of these witnesses.
struct Policy {
  std::vector<NoteKey> log;  ///< keys of the log: one, or several after it changed its key; their
                             ///< name is the origin of its checkpoints
  std::vector<NoteKey> witnesses;
  std::size_t quorum = 1;  ///< witnesses that have to agree; 0: the log's word is enough
};

/// A checkpoint that the log has signed, and who saw it.
struct Anchor {
  Checkpoint checkpoint;
  NoteKey log;
  std::vector<Signed> witnesses;  ///< of the policy

  /// When the quorum was reached: no later than this had the log the content it has up to here.
  /// None: too few witnesses.
  std::optional<Time> seen;
};

/// Throws Error{Code::data} when `note` is no checkpoint, when no key of the log has signed it, its
/// origin is not the name of that key, or a signature of a known key is wrong.
Anchor check_anchor(const Note& note, const Policy& policy);

/// That `record`, without its line end, is in the log. Throws Error{Code::data} when the proof does
/// not show it, and Error{Code::verdict} when too few witnesses have signed.
Anchor check(const TlogProof& proof, Bytes record, const Policy& policy);

}  // namespace trackier::audit
