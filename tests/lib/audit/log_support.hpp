#pragma once
/// A log of an invented machine, and what tests ask of it.

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "audit/checkpoints.hpp"
#include "audit/log.hpp"
#include "audit/operation.hpp"
#include "audit/verify.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::audit {

inline crypto::Secret key_of(char letter) {
  return crypto::Secret::copy_of(as_bytes(std::string(32, letter)));
}

inline const std::string origin = "log.example/db1";

inline NoteKey witness_key(char letter) {
  return {.name = std::string{"witness.example/"} + letter,
          .kind = KeyKind::cosignature,
          .key = crypto::ed25519_public(key_of(letter))};
}

inline Policy policy() {
  return {.log = {{.name = origin,
                   .kind = KeyKind::ed25519,
                   .key = crypto::ed25519_public(key_of('l'))}},
          .witnesses = {witness_key('w')},
          .quorum = 1};
}

/// What a witness does with a note that it finds sound.
inline std::string witnessed(const std::string& note_text, std::int64_t seconds = 1'795'776'300) {
  Note note = parse_note(note_text);
  note.signatures.push_back(cosign_note(note.text, "witness.example/w", key_of('w'),
                                        Time{std::chrono::seconds{seconds}}));
  return to_text(note);
}

/// A machine on which a process has a number; the numbers in `gone` are of processes that ended.
struct Machine {
  std::set<std::uint64_t> gone;
  std::uint64_t pid = 100;
  std::int64_t now_ms = 1'795'776'255'000;

  Writer writer() {
    return {.actor = {.uid = 0, .login = 1000, .ssh_key = {}, .claims = {}},
            .process = {.boot = "boot-1", .space = 4, .pid = pid, .start = 7},
            .host = "db1",
            .now =
                [this] {
                  return Stamp{.at = Milliseconds{std::chrono::milliseconds{now_ms++}},
                               .boot_us = 1000};
                },
            .is_gone = [this](const Process& process) { return gone.contains(process.pid); }};
  }
};

inline Log log_in(os::FileSystem& files, const std::filesystem::path& directory, Machine& machine,
                  std::uint64_t segment_bytes = std::uint64_t{64} << 20U) {
  return Log{files, {.directory = directory, .segment_bytes = segment_bytes}, machine.writer()};
}

/// `count` operations, each an intent and an outcome.
inline void record(Log& log, int count) {
  for (int i = 0; i < count; ++i) {
    Operation operation{log, "backup", {{"run", static_cast<std::uint64_t>(i)}}};
    operation.succeeded();
  }
}

inline Report verified(os::FileSystem& files, const std::filesystem::path& directory,
                       std::vector<std::string> elsewhere = {}) {
  return verify(files,
                {.directory = directory, .policy = policy(), .checkpoints = std::move(elsewhere)});
}

/// All lines of a segment, without their ends.
inline std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::vector<std::string> lines;
  std::istringstream text{test::content_of(path)};
  for (std::string line; std::getline(text, line);) {
    lines.push_back(line);
  }
  return lines;
}

inline void write_lines(const std::filesystem::path& path, const std::vector<std::string>& lines) {
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  for (const std::string& line : lines) {
    file << line << '\n';
  }
}

inline Record record_in(const std::string& line) {
  Record record;
  if (!parse_record(line, record)) {
    throw std::runtime_error("no record: " + line);
  }
  return record;
}

/// Numbers and chains the lines anew, as somebody does who can write the files.
inline std::vector<std::string> chained(const std::vector<std::string>& lines) {
  std::vector<std::string> made;
  Hash previous{};
  for (const std::string& line : lines) {
    Record record = record_in(line);
    record.seq = made.size();
    record.previous = previous;
    made.push_back(to_text(record));
    previous = leaf_hash(as_bytes(made.back()));
  }
  return made;
}

}  // namespace trackier::audit
