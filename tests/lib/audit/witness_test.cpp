#include "audit/witness.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "log_support.hpp"
#include "support/errors.hpp"
#include "support/faulty_fs.hpp"
#include "support/memory_fs.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::audit {
namespace {

using test::error_of;

constexpr std::int64_t noon = 1'795'776'300;

Time at(std::int64_t seconds) {
  return Time{std::chrono::seconds{noon + seconds}};
}

/// Leaves of a log, and of one that is another from `fork` on.
struct Leaves {
  std::uint64_t fork = ~std::uint64_t{0};

  [[nodiscard]] Hash node(unsigned level, std::uint64_t index) const {
    if (level == 0) {
      return leaf_hash(as_bytes(std::to_string(index) + (index < fork ? "" : " forged")));
    }
    return node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1));
  }
  [[nodiscard]] Nodes nodes() const {
    return [this](unsigned level, std::uint64_t index) { return node(level, index); };
  }
  [[nodiscard]] Note note(std::uint64_t size, char key = 'l',
                          const std::string& name = origin) const {
    Note made{.text = to_text(Checkpoint{
                  .origin = name, .size = size, .root = root_of(size, nodes()), .extensions = {}}),
              .signatures = {}};
    made.signatures.push_back(sign_note(made.text, name, key_of(key)));
    return made;
  }
  [[nodiscard]] WitnessRequest request(std::uint64_t old_size, std::uint64_t size) const {
    return {
        .old_size = old_size,
        .proof = old_size < size ? consistency_proof(old_size, size, nodes()) : std::vector<Hash>{},
        .checkpoint = note(size)};
  }
};

