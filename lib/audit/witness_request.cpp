#include "audit/witness_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "audit/checkpoint.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "crypto/base64.hpp"

namespace trackier::audit {
namespace {

constexpr std::string_view old_word = "old ";

[[noreturn]] void refuse(const char* why) {
  throw Error{Code::data, fmt::format("no request to a witness: {}", why)};
}

/// Takes the next line, without its end, off `rest`.
std::string_view next_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) {
    refuse("it is cut short");
  }
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

/// "ASCII decimal with no leading zeroes (unless the size is zero [...])"
std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc{} && read.ptr == end && fmt::format("{}", number) == text
             ? std::optional{number}
             : std::nullopt;
}

Hash hash_in(std::string_view text) {
  const auto bytes = crypto::bytes_from_padded_base64(text);
  Hash made{};
  if (!bytes || bytes->size() != made.size()) {
    refuse("a line of its proof is no hash");
  }
  std::ranges::copy(as_bytes(*bytes), made.begin());
  return made;
}

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
  if (text.size() > most_note_bytes) {
    refuse("it is too long");
  }
  std::string_view rest = text;
  const std::string_view first = next_line(rest);
  const auto old_size = first.starts_with(old_word) ? number_in(first.substr(old_word.size()))
                                                    : std::optional<std::uint64_t>{};
  if (!old_size) {
    refuse("it does not begin with an old size");
  }
  WitnessRequest made{.old_size = *old_size, .proof = {}, .checkpoint = {}};
  for (std::string_view line = next_line(rest); !line.empty(); line = next_line(rest)) {
    if (made.proof.size() == most_proof) {
      refuse("its proof is too long");
    }
    made.proof.push_back(hash_in(line));
  }
  made.checkpoint = parse_note(rest);
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
  return number_in(answer);
}

}  // namespace trackier::audit
