#include "audit/checkpoints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "audit/tree.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "os/replace_file.hpp"
#include "os/whole_file.hpp"

namespace trackier::audit {
namespace {

constexpr std::size_t most_kept_bytes = std::size_t{1} << 30U;
constexpr unsigned private_file = 0600;

void replace(os::FileSystem& files, const std::filesystem::path& path, std::string_view text) {
  os::ReplaceFile file{files, path, {.replace = true}};
  file.write(as_bytes(text));
  file.finish();
}

/// The log must still have what was signed once.
void expect_grown(Tree& tree, const Checkpoint& signed_before) {
  if (signed_before.size > tree.size() || tree.root_at(signed_before.size) != signed_before.root) {
    throw Error{Code::data,
                fmt::format("the audit log is not the one that was signed at {} records",
                            signed_before.size),
                "trackier-ctl audit verify says what is wrong; nothing more is signed until it is "
                "cleared up"};
  }
}

/// Where the last whole note in `checkpoints` ends; what follows was cut short. The empty line that
/// ends a note stands behind a signature, that inside of one does not.
std::uint64_t end_of_kept(os::File& file) {
  const std::uint64_t size = file.status().size;
  std::string text(std::min<std::uint64_t>(size, 2 * most_note_bytes), '\0');
  const std::uint64_t begin = size - text.size();
  text.resize(file.read_at(begin, std::as_writable_bytes(std::span{text})));
  for (std::size_t at = text.rfind("\n\n"); at != std::string::npos && at != 0;
       at = text.rfind("\n\n", at - 1)) {
    const std::size_t line = text.rfind('\n', at - 1);
    if (std::string_view{text}.substr(line + 1).starts_with("\u2014 ")) {
      return begin + at + 2;
    }
  }
  return 0;
}

/// What is signed must survive a power cut, also what a run left that was killed before its sync.
void sync_last(os::FileSystem& files, const std::filesystem::path& directory) {
  const auto segments = segments_in(files, directory);
  if (!segments.empty()) {
    files.open_for_update(directory / segment_name(segments.back()))->sync_data();
    files.sync_directory(directory);
  }
}

}  // namespace

std::optional<std::string> newest_checkpoint(os::FileSystem& files,
                                             const std::filesystem::path& directory) {
  const auto path = directory / checkpoint_name;
  return files.entry(path) ? std::optional{os::read_whole(files, path, most_note_bytes)}
                           : std::nullopt;
}

std::vector<std::string> kept_checkpoints(os::FileSystem& files,
                                          const std::filesystem::path& directory) {
  std::vector<std::string> notes;
  const auto path = directory / checkpoints_name;
  if (!files.entry(path)) {
    return notes;
  }
  const std::string text = os::read_whole(files, path, most_kept_bytes);
  // Neither a checkpoint nor its signatures have an empty line; one is between them, one behind.
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t body = rest.find("\n\n");
    const std::size_t end = body == std::string_view::npos ? body : rest.find("\n\n", body + 2);
    if (end == std::string_view::npos) {
      break;  // of a run that was ended while it wrote; `checkpoint` has it too, or nobody has
    }
    notes.emplace_back(rest.substr(0, end + 1));
    rest.remove_prefix(end + 2);
  }
  return notes;
}

std::string Checkpoints::sign(const std::string& origin, const crypto::Secret& key) {
  os::FileSystem& files = log_.files();
  const auto& directory = log_.options().directory;
  const auto held = hold_log(files, directory, log_.options().patience, {});
  Tree tree{files, directory};
  if (const auto before = newest_checkpoint(files, directory)) {
    const Checkpoint old = parse_checkpoint(parse_note(*before).text);
    expect_grown(tree, old);
    if (old.size == tree.size() && old.origin == origin) {
      const NoteKey own{
          .name = origin, .kind = KeyKind::ed25519, .key = crypto::ed25519_public(key)};
      if (!signers_of(parse_note(*before), std::array{own}).empty()) {
        return *before;
      }
    }
  }
  Note note{.text = to_text(Checkpoint{
                .origin = origin, .size = tree.size(), .root = tree.root_at(tree.size())})};
  note.signatures.push_back(sign_note(note.text, origin, key));
  std::string text = to_text(note);
  sync_last(files, directory);
  replace(files, directory / checkpoint_name, text);
  return text;
}

Anchor Checkpoints::keep(std::string_view note, const Policy& policy) {
  os::FileSystem& files = log_.files();
  const auto& directory = log_.options().directory;
  Anchor anchor = check_anchor(parse_note(note), policy);
  if (anchor.witnesses.size() < std::max<std::size_t>(policy.quorum, 1)) {
    throw Error{Code::verdict, fmt::format("{} of {} witnesses have signed",
                                           anchor.witnesses.size(), policy.quorum)};
  }
  {
    const auto held = hold_log(files, directory, log_.options().patience, {});
    Tree tree{files, directory};
    expect_grown(tree, anchor.checkpoint);
    const auto path = directory / checkpoints_name;
    auto file = files.entry(path) ? files.open_for_update(path)
                                  : files.create_exclusive(path, private_file);
    if (!file) {
      throw Error{Code::io, fmt::format("{} comes and goes", printable(path.native()))};
    }
    const std::uint64_t end = end_of_kept(*file);
    file->truncate(end);
    file->write_at(end, as_bytes(std::string{note} + "\n"));
    file->sync();
    files.sync_directory(directory);
    const auto newest = newest_checkpoint(files, directory);
    if (!newest || parse_checkpoint(parse_note(*newest).text).size <= anchor.checkpoint.size) {
      replace(files, directory / checkpoint_name, note);
    }
  }
  log_.anchored(anchor.checkpoint.size, anchor.checkpoint.root, anchor.witnesses.size());
  return anchor;
}

std::vector<Hash> Checkpoints::consistency(std::uint64_t old_size, std::uint64_t size) {
  const auto held = hold_log(log_.files(), log_.options().directory, log_.options().patience,
                             log_.options().stop);
  Tree tree{log_.files(), log_.options().directory};
  if (old_size > size || size > tree.size()) {
    throw Error{Code::usage, fmt::format("the audit log has {} records", tree.size())};
  }
  return tree.consistency(old_size, size);
}

TlogProof Checkpoints::prove(std::uint64_t index) {
  os::FileSystem& files = log_.files();
  const auto& directory = log_.options().directory;
  const auto held = hold_log(files, directory, log_.options().patience, log_.options().stop);
  auto notes = kept_checkpoints(files, directory);
  std::ranges::reverse(notes);
  if (auto newest = newest_checkpoint(files, directory)) {
    notes.push_back(std::move(*newest));
  }
  Tree tree{files, directory};
  for (const std::string& each : notes) {
    Note note = parse_note(each);
    const Checkpoint checkpoint = parse_checkpoint(note.text);
    if (index < checkpoint.size) {
      expect_grown(tree, checkpoint);
      return {.extra = std::nullopt,
              .index = index,
              .path = tree.inclusion(index, checkpoint.size),
              .checkpoint = std::move(note)};
    }
  }
  throw Error{Code::verdict, fmt::format("no checkpoint covers record {} yet", index),
              "sign one, and have it witnessed"};
}

}  // namespace trackier::audit