WitnessOptions options_in(const std::filesystem::path& directory) {
  return {.directory = directory,
          .name = "witness.example/w",
          .hosts = policy().log,
          .patience = std::chrono::milliseconds{10'000},
          .stop = {}};
}

struct Fixture {
  test::TemporaryDirectory temporary;
  std::filesystem::path directory = temporary / "witness";
  crypto::Secret key = key_of('w');
  Leaves leaves;
  Witness witness{os::posix(), options_in(directory), key};

  /// That the answer is a cosignature which the log can use, and of when.
  static Time time_in(const WitnessAnswer& answer, const Note& note) {
    REQUIRE_FALSE(answer.refusal);
    const auto found = cosignature_in(to_text(*answer.cosignature), note, witness_key('w'));
    CHECK(found == *answer.cosignature);
    const Note one{.text = note.text, .signatures = {found}};
    const auto signers = signers_of(one, policy().witnesses);
    return signers.front().at.value();
  }
};

TEST_CASE_FIXTURE(Fixture, "a log that grows is cosigned each time, and remembered") {
  CHECK_FALSE(witness.seen(origin).heard);
  std::uint64_t before = 0;
  for (const std::uint64_t size : {1U, 2U, 7U, 7U, 8U, 13U, 64U}) {
    const WitnessRequest request = leaves.request(before, size);
    const WitnessAnswer answer = witness.add(request, at(static_cast<std::int64_t>(size)));
    CHECK(time_in(answer, request.checkpoint) == at(static_cast<std::int64_t>(size)));
    CHECK(answer.size == size);
    before = size;
    // Another run of the same witness knows it too; and what it has kept is a checkpoint.
    const SeenLog seen = Witness{os::posix(), options_in(directory), key}.seen(origin);
    CHECK(seen.size == size);
    CHECK(seen.heard == at(static_cast<std::int64_t>(size)));
    CHECK(check_anchor(parse_note(test::content_of(seen.file)), policy()).checkpoint.size == size);
  }
  CHECK((std::filesystem::status(directory).permissions() & std::filesystem::perms::mask) ==
        std::filesystem::perms::owner_all);
}

TEST_CASE_FIXTURE(Fixture, "an empty log can be cosigned, if its root is that of nothing") {
  WitnessRequest empty = leaves.request(0, 0);
  empty.checkpoint = leaves.note(0);
  CHECK_FALSE(witness.add(empty, at(0)).refusal);
  CHECK_FALSE(witness.add(empty, at(1)).refusal);
  Note other{.text = to_text(
                 Checkpoint{.origin = origin, .size = 0, .root = leaf_hash({}), .extensions = {}}),
             .signatures = {}};
  other.signatures.push_back(sign_note(other.text, origin, key_of('l')));
  CHECK(witness.add({.old_size = 0, .proof = {}, .checkpoint = other}, at(2)).refusal ==
        Refusal::other_root);
  CHECK_FALSE(witness.add(leaves.request(0, 5), at(3)).refusal);
}

TEST_CASE_FIXTURE(Fixture, "a log that was rolled back is not cosigned, whatever it says it was") {
  witness.add(leaves.request(0, 13), at(0));
  for (const std::uint64_t old_size : {0U, 5U, 9U}) {
    const WitnessAnswer answer = witness.add(leaves.request(old_size, 9), at(60));
    CHECK(answer.refusal == Refusal::other_size);
    CHECK(answer.size == 13);
    CHECK_FALSE(answer.cosignature);
  }
  CHECK(error_of([&] { witness.add(leaves.request(13, 9), at(60)); }).code() == Code::data);
  // And being refused is no sign of life.
  CHECK(witness.seen(origin).heard == at(0));
  CHECK(witness.seen(origin).size == 13);
}

TEST_CASE_FIXTURE(Fixture, "an old request that is sent again is refused") {
  const WitnessRequest first = leaves.request(0, 4);
  witness.add(first, at(0));
  CHECK(witness.add(first, at(1)).refusal == Refusal::other_size);
  const WitnessRequest second = leaves.request(4, 9);
  witness.add(second, at(2));
  CHECK(witness.add(first, at(3)).refusal == Refusal::other_size);
  CHECK(witness.add(second, at(3)).refusal == Refusal::other_size);
  CHECK(witness.seen(origin).heard == at(2));
}

TEST_CASE_FIXTURE(Fixture, "a log that was written anew is not cosigned") {
  witness.add(leaves.request(0, 9), at(0));
  const Leaves forged{.fork = 8};
  CHECK(witness.add(forged.request(9, 9), at(1)).refusal == Refusal::other_root);
  CHECK(witness.add(forged.request(9, 14), at(1)).refusal == Refusal::no_proof);
  // Not with the proof of the other log either, or with one that is cut off, or longer.
  WitnessRequest mixed = forged.request(9, 14);
  mixed.proof = leaves.request(9, 14).proof;
  CHECK(witness.add(mixed, at(1)).refusal == Refusal::no_proof);
  WitnessRequest bad = leaves.request(9, 14);
  bad.proof.pop_back();
  CHECK(witness.add(bad, at(1)).refusal == Refusal::no_proof);
  bad = leaves.request(9, 14);
  bad.proof.emplace_back();
  CHECK(witness.add(bad, at(1)).refusal == Refusal::no_proof);
  bad = leaves.request(9, 9);
  bad.proof.emplace_back();
  CHECK(witness.add(bad, at(1)).refusal == Refusal::no_proof);
  CHECK_FALSE(witness.add(leaves.request(9, 14), at(2)).refusal);
}

TEST_CASE_FIXTURE(Fixture, "the first proof of all has to be empty") {
  WitnessRequest request = leaves.request(0, 3);
  request.proof.emplace_back();
  CHECK(witness.add(request, at(0)).refusal == Refusal::no_proof);
  CHECK(witness.seen(origin).size == 0);
}

TEST_CASE_FIXTURE(Fixture, "who is not known, or has not signed, gets nothing and leaves nothing") {
  WitnessRequest request = leaves.request(0, 3);
  request.checkpoint = leaves.note(3, 'l', "log.example/other");
  CHECK(error_of([&] { witness.add(request, at(0)); }).code() == Code::no_permission);
  request.checkpoint = leaves.note(3, 'x');
  CHECK(error_of([&] { witness.add(request, at(0)); }).code() == Code::no_permission);
  request.checkpoint = leaves.note(3);
  request.checkpoint.signatures.front().signature[5] ^= 1;
  CHECK(error_of([&] { witness.add(request, at(0)); }).code() == Code::no_permission);
  // A cosignature by the key of the log is none of the log.
  request.checkpoint.signatures = {
      cosign_note(request.checkpoint.text, origin, key_of('l'), at(0))};
  CHECK(error_of([&] { witness.add(request, at(0)); }).code() == Code::no_permission);
  CHECK_FALSE(std::filesystem::exists(directory));
}

TEST_CASE_FIXTURE(Fixture, "signatures of others are neither looked at nor kept") {
  WitnessRequest request = leaves.request(0, 3);
  auto& signatures = request.checkpoint.signatures;
  signatures.insert(signatures.begin(), leaves.note(3, 'x').signatures.front());
  signatures.push_back({.name = "else.example", .id = {}, .signature = "anything"});
  CHECK_FALSE(witness.add(request, at(0)).refusal);
  CHECK(parse_note(test::content_of(witness.seen(origin).file)).signatures.size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a clock that was set back does not take back a time") {
  witness.add(leaves.request(0, 3), at(100));
  const WitnessRequest request = leaves.request(3, 4);
  CHECK(time_in(witness.add(request, at(50)), request.checkpoint) == at(100));
}

TEST_CASE_FIXTURE(Fixture, "a state that is damaged, or of another log, is no state") {
  witness.add(leaves.request(0, 3), at(0));
  const auto file = witness.seen(origin).file;
  const std::string sound = test::content_of(file);
  SUBCASE("empty") {
    temporary.write("witness/" + file.filename().native(), "");
  }
  SUBCASE("cut off") {
    temporary.write("witness/" + file.filename().native(), sound.substr(0, sound.size() - 9));
  }
  SUBCASE("of another log") {
    temporary.write("witness/" + file.filename().native(),
                    to_text(leaves.note(3, 'l', "log.example/other")));
  }
  SUBCASE("cosigned by nobody") {
    std::string changed = sound;
    changed.replace(changed.find("\n3\n"), 3, "\n2\n");
    temporary.write("witness/" + file.filename().native(), changed);
  }
  CHECK(error_of([&] { witness.add(leaves.request(3, 4), at(1)); }).code() == Code::data);
  CHECK(error_of([&] { return witness.seen(origin); }).code() == Code::data);
}

TEST_CASE_FIXTURE(Fixture, "a host is silent when it was not heard for longer than the limit") {
  using namespace std::chrono_literals;
  const SeenLog seen{.origin = origin, .size = 1, .heard = at(0), .file = {}};
  CHECK_FALSE(is_silent(seen, at(75 * 60), 75min));
  CHECK(is_silent(seen, at(75 * 60 + 1), 75min));
  CHECK_FALSE(is_silent(seen, at(-60), 75min));
  CHECK(is_silent(seen, at(-3600), 75min));  // heard in an hour
  CHECK(is_silent({.origin = origin, .size = 0, .heard = std::nullopt, .file = {}}, at(0), 75min));
}

TEST_CASE("what was not remembered is not cosigned, whatever operation fails") {
  const Leaves leaves;
  const crypto::Secret key = key_of('w');
  for (std::uint64_t n = 1;; ++n) {
    test::MemoryFs memory;
    memory.add("/state/witness/other", "");
    Witness{memory, options_in("/state/witness"), key}.add(leaves.request(0, 5), at(0));
    test::FaultyFs files{memory, {.operation = n}};
    bool is_cosigned = false;
    try {
      Witness witness{files, options_in("/state/witness"), key};
      is_cosigned = witness.add(leaves.request(5, 9), at(10)).cosignature.has_value();
    } catch (const Error&) {
      REQUIRE_FALSE(files.failed().empty());
    }
    // What the disk has after a power cut.
    memory.power_cut(n % 2 == 0 ? test::MemoryFs::Survives::names
                                : test::MemoryFs::Survives::nothing);
    Witness after{memory, options_in("/state/witness"), key};
    const std::uint64_t size = after.seen(origin).size;
    CHECK((size == 9 || (size == 5 && !is_cosigned)));
    // The log asks again from what the witness says, and goes on.
    CHECK_FALSE(after.add(leaves.request(size, 9), at(20)).refusal);
    if (files.failed().empty()) {
      CHECK(is_cosigned);
      break;
    }
  }
}

TEST_CASE_FIXTURE(Fixture, "a run that is killed has either remembered or not answered") {
  std::uint64_t size = 1;
  witness.add(leaves.request(0, size), at(0));
  for (int i = 0; i < 40; ++i) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
      for (std::uint64_t next = size;; ++next) {
        if (witness.add(leaves.request(next, next + 1), at(0)).cosignature &&
            ::write(ends[1], &next, sizeof next) < 0) {
          ::_exit(1);
        }
      }
    }
    ::close(ends[1]);
    ::usleep(static_cast<useconds_t>(500 * i));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    std::uint64_t told = size - 1;
    while (::read(ends[0], &told, sizeof told) == sizeof told) {
    }
    ::close(ends[0]);
    const std::uint64_t seen = Witness{os::posix(), options_in(directory), key}.seen(origin).size;
    CHECK((seen == told + 1 || seen == told + 2));
    size = seen;
  }
  // What they left behind is removed by the next one.
  witness.add(leaves.request(size, size + 1), at(0));
  for (const auto& each : std::filesystem::directory_iterator{directory}) {
    CHECK(each.path().extension() != ".tmp");
  }
}

