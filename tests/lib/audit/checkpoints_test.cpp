#include "audit/checkpoints.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "audit/search.hpp"
#include "audit/tree.hpp"
#include "audit/veil.hpp"
#include "core/error.hpp"
#include "log_support.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::audit {
namespace {

using test::content_of;
using test::error_of;

struct Fixture {
  test::TemporaryDirectory temporary;
  std::filesystem::path directory = temporary / "audit";
  Machine machine;
  Log log = log_in(os::posix(), directory, machine, 4000);
  Checkpoints checkpoints{log};

  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> all;
    for (const Segment each : segments_in(os::posix(), directory)) {
      for (std::string& line : lines_of(directory / segment_name(each))) {
        all.push_back(std::move(line));
      }
    }
    return all;
  }
  [[nodiscard]] Hash root_of_first(std::size_t count) const {
    Frontier frontier;
    const auto all = lines();
    for (std::size_t i = 0; i < count; ++i) {
      frontier.append(leaf_hash(as_bytes(all[i])));
    }
    return frontier.root();
  }
};

TEST_CASE_FIXTURE(Fixture, "a checkpoint is of the whole log, signed, whatever was cached") {
  for (const int count : {1, 1, 5, 20, 3}) {
    record(log, count);
    SUBCASE("with the cache") {}
    SUBCASE("without it") {
      std::filesystem::remove(directory / tree_name);
    }
    SUBCASE("with a cache that a power cut made zeros") {
      const auto size = std::filesystem::exists(directory / tree_name)
                            ? std::filesystem::file_size(directory / tree_name)
                            : 0;
      temporary.write("audit/tree", std::string(size, '\0'));
    }
    SUBCASE("with a position that leads nowhere") {
      temporary.write("audit/tree.at", "7 9 1 2 3");
    }
    const std::string text = checkpoints.sign(origin, key_of('l'));
    CHECK(content_of(directory / checkpoint_name) == text);
    const Anchor anchor = check_anchor(parse_note(text), policy());
    CHECK(anchor.checkpoint.size == lines().size());
    CHECK(anchor.checkpoint.root == root_of_first(lines().size()));
    CHECK(checkpoints.sign(origin, key_of('l')) == text);  // nothing new, nothing signed
  }
}

TEST_CASE_FIXTURE(Fixture, "of an empty log there is a checkpoint too") {
  const Anchor anchor = check_anchor(parse_note(checkpoints.sign(origin, key_of('l'))), policy());
  CHECK(anchor.checkpoint.size == 0);
  CHECK(anchor.checkpoint.root == crypto::sha256({}));
}

TEST_CASE_FIXTURE(Fixture, "a log that is not what was signed is not signed again") {
  record(log, 5);
  checkpoints.sign(origin, key_of('l'));
  const auto path = directory / segment_name(1);
  auto all = lines_of(path);
  SUBCASE("cut off") {
    all.pop_back();
  }
  SUBCASE("written anew") {
    Record changed = record_in(all[1]);
    changed.result = Result{.exit = 1, .code = "verdict"};
    all[1] = to_text(changed);
    all = chained(all);
  }
  for (const Segment each : segments_in(os::posix(), directory)) {
    if (each != 1) {
      std::filesystem::remove(directory / segment_name(each));
    }
  }
  write_lines(path, all);
  std::filesystem::remove(directory / tree_name);
  CHECK(error_of([this] { checkpoints.sign(origin, key_of('l')); }).code() == Code::data);
}

TEST_CASE_FIXTURE(Fixture, "a witness gets what shows that the log only grew") {
  std::vector<Hash> roots{crypto::sha256({})};
  for (int i = 0; i < 12; ++i) {
    record(log, 1);
  }
  for (std::size_t size = 1; size <= 24; ++size) {
    roots.push_back(root_of_first(size));
  }
  for (std::size_t size = 0; size <= 24; ++size) {
    for (std::size_t old_size = 0; old_size <= size; ++old_size) {
      CHECK(verify_consistency(old_size, roots[old_size], size, roots[size],
                               checkpoints.consistency(old_size, size)));
    }
  }
  CHECK(error_of([this] { checkpoints.consistency(3, 25); }).code() == Code::usage);
  // A node inside the tree that was lost is found out by the proof.
  std::string cache = content_of(directory / tree_name);
  cache.replace(0, 64, 64, '\0');
  temporary.write("audit/tree", cache);
  CHECK(verify_consistency(3, roots[3], 24, roots[24], checkpoints.consistency(3, 24)));
}

