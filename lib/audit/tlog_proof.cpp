#include "audit/tlog_proof.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "audit/text_lines.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "crypto/base64.hpp"

namespace trackier::audit {
namespace {

constexpr std::string_view first_line = "c2sp.org/tlog-proof@v1";
constexpr std::string_view extra_word = "extra ";
constexpr std::string_view index_word = "index ";
constexpr std::size_t most_path = 63;  ///< levels above a leaf in a tree of 2^63

}  // namespace

std::string to_text(const TlogProof& proof) {
  std::string made{first_line};
  made += '\n';
  if (proof.extra) {
    made += fmt::format("{}{}\n", extra_word, crypto::padded_base64(as_bytes(*proof.extra)));
  }
  made += fmt::format("{}{}\n", index_word, proof.index);
  for (const Hash& each : proof.path) {
    made += crypto::padded_base64(each);
    made += '\n';
  }
  made += '\n';
  return made + to_text(proof.checkpoint);
}

TlogProof parse_tlog_proof(std::string_view text) {
  TextLines lines{text, "no proof of a record"};
  if (lines.next() != first_line) {
    lines.refuse("another file, or a later version");
  }
  TlogProof made;
  std::string_view line = lines.next();
  if (line.starts_with(extra_word)) {
    made.extra = crypto::bytes_from_padded_base64(line.substr(extra_word.size()));
    if (!made.extra) {
      lines.refuse("what it has as extra is no base64");
    }
    line = lines.next();
  }
  if (!line.starts_with(index_word)) {
    lines.refuse("it has no index");
  }
  const auto index = decimal_in(line.substr(index_word.size()));
  if (!index) {
    lines.refuse("its index is no number");
  }
  made.index = *index;
  made.path = lines.hashes(most_path);
  made.checkpoint = parse_note(lines.rest());
  return made;
}

Anchor check_anchor(const Note& note, const Policy& policy) {
  Anchor made{.checkpoint = parse_checkpoint(note.text)};
  const auto by_log = signers_of(note, policy.log);
  const auto of_origin = std::ranges::find_if(by_log, [&](const Signed& each) {
    return each.by.kind == KeyKind::ed25519 && each.by.name == made.checkpoint.origin;
  });
  if (of_origin == by_log.end()) {
    throw Error{Code::data, fmt::format("no key of ours has signed the checkpoint of {}",
                                        printable(made.checkpoint.origin))};
  }
  made.log = of_origin->by;
  std::vector<Time> times;
  for (const Signed& each : signers_of(note, policy.witnesses)) {
    if (each.at) {
      made.witnesses.push_back(each);
      times.push_back(*each.at);
    }
  }
  std::ranges::sort(times);
  if (policy.quorum != 0 && times.size() >= policy.quorum) {
    made.seen = times[policy.quorum - 1];
  }
  return made;
}

Anchor check(const TlogProof& proof, Bytes record, const Policy& policy) {
  Anchor made = check_anchor(proof.checkpoint, policy);
  if (!verify_inclusion(leaf_hash(record), proof.index, made.checkpoint.size, proof.path,
                        made.checkpoint.root)) {
    throw Error{Code::data, "the proof is not of this record"};
  }
  if (policy.quorum != 0 && !made.seen) {
    throw Error{Code::verdict, fmt::format("{} of {} witnesses have signed", made.witnesses.size(),
                                           policy.quorum)};
  }
  return made;
}

}  // namespace trackier::audit
