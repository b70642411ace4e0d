// What an audit log and its witnesses write: records, notes, proofs.
#include <algorithm>
#include <string>

#include "audit/checkpoint.hpp"
#include "audit/note.hpp"
#include "audit/record.hpp"
#include "audit/tlog_proof.hpp"
#include "audit/witness_request.hpp"
#include "core/error.hpp"
#include "targets.hpp"

namespace trackier::fuzz {

/// A line of an audit log.
void audit_record(std::string_view input) {
  audit::Record record;
  if (!audit::parse_record(input, record)) {
    return;
  }
  require_equal(audit::to_text(record), input, "a record has one form");
  audit::Record again;
  again.args.resize(3);
  require(audit::parse_record(input, again) && again == record,
          "what was in a record before does not matter");
}

/// A signed note; its text is a checkpoint, perhaps.
void signed_note(std::string_view input) {
  try {
    const audit::Note note = audit::parse_note(input);
    require_equal(audit::to_text(note), input, "a note has one form");
    const audit::Checkpoint checkpoint = audit::parse_checkpoint(note.text);
    require_equal(audit::to_text(checkpoint), note.text, "a checkpoint has one form");
  } catch (const Error& error) {
    require(error.code() == Code::data, "a note that is none is bad data");
  }
}

/// The first line is a key, the rest a proof.
void tlog_proof(std::string_view input) {
  const std::size_t end = std::min(input.find('\n'), input.size());
  audit::Policy policy;
  try {
    const audit::NoteKey key = audit::parse_note_key(input.substr(0, end));
    require_equal(audit::to_text(key), input.substr(0, end), "a key has one form");
    policy.log.push_back(key);
    policy.witnesses.push_back(key);
  } catch (const Error& error) {
    require(error.code() == Code::data, "a key that is none is bad data");
  }
  const std::string_view rest = input.substr(std::min(end + 1, input.size()));
  try {
    const audit::TlogProof proof = audit::parse_tlog_proof(rest);
    require_equal(audit::to_text(proof), rest, "a proof has one form");
    audit::check(proof, as_bytes("record"), policy);
  } catch (const Error& error) {
    require(error.code() == Code::data || error.code() == Code::verdict,
            "a proof that is none is bad data");
  }
}

/// What a witness is asked; and the same bytes as an answer of one.
void witness_request(std::string_view input) {
  try {
    const audit::WitnessRequest request = audit::parse_witness_request(input);
    require_equal(audit::to_text(request), input, "a request has one form");
  } catch (const Error& error) {
    require(error.code() == Code::data, "a request that is none is bad data");
  }
  if (const auto size = audit::parse_witness_size(input)) {
    require_equal(audit::witness_size_text(*size), input, "a size has one form");
  }
  const audit::Note checkpoint{.text = "log.example\n0\n-\n", .signatures = {}};
  const audit::NoteKey witness{
      .name = "witness.example/w", .kind = audit::KeyKind::cosignature, .key = {}};
  try {
    audit::cosignature_in(input, checkpoint, witness);
  } catch (const Error& error) {
    require(error.code() == Code::data, "an answer that is none is bad data");
  }
}

}  // namespace trackier::fuzz
