#include "audit/tlog_proof.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/error.hpp"
#include "core/text.hpp"
#include "crypto/base64.hpp"

namespace trackier::audit {
namespace {

constexpr std::string_view first_line = "c2sp.org/tlog-proof@v1";
constexpr std::string_view extra_word = "extra ";
constexpr std::string_view index_word = "index ";
constexpr std::size_t most_path = 63;  ///< levels above a leaf in a tree of 2^63

[[noreturn]] void refuse(const char* why) {
  throw Error{Code::data, fmt::format("no proof of a record: {}", why)};
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

std::uint64_t index_in(std::string_view text) {
  std::uint64_t index = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, index);
  if (read.ec != std::errc{} || read.ptr != end || fmt::format("{}", index) != text) {
    refuse("its index is no number");
  }
  return index;
}

Hash hash_in(std::string_view text) {
  const auto bytes = crypto::bytes_from_padded_base64(text);
  Hash made{};
  if (!bytes || bytes->size() != made.size()) {
    refuse("a line of its path is no hash");
  }
  std::ranges::copy(as_bytes(*bytes), made.begin());
  return made;
}

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
  if (text.size() > most_note_bytes) {
    refuse("it is too long");
  }
  std::string_view rest = text;
  if (next_line(rest) != first_line) {
    refuse("another file, or a later version");
  }
  TlogProof made;
  std::string_view line = next_line(rest);
  if (line.starts_with(extra_word)) {
    made.extra = crypto::bytes_from_padded_base64(line.substr(extra_word.size()));
    if (!made.extra) {
      refuse("what it has as extra is no base64");
    }
    line = next_line(rest);
  }
  if (!line.starts_with(index_word)) {
    refuse("it has no index");
  }
  made.index = index_in(line.substr(index_word.size()));
  for (line = next_line(rest); !line.empty(); line = next_line(rest)) {
    if (made.path.size() == most_path) {
      refuse("its path is too long");
    }
    made.path.push_back(hash_in(line));
  }
  made.checkpoint = parse_note(rest);
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