TEST_CASE_FIXTURE(Fixture, "a note that was witnessed is kept, and recorded as an anchor") {
  record(log, 3);
  const std::string note = checkpoints.sign(origin, key_of('l'));
  CHECK(error_of([&] { checkpoints.keep(note, policy()); }).code() == Code::verdict);
  const Anchor anchor = checkpoints.keep(witnessed(note), policy());
  CHECK(anchor.checkpoint.size == 6);
  record(log, 3);
  const std::string second = checkpoints.sign(origin, key_of('l'));
  checkpoints.keep(witnessed(second), policy());
  CHECK(kept_checkpoints(os::posix(), directory) ==
        std::vector<std::string>{witnessed(note), witnessed(second)});
  CHECK(newest_checkpoint(os::posix(), directory) == witnessed(second));
  const Record last = record_in(lines().back());
  CHECK(last.phase == Phase::anchor);
  CHECK(last.args[1] == std::pair{std::string{"size"}, Value{std::uint64_t{13}}});
  // A late answer to the first one takes nothing back.
  checkpoints.keep(witnessed(note, 1'795'776'400), policy());
  CHECK(newest_checkpoint(os::posix(), directory) == witnessed(second));
  CHECK(verified(os::posix(), directory).anchor->checkpoint.size == 13);
}

TEST_CASE_FIXTURE(Fixture, "a note of another log is not kept") {
  record(log, 3);
  Note note{.text = to_text(Checkpoint{.origin = origin, .size = 3, .root = Hash{}})};
  note.signatures.push_back(sign_note(note.text, origin, key_of('l')));
  CHECK(error_of([&] { checkpoints.keep(witnessed(to_text(note)), policy()); }).code() ==
        Code::data);
  CHECK(kept_checkpoints(os::posix(), directory).empty());
}

TEST_CASE_FIXTURE(Fixture, "notes that were cut short while they were kept are written over") {
  record(log, 3);
  const std::string note = witnessed(checkpoints.sign(origin, key_of('l')));
  checkpoints.keep(note, policy());
  const std::string kept = content_of(directory / checkpoints_name);
  for (std::size_t size = 1; size < note.size() + 1; size += 7) {
    temporary.write("audit/checkpoints", kept + (note + "\n").substr(0, size));
    CHECK(kept_checkpoints(os::posix(), directory).size() == 1);
  }
  checkpoints.keep(note, policy());
  CHECK(kept_checkpoints(os::posix(), directory).size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a proof of a record stands without the log") {
  record(log, 4);
  CHECK(error_of([this] { checkpoints.prove(2); }).code() == Code::verdict);
  checkpoints.keep(witnessed(checkpoints.sign(origin, key_of('l'))), policy());
  record(log, 4);
  checkpoints.sign(origin, key_of('l'));
  for (std::uint64_t index = 0; index < 8; ++index) {
    const std::string text = to_text(checkpoints.prove(index));
    const std::string line = Tree{os::posix(), directory}.record(index);
    CHECK(line == lines()[index]);
    CHECK(check(parse_tlog_proof(text), as_bytes(line), policy()).checkpoint.size == 8);
  }
  // Not witnessed yet: the log's word.
  const TlogProof late = checkpoints.prove(10);
  CHECK(error_of([&] { check(late, as_bytes(lines()[10]), policy()); }).code() == Code::verdict);
  Policy own_word = policy();
  own_word.quorum = 0;
  CHECK_NOTHROW(check(late, as_bytes(lines()[10]), own_word));
  CHECK(error_of([this] { checkpoints.prove(17); }).code() == Code::verdict);
}

TEST_CASE_FIXTURE(Fixture, "a value that is hidden can be looked for") {
  const Veil veil{key_of('v')};
  record(log, 2);
  {
    Operation operation{
        log, "restore", {{"table", veil.hide("customers_alice")}}, veil.hide("Acme")};
    operation.succeeded({{"rows", std::uint64_t{3}}});
  }
  const auto count = [&](const std::string& value) {
    int found = 0;
    search(
        os::posix(), directory,
        [word = veil.hide(value)](const Record& each) { return has_value(each, word); },
        [&found](const Record&, std::string_view) { ++found; });
    return found;
  };
  CHECK(count("customers_alice") == 1);
  CHECK(count("Acme") == 2);
  CHECK(count("customers_bob") == 0);
  for (const std::string& line : lines()) {
    CHECK_FALSE(test::contains(line, "alice"));
    CHECK_FALSE(test::contains(line, "Acme"));
  }
  CHECK(error_of([this] {
          search(
              os::posix(), temporary / "none", [](const Record&) { return true; },
              [](const Record&, std::string_view) {});
        }).code() == Code::no_input);
}

}  // namespace
}  // namespace trackier::audit
