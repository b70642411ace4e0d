#include "audit/witness.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "audit/segments.hpp"
#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "core/text.hpp"
#include "crypto/digest.hpp"
#include "os/replace_file.hpp"
#include "os/whole_file.hpp"

namespace trackier::audit {
namespace {

constexpr std::string_view suffix = ".note";

Error damaged(const std::filesystem::path& path, const std::string& why) {
  return Error{Code::data, fmt::format("{}: {}", printable(path.native()), why),
               "the witness has forgotten what it saw: look at the host, and where its log is as "
               "it was, restore the file from a backup"};
}

}  // namespace

bool is_silent(const SeenLog& seen, Time now, std::chrono::seconds limit) {
  constexpr std::chrono::minutes grace{5};
  return !seen.heard || now - *seen.heard > limit || *seen.heard > now + grace;
}

Witness::Witness(os::FileSystem& files, WitnessOptions options, const crypto::Secret& key)
    : files_(files),
      options_(std::move(options)),
      key_(key),
      own_{
          .name = options_.name, .kind = KeyKind::cosignature, .key = crypto::ed25519_public(key)} {
}

std::filesystem::path Witness::path_of(const std::string& origin) const {
  // An origin is nearly any text, and names of files are not.
  return options_.directory / (hexadecimal(crypto::sha256(as_bytes(origin))) + std::string{suffix});
}

Witness::Latest Witness::latest(const std::string& origin) const {
  const auto path = path_of(origin);
  if (!files_.entry(path)) {
    return {
        .checkpoint = {.origin = origin, .size = 0, .root = Frontier{}.root(), .extensions = {}},
        .at = std::nullopt};
  }
  const std::string text = os::read_whole(files_, path, most_note_bytes);
  Latest made;
  try {
    const Note note = parse_note(text);
    made.checkpoint = parse_checkpoint(note.text);
    // None: it was cosigned by an earlier key of this witness.
    const auto signers = signers_of(note, std::array{own_});
    made.at = signers.empty() ? std::nullopt : signers.front().at;
  } catch (const Error& error) {
    if (error.code() != Code::data) {
      throw;
    }
    throw damaged(path, error.what());
  }
  if (made.checkpoint.origin != origin) {
    throw damaged(path, "it is of another log");
  }
  return made;
}

NoteSignature Witness::signature_of_log(const Note& note, const std::string& origin) const {
  bool is_known = false;
  for (const NoteKey& key : options_.hosts) {
    if (key.name != origin || key.kind != KeyKind::ed25519) {
      continue;
    }
    is_known = true;
    for (const NoteSignature& each : note.signatures) {
      if (each.name != key.name || each.id != key.id()) {
        continue;
      }
      try {
        signers_of({.text = note.text, .signatures = {each}}, std::array{key});
        return each;
      } catch (const Error& error) {
        if (error.code() != Code::data) {
          throw;
        }
      }
    }
  }
  throw Error{Code::no_permission,
              is_known ? fmt::format("no key of {} has signed the checkpoint", printable(origin))
                       : fmt::format("{} is no log of ours", printable(origin)),
              is_known ? "the host has another key now, or it is another host"
                       : "add its key to the settings of the witness, as [[audit.host]]"};
}

void Witness::sweep() const {
  for (const auto& name : files_.list(options_.directory)) {
    if (name.native().starts_with('.') && name.extension() == ".tmp") {
      files_.remove(options_.directory / name);  // of a run that was killed; we hold the lock
    }
  }
}

WitnessAnswer Witness::add(const WitnessRequest& request, Time now) {
  const Checkpoint asked = parse_checkpoint(request.checkpoint.text);
  const NoteSignature by_log = signature_of_log(request.checkpoint, asked.origin);
  if (request.old_size > asked.size) {
    throw Error{Code::data, fmt::format("the old size, {}, is larger than the new one, {}",
                                        request.old_size, asked.size)};
  }
  prepare_directory(files_, options_.directory);
  const auto held = hold_log(files_, options_.directory, options_.patience, options_.stop);
  const Latest before = latest(asked.origin);
  const auto refused = [&](Refusal why) {
    return WitnessAnswer{
        .refusal = why, .size = before.checkpoint.size, .cosignature = std::nullopt};
  };
  if (request.old_size != before.checkpoint.size) {
    return refused(Refusal::other_size);
  }
  if (asked.size == before.checkpoint.size && asked.root != before.checkpoint.root) {
    return refused(Refusal::other_root);
  }
  // "The proof MUST be empty if the old size is zero."
  if ((request.old_size == 0 && !request.proof.empty()) ||
      !verify_consistency(request.old_size, before.checkpoint.root, asked.size, asked.root,
                          request.proof)) {
    return refused(Refusal::no_proof);
  }
  const Time at = std::max(now, before.at.value_or(now));
  NoteSignature ours = cosign_note(request.checkpoint.text, own_.name, key_, at);
  sweep();
  os::ReplaceFile file{files_, path_of(asked.origin), {.replace = true}};
  file.write(
      as_bytes(to_text(Note{.text = request.checkpoint.text, .signatures = {by_log, ours}})));
  file.finish();
  return {.refusal = std::nullopt, .size = asked.size, .cosignature = std::move(ours)};
}

SeenLog Witness::seen(const std::string& origin) const {
  const Latest found = latest(origin);
  return {
      .origin = origin, .size = found.checkpoint.size, .heard = found.at, .file = path_of(origin)};
}

std::vector<std::string> Witness::origins() const {
  std::vector<std::string> made;
  for (const NoteKey& each : options_.hosts) {
    made.push_back(each.name);
  }
  std::ranges::sort(made);
  made.erase(std::unique(made.begin(), made.end()), made.end());
  return made;
}

}  // namespace trackier::audit
