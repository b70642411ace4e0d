// The attacks of trackier-audit(5), WHAT VERIFYING SHOWS: what is seen, and what is not.
#include "audit/verify.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "log_support.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::audit {
namespace {

using test::content_of;
using test::error_of;

using Lines = std::vector<std::string>;

/// 94 records, or 95 with that of the anchor; what was witnessed covers the first 90.
struct Fixture {
  test::TemporaryDirectory temporary;
  std::filesystem::path directory = temporary / "audit";
  std::filesystem::path segment = directory / "00000001.jsonl";
  Machine machine;
  std::string seen_by_witness;  ///< the note that the witness has, too

  /// What is there beside the segment.
  enum class With { nothing, host_checkpoint, witness };

  /// Each kind is made once; making one syncs a hundred times.
  void make(With with) {
    std::filesystem::remove_all(directory);
    const auto kept = made_before() / std::to_string(static_cast<int>(with));
    if (!std::filesystem::exists(kept)) {
      make_anew(with);
      std::filesystem::copy(directory, kept);
    } else {
      std::filesystem::copy(kept, directory);
    }
    const auto notes = kept_checkpoints(os::posix(), directory);
    seen_by_witness = notes.empty() ? std::string{} : notes.front();
  }

  static const std::filesystem::path& made_before() {
    static const test::TemporaryDirectory all;
    return all.path();
  }

  void make_anew(With with) {
    machine = Machine{};
    Log log = log_in(os::posix(), directory, machine);
    record(log, 45);
    Checkpoints checkpoints{log};
    const std::string note = checkpoints.sign(origin, key_of('l'));
    if (with == With::witness) {
      checkpoints.keep(witnessed(note), policy());
    }
    record(log, 2);
    if (with == With::nothing) {
      std::filesystem::remove(directory / checkpoint_name);
    } else {
      checkpoints.sign(origin, key_of('l'));
    }
  }

  void edit(const std::function<void(Lines&)>& change) const {
    Lines lines = lines_of(segment);
    change(lines);
    write_lines(segment, lines);
  }

  /// Signs the log as it is, as if nothing had been signed before, by whoever has that key.
  void sign_anew(char key) {
    std::filesystem::remove(directory / checkpoint_name);
    std::filesystem::remove(directory / position_name);
    Log log = log_in(os::posix(), directory, machine);
    Checkpoints{log}.sign(origin, key_of(key));
  }