TEST_CASE("a request is what the specification shows") {
  const std::string text =
      "old 20852014\n"
      "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
      "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
      "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
      "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"
      "\n"
      "example.com/behind-the-sofa\n"
      "20852163\n"
      "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
      "\n"
      "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
      "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
  const WitnessRequest request = parse_witness_request(text);
  CHECK(request.old_size == 20'852'014);
  CHECK(request.proof.size() == 4);
  CHECK(parse_checkpoint(request.checkpoint.text).size == 20'852'163);
  CHECK(to_text(request) == text);
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string made = text;
    return made.replace(made.find(from), from.size(), to);
  };
  for (const std::string& bad :
       {changed("old 2", "old 02"), changed("old ", "old  "), changed("old ", "new "),
        changed("old 20852014", "old 18446744073709551616"), changed("old 20852014", "old -1"),
        changed("kaw=\n", "kaw=\r\n"), changed("kaw=", "kaw"), changed("kaw=\n", "kaw=\n\n"),
        changed("PlRN", "PlR!"), text.substr(0, 60), text.substr(0, text.size() - 1), std::string{},
        text + std::string(most_note_bytes, '\n')}) {
    CHECK(error_of([&] { parse_witness_request(bad); }).code() == Code::data);
  }
  std::string long_proof = text;
  for (int i = 0; i < 59; ++i) {
    long_proof.insert(text.find("PlRN"), "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n");
  }
  CHECK(parse_witness_request(long_proof).proof.size() == most_proof);
  long_proof.insert(text.find("PlRN"), "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n");
  CHECK(error_of([&] { parse_witness_request(long_proof); }).code() == Code::data);
}

