#include "audit/witness_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "audit/checkpoint.hpp"
#include "audit/text_lines.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "crypto/base64.hpp"

namespace trackier::audit {
namespace {

constexpr std::string_view old_word = "old ";

}  // namespace

std::string to_text(const WitnessRequest& request) {
  if (request.proof.size() > most_proof) {
    throw Error{Code::bug, "a proof of consistency that is too long"};
  }
  std::string made = fmt::format("{}{}\n", old_word, request.old_size);
  for (const Hash& each : request.proof) {
    made += crypto::padded_base64(each);
    made += '\n';
  }
  made += '\n';
  return made + to_text(request.checkpoint);
}

WitnessRequest parse_witness_request(std::string_view text) {
  TextLines lines{text, "no request to a witness"};
  const std::string_view first = lines.next();
  const auto old_size = first.starts_with(old_word) ? decimal_in(first.substr(old_word.size()))
                                                    : std::optional<std::uint64_t>{};
  if (!old_size) {
    lines.refuse("it does not begin with an old size");
  }
  WitnessRequest made{.old_size = *old_size,
                      .proof = lines.hashes(most_proof),
                      .checkpoint = parse_note(lines.rest())};
  parse_checkpoint(made.checkpoint.text);  // throws for what is none
  return made;
}

std::string to_text(const NoteSignature& signature) {
  // A note of this signature alone, without its text and the empty line behind it.
  constexpr std::size_t before = 3;
  return to_text(Note{.text = "-\n", .signatures = {signature}}).substr(before);
}

NoteSignature cosignature_in(std::string_view answer, const Note& checkpoint,
                             const NoteKey& witness) {
  // "To parse the response, the client MAY concatenate it to the checkpoint"
  const Note answered = parse_note(checkpoint.text + "\n" + std::string{answer});
  if (answered.text == checkpoint.text) {
    for (const NoteSignature& each : answered.signatures) {
      const Note one{.text = checkpoint.text, .signatures = {each}};
      const auto signers = signers_of(one, std::array{witness});
      if (!signers.empty() && signers.front().at) {
        return each;
      }
    }
  }
  throw Error{Code::data, fmt::format("no cosignature of {}", printable(witness.name))};
}

std::string witness_size_text(std::uint64_t size) {
  return fmt::format("{}\n", size);
}

std::optional<std::uint64_t> parse_witness_size(std::string_view answer) {
  if (!answer.ends_with('\n')) {
    return std::nullopt;
  }
  answer.remove_suffix(1);
  return decimal_in(answer);
}

}  // namespace trackier::audit
