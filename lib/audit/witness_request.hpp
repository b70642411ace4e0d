#pragma once
/// What a log asks of a witness and what it answers: the bodies of `add-checkpoint` in
/// c2sp.org/tlog-witness, which go through a pipe here, and not through HTTP.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/merkle.hpp"
#include "audit/note.hpp"

namespace trackier::audit {

/// "Cosign this checkpoint. You have seen the log at `old_size`, and it has only grown since."
struct WitnessRequest {
  std::uint64_t old_size = 0;
  std::vector<Hash> proof;  ///< of consistency; at most most_proof
  Note checkpoint;

  friend bool operator==(const WitnessRequest&, const WitnessRequest&) = default;
};

/// "The client MUST NOT send more than 63 consistency proof lines."
inline constexpr std::size_t most_proof = 63;

std::string to_text(const WitnessRequest& request);

/// Exactly what to_text() writes of a checkpoint, in most_note_bytes. Throws Error{Code::data}.
WitnessRequest parse_witness_request(std::string_view text);

/// A line of a signature, with its end.
std::string to_text(const NoteSignature& signature);

/// answer: lines of signatures. The sound cosignature of `witness` of the checkpoint; those of
/// others are passed over. Throws Error{Code::data} when there is none, it is wrong, or the answer
/// is none.
NoteSignature cosignature_in(std::string_view answer, const Note& checkpoint,
                             const NoteKey& witness);

/// The answer to an old size that is not the one the witness has cosigned last: that one.
std::string witness_size_text(std::uint64_t size);

/// None when it is no such answer.
std::optional<std::uint64_t> parse_witness_size(std::string_view answer);

}  // namespace trackier::audit