TEST_CASE_FIXTURE(Fixture, "an answer counts when it has a sound cosignature of that witness") {
  const WitnessRequest request = leaves.request(0, 3);
  const Note& note = request.checkpoint;
  const std::string line = to_text(*witness.add(request, at(0)).cosignature);
  const std::string other =
      to_text(cosign_note(note.text, "witness.example/v", key_of('v'), at(0)));
  const auto code_of = [&](const std::string& answer) {
    return error_of([&] { cosignature_in(answer, note, witness_key('w')); }).code();
  };
  CHECK_NOTHROW(cosignature_in(line, note, witness_key('w')));
  CHECK_NOTHROW(cosignature_in(other + line + other, note, witness_key('w')));
  CHECK(code_of("") == Code::data);
  CHECK(code_of("13\n") == Code::data);
  CHECK(code_of(other) == Code::data);
  CHECK(code_of(line.substr(0, line.size() - 1)) == Code::data);
  CHECK(code_of("\n" + line) == Code::data);
  CHECK(code_of("more\n\n" + line) == Code::data);
  CHECK(code_of(to_text(cosign_note(leaves.note(4).text, "witness.example/w", key, at(0)))) ==
        Code::data);
  CHECK(parse_witness_size("0\n") == 0);
  CHECK(parse_witness_size(witness_size_text(~std::uint64_t{0})) == ~std::uint64_t{0});
  for (const char* bad :
       {"", "\n", "1", "01\n", "-1\n", "1\n\n", "18446744073709551616\n", " 1\n"}) {
    CHECK_FALSE(parse_witness_size(bad));
  }
}

}  // namespace
}  // namespace trackier::audit