  [[nodiscard]] Report report() const { return verified(os::posix(), directory); }
  [[nodiscard]] Verdict verdict() const { return report().verdict; }
  [[nodiscard]] Verdict verdict_of_auditor() const {
    return verified(os::posix(), directory, {seen_by_witness}).verdict;
  }
};

using With = Fixture::With;

void change_argument(Lines& lines, std::size_t at) {
  Record record = record_in(lines[at]);
  record.args = {{"run", std::uint64_t{999}}};
  lines[at] = to_text(record);
}

TEST_CASE_FIXTURE(Fixture, "an intact log says how far it is anchored") {
  make(With::witness);
  const Report all = report();
  CHECK(all.verdict == Verdict::intact_anchored);
  CHECK_FALSE(all.bad.has_value());
  CHECK(all.records == 95);
  REQUIRE(all.anchor.has_value());
  CHECK(all.anchor->checkpoint.size == 90);
  CHECK(to_rfc3339(*all.anchor->seen) == "2026-11-27T10:45:00Z");
  CHECK(all.unanchored == 5);
  CHECK(all.unanchored_since == record_in(lines_of(segment)[90]).at);
  REQUIRE(all.checkpoint.has_value());
  CHECK(all.checkpoint->checkpoint.size == 95);
  CHECK(all.root == all.checkpoint->checkpoint.root);
  CHECK(all.open.empty());
  CHECK(record_in(lines_of(segment)[90]).phase == Phase::anchor);

  make(With::host_checkpoint);
  CHECK(report().verdict == Verdict::intact_unanchored);
  CHECK(report().unanchored == 94);
  CHECK_FALSE(report().anchor.has_value());
  make(With::nothing);
  CHECK(report().verdict == Verdict::intact_unanchored);
}

TEST_CASE_FIXTURE(Fixture, "changes without a new chain are seen in every log") {
  struct Attack {
    const char* name;
    std::function<void(Lines&)> change;
    Rule rule;
    std::uint64_t seq;
  };
  test::TemporaryDirectory other;
  Machine other_machine;
  other_machine.pid = 7;
  {
    Log log = log_in(os::posix(), other.path(), other_machine);
    record(log, 45);
  }
  const Lines foreign = lines_of(other / "00000001.jsonl");
  const std::vector<Attack> attacks{
      {"edited", [](Lines& lines) { change_argument(lines, 50); }, Rule::follows_hash, 51},
      {"made unreadable", [](Lines& lines) { lines[50][0] = '['; }, Rule::is_record, 50},
      {"deleted", [](Lines& lines) { lines.erase(lines.begin() + 50); }, Rule::follows_seq, 50},
      {"first deleted", [](Lines& lines) { lines.erase(lines.begin()); }, Rule::follows_seq, 0},
      {"reordered", [](Lines& lines) { std::swap(lines[50], lines[51]); }, Rule::follows_seq, 50},
      {"duplicated", [](Lines& lines) { lines.insert(lines.begin() + 50, lines[50]); },
       Rule::follows_seq, 51},
      {"spliced from another log", [&](Lines& lines) { lines[50] = foreign[50]; },
       Rule::follows_hash, 50},
      {"rest from another log",
       [&](Lines& lines) { std::copy(foreign.begin() + 50, foreign.end(), lines.begin() + 50); },
       Rule::follows_hash, 50},
      {"line put in", [](Lines& lines) { lines.insert(lines.begin() + 50, ""); }, Rule::is_record,
       50}};
  for (const With with : {With::nothing, With::host_checkpoint, With::witness}) {
    for (const Attack& attack : attacks) {
      CAPTURE(attack.name);
      make(with);
      edit(attack.change);
      const Report found = report();
      CHECK(found.verdict == Verdict::tampered);
      REQUIRE(found.bad.has_value());
      CHECK(found.bad->rule == attack.rule);
      CHECK(found.bad->seq == attack.seq);
      CHECK(found.bad->where == "00000001.jsonl:" + std::to_string(attack.seq + 1));
      CHECK(found.records == attack.seq);
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "an edit with a new chain is seen where something was signed") {
  const auto attack = [this] {
    edit([](Lines& lines) {
      change_argument(lines, 50);
      lines = chained(lines);
    });
  };
  make(With::nothing);
  attack();
  CHECK(verdict() == Verdict::intact_unanchored);  // not seen
  make(With::host_checkpoint);
  attack();
  CHECK(verdict() == Verdict::tampered);
  CHECK(report().bad->rule == Rule::has_root);
  make(With::witness);
  attack();
  CHECK(verdict() == Verdict::tampered);
  CHECK(report().bad->where == "checkpoints");
}

TEST_CASE_FIXTURE(Fixture, "an edit that the host signs anew is seen where a witness signed") {
  const auto attack = [this] {
    edit([](Lines& lines) {
      change_argument(lines, 50);
      lines = chained(lines);
    });
    sign_anew('l');
  };
  make(With::host_checkpoint);
  attack();
  CHECK(verdict() == Verdict::intact_unanchored);  // not seen
  make(With::witness);
  attack();
  CHECK(verdict() == Verdict::tampered);
  std::filesystem::remove(directory / checkpoints_name);
  CHECK(verdict() == Verdict::intact_unanchored);  // not seen here, but no longer anchored
  CHECK(verdict_of_auditor() == Verdict::tampered);
}

TEST_CASE_FIXTURE(Fixture, "an edit that somebody else signs is seen by the signature") {
  make(With::host_checkpoint);
  edit([](Lines& lines) {
    change_argument(lines, 50);
    lines = chained(lines);
  });
  sign_anew('x');
  CHECK(verdict() == Verdict::tampered);
  CHECK(report().bad->rule == Rule::is_signed);
  CHECK(report().bad->where == "checkpoint");
}

TEST_CASE_FIXTURE(Fixture, "a log that was cut off is seen up to what was signed") {
  const auto cut = [this](std::size_t size) { edit([size](Lines& lines) { lines.resize(size); }); };
  make(With::nothing);
  cut(50);
  CHECK(verdict() == Verdict::intact_unanchored);  // not seen
  make(With::host_checkpoint);
  cut(93);
  CHECK(verdict() == Verdict::tampered);
  CHECK(report().bad->rule == Rule::has_records);
  CHECK(report().bad->seq == 93);
  sign_anew('l');
  CHECK(verdict() == Verdict::intact_unanchored);  // not seen: root, with the host's key
  make(With::witness);
  cut(92);  // after the anchor, and the checkpoint wound back
  CHECK(verdict() == Verdict::tampered);
  sign_anew('l');
  CHECK(verdict() == Verdict::intact_anchored);  // not seen: the window
  CHECK(report().unanchored == 2);
  cut(60);
  sign_anew('l');
  CHECK(verdict() == Verdict::tampered);
}

TEST_CASE_FIXTURE(Fixture, "a rollback of everything is seen by who kept the note") {
  make(With::nothing);
  Log log = log_in(os::posix(), directory, machine);
  Checkpoints{log}.sign(origin, key_of('l'));
  std::filesystem::copy(directory, temporary / "snapshot");
  record(log, 3);
  Checkpoints checkpoints{log};
  seen_by_witness = witnessed(checkpoints.sign(origin, key_of('l')));
  checkpoints.keep(seen_by_witness, policy());
  CHECK(verdict() == Verdict::intact_anchored);
  std::filesystem::remove_all(directory);
  std::filesystem::copy(temporary / "snapshot", directory);
  CHECK(verdict() == Verdict::intact_unanchored);  // not seen here
  CHECK(verdict_of_auditor() == Verdict::tampered);
  // Going on from there is a fork; the witness's note tells.
  Log again = log_in(os::posix(), directory, machine);
  record(again, 10);
  Checkpoints{again}.sign(origin, key_of('l'));
  CHECK(verdict() == Verdict::intact_unanchored);
  CHECK(verdict_of_auditor() == Verdict::tampered);
}

TEST_CASE_FIXTURE(Fixture, "a log that was begun anew is seen by who kept the note") {
  make(With::witness);
  const std::string kept = seen_by_witness;
  make(With::host_checkpoint);
  CHECK(verdict() == Verdict::intact_unanchored);
  CHECK(verdict_of_auditor() == Verdict::tampered);
  std::filesystem::remove_all(directory);
  CHECK(verified(os::posix(), directory, {kept}).bad->rule == Rule::has_records);
  CHECK(error_of([this] { (void)report(); }).code() == Code::no_input);
}

TEST_CASE_FIXTURE(Fixture, "a changed last record reads as one cut short, unless it was signed") {
  const auto attack = [this] { edit([](Lines& lines) { lines.back()[3] = '\0'; }); };
  make(With::nothing);
  attack();
  CHECK(verdict() == Verdict::torn);  // the price of surviving a power cut
  CHECK(report().torn_bytes == lines_of(segment).back().size() + 1);
  make(With::host_checkpoint);
  attack();
  CHECK(verdict() == Verdict::tampered);
  CHECK(report().bad->rule == Rule::has_records);
}

TEST_CASE_FIXTURE(Fixture, "what is said to be open must follow") {
  make(With::nothing);
  edit([](Lines& lines) {
    Record record = record_in(lines[50]);
    record.open.push_back({.operation = "backup"});
    lines[50] = to_text(record);
    lines = chained(lines);
  });
  CHECK(report().bad->rule == Rule::follows_open);
  make(With::nothing);
  edit([](Lines& lines) {
    lines.erase(lines.begin() + 51);  // the outcome of 50
    lines = chained(lines);
  });
  CHECK(report().bad->rule == Rule::follows_open);
}

TEST_CASE_FIXTURE(Fixture, "segments that are missing or broken off are seen") {
  Log log = log_in(os::posix(), directory, machine, 2000);
  record(log, 10);
  const auto name = [this](Segment segment_number) {
    return directory / segment_name(segment_number);
  };
  SUBCASE("one in the middle") {
    std::filesystem::remove(name(2));
    CHECK(report().bad->rule == Rule::has_segment);
  }
  SUBCASE("the first") {
    std::filesystem::remove(name(1));
    CHECK(report().bad->rule == Rule::has_segment);
  }
  SUBCASE("one exchanged for another") {
    std::filesystem::copy_file(name(3), name(2), std::filesystem::copy_options::overwrite_existing);
    CHECK(report().bad->rule == Rule::follows_seq);
  }
  SUBCASE("the end of one that is not the last") {
    const std::string text = content_of(name(2));
    temporary.write("audit/00000002.jsonl", text.substr(0, text.size() - 5));
    CHECK(report().bad->rule == Rule::is_record);
  }
}

TEST_CASE_FIXTURE(Fixture, "checkpoints that are none are no evaluation error") {
  make(With::witness);
  SUBCASE("the newest is something else") {
    temporary.write("audit/checkpoint", "something else");
    CHECK(report().bad->rule == Rule::is_signed);
  }
  SUBCASE("its size was changed") {
    std::string note = content_of(directory / checkpoint_name);
    note[note.find('\n') + 1] = '8';
    temporary.write("audit/checkpoint", note);
    CHECK(report().bad->rule == Rule::is_signed);
  }
  SUBCASE("a witness's signature was changed") {
    std::string notes = content_of(directory / checkpoints_name);
    notes[notes.size() - 10] ^= 1;
    temporary.write("audit/checkpoints", notes);
    CHECK(verdict() == Verdict::tampered);
  }
  SUBCASE("without keys they are not looked at") {
    temporary.write("audit/checkpoint", "something else");
    const Report found = verify(os::posix(), {.directory = directory, .policy = {}});
    CHECK(found.verdict == Verdict::intact_unanchored);
    CHECK_FALSE(found.checkpoint.has_value());
  }
  SUBCASE("a witness we do not trust anchors nothing") {
    Policy other = policy();
    other.witnesses = {witness_key('v')};
    const Report found = verify(os::posix(), {.directory = directory, .policy = other});
    CHECK(found.verdict == Verdict::intact_unanchored);
    CHECK(found.unanchored == 95);
  }
}

}  // namespace
}  // namespace trackier::audit
