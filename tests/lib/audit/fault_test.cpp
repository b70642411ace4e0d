// Operations that fail, power cuts, runs that are killed, and many at once: what was acknowledged
// is there, and nothing of this is ever called tampering.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "log_support.hpp"
#include "support/errors.hpp"
#include "support/faulty_fs.hpp"
#include "support/memory_fs.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::audit {
namespace {

using test::FaultyFs;
using test::MemoryFs;

const std::filesystem::path memory_directory = "/state/audit";

/// What a record is known by.
using Acknowledged = std::set<std::pair<OperationId, Phase>>;

/// Two operations in segments of two records, with a checkpoint; adds what was acknowledged.
void run(os::FileSystem& files, Machine& machine, Acknowledged& acknowledged) {
  Log log = log_in(files, memory_directory, machine, 1200);
  for (int i = 0; i < 2; ++i) {
    const OperationId id = log.begin("backup", {});
    acknowledged.emplace(id, Phase::intent);
    log.end(id, "backup", {.exit = 0, .code = "ok"});
    acknowledged.emplace(id, Phase::outcome);
    Checkpoints{log}.sign(origin, key_of('l'));
  }
}

Acknowledged recorded_in(MemoryFs& files) {
  Acknowledged recorded;
  for (const auto& path : files.names()) {
    if (path.extension() == ".jsonl") {
      std::istringstream text{files.content(path)};
      for (std::string line; std::getline(text, line);) {
        Record record;
        if (parse_record(line, record)) {
          recorded.emplace(record.id, record.phase);
        }
      }
    }
  }
  return recorded;
}

void check_nothing_lost(MemoryFs& files, const Acknowledged& acknowledged) {
  const Acknowledged recorded = recorded_in(files);
  CHECK(std::includes(recorded.begin(), recorded.end(), acknowledged.begin(), acknowledged.end()));
  if (!acknowledged.empty()) {
    const Report found = verified(files, memory_directory);
    CHECK_MESSAGE(found.verdict != Verdict::tampered,
                  (found.bad ? std::string{words_of(found.bad->rule)} + " " + found.bad->where
                             : std::string{}));
  }
}

MemoryFs& with_directory(MemoryFs& files) {
  files.add(memory_directory / "other", "");  // directories are there as soon as a file is
  return files;
}

TEST_CASE("an operation of the file system that fails loses no record and fakes none") {
  for (const bool from_then_on : {false, true}) {
    bool is_done = false;
    for (std::uint64_t n = 1; !is_done; ++n) {
      MemoryFs memory;
      with_directory(memory);
      Machine machine;
      Acknowledged acknowledged;
      FaultyFs faulty{memory, {.operation = n, .number = EIO, .from_then_on = from_then_on}};
      try {
        run(faulty, machine, acknowledged);
        is_done = faulty.failed().empty();
      } catch (const Error& error) {
        CAPTURE(faulty.failed());
        CHECK((error.code() == Code::io || error.code() == Code::cannot_create ||
               error.code() == Code::no_input));
      }
      CAPTURE(n);
      CAPTURE(faulty.failed());
      check_nothing_lost(memory, acknowledged);
      // The next run goes on, and tells what did not end.
      machine.gone = {100};
      machine.pid = 101;
      CHECK_NOTHROW(run(memory, machine, acknowledged));
      check_nothing_lost(memory, acknowledged);
      const Report found = verified(memory, memory_directory);
      CHECK(found.verdict == Verdict::intact_unanchored);
      CHECK(found.open.empty());
    }
  }
}

TEST_CASE("a failed sync is not made good by another one") {
  MemoryFs memory;
  with_directory(memory);
  Machine machine;
  Log first = log_in(memory, memory_directory, machine);
  first.begin("backup", {});
  for (std::uint64_t n = 1;; ++n) {
    FaultyFs faulty{memory, {.operation = n, .number = EIO}};
    std::optional<Log> log;
    try {
      log.emplace(log_in(faulty, memory_directory, machine));
      log->begin("backup", {});
    } catch (const Error& error) {
      CHECK(error.code() == Code::io);
      if (faulty.failed() == "sync_data") {
        CHECK(test::contains(error.hint(), "whether it is recorded all the same"));
        const auto before = faulty.operations();
        CHECK(test::error_of([&] { log->begin("backup", {}); }).code() == Code::io);
        CHECK(faulty.operations() == before);  // not even tried
        break;
      }
    }
    REQUIRE(n < 100);
  }
}

TEST_CASE("a power cut leaves every record that was acknowledged") {
  for (const auto survives : {MemoryFs::Survives::nothing, MemoryFs::Survives::names}) {
    bool is_done = false;
    for (std::uint64_t n = 1; !is_done; ++n) {
      MemoryFs memory;
      with_directory(memory);
      Machine machine;
      Acknowledged acknowledged;
      FaultyFs faulty{memory, {.operation = n, .number = EIO, .from_then_on = true}};
      try {
        run(faulty, machine, acknowledged);
        is_done = faulty.failed().empty();
      } catch (const Error&) {  // the power went
      }
      memory.power_cut(survives);
      CAPTURE(n);
      CAPTURE(faulty.failed());
      check_nothing_lost(memory, acknowledged);
      machine.gone = {100};
      machine.pid = 101;
      CHECK_NOTHROW(run(memory, machine, acknowledged));
      check_nothing_lost(memory, acknowledged);
      CHECK(verified(memory, memory_directory).open.empty());
    }
  }
}

TEST_CASE(
    "whatever part of what was not synced survives a power cut, every record that was "
    "acknowledged is there") {
  constexpr std::uint64_t most = 64;  // for each moment; of more, these are spread over all
  std::mt19937_64 random{1};          // NOLINT(cert-msc51-cpp,cert-msc32-c) the same each time
  std::uint64_t tried = 0;
  bool is_done = false;
  for (std::uint64_t n = 1; !is_done; ++n) {
    std::uint64_t states = 1;
    for (std::uint64_t i = 0; i < std::min(states, most); ++i) {
      MemoryFs memory;
      with_directory(memory);
      Machine machine;
      Acknowledged acknowledged;
      FaultyFs faulty{memory, {.operation = n, .number = EIO, .from_then_on = true}};
      try {
        run(faulty, machine, acknowledged);
        is_done = faulty.failed().empty();
      } catch (const Error&) {  // the power went
      }
      const std::uint64_t state = states > most ? random() : i;
      states = memory.power_cut(state);
      ++tried;
      CAPTURE(n);
      CAPTURE(state);
      CAPTURE(faulty.failed());
      check_nothing_lost(memory, acknowledged);
      machine.gone = {100};
      machine.pid = 101;
      CHECK_NOTHROW(run(memory, machine, acknowledged));
      check_nothing_lost(memory, acknowledged);
      CHECK(verified(memory, memory_directory).open.empty());
    }
  }
  MESSAGE("states: " << tried);
  CHECK(tried > 500);
}

TEST_CASE("an error while verifying is an error, and no verdict") {
  MemoryFs memory;
  with_directory(memory);
  Machine machine;
  Acknowledged acknowledged;
  run(memory, machine, acknowledged);
  for (std::uint64_t n = 1;; ++n) {
    FaultyFs faulty{memory, {.operation = n, .number = EIO}};
    try {
      const Report found = verified(faulty, memory_directory);
      CAPTURE(faulty.failed());
      CHECK(found.verdict == Verdict::intact_unanchored);
      if (faulty.failed().empty()) {
        break;
      }
    } catch (const Error& error) {
      CHECK((error.code() == Code::io || error.code() == Code::no_input));
    }
  }
}

/// Starts a process that runs `action` and ends with 0, or with 1 when it throws.
template <typename Action>
pid_t forked(const Action& action) {
  const pid_t child = ::fork();
  REQUIRE(child != -1);
  if (child == 0) {
    int status = 0;
    try {
      action();
    } catch (...) {
      status = 1;
    }
    ::_exit(status);
  }
  return child;
}

TEST_CASE("ten runs at once lose nothing and mix nothing up") {
  const test::TemporaryDirectory temporary;
  const auto directory = temporary / "audit";
  constexpr std::uint64_t runs = 10;
  constexpr int each = 20;
  std::vector<pid_t> children;
  children.reserve(runs);
  for (std::uint64_t i = 0; i < runs; ++i) {
    children.push_back(forked([&] {
      Machine machine;
      machine.pid = 1000 + i;
      Log log = log_in(os::posix(), directory, machine, 20'000);
      record(log, each);
    }));
  }
  for (const pid_t child : children) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  const Report found = verified(os::posix(), directory);
  CHECK(found.verdict == Verdict::intact_unanchored);
  CHECK(found.records == 2 * runs * each);
  CHECK(found.open.empty());
  CHECK(segments_in(os::posix(), directory).size() > 5);
}

TEST_CASE("a run that is killed at any time loses nothing that it acknowledged") {
  const test::TemporaryDirectory temporary;
  const auto directory = temporary / "audit";
  const auto told = temporary / "told";
  Machine machine;
  std::size_t rounds_with_records = 0;
  for (unsigned round = 0; round < 25; ++round) {
    machine.pid = 1000 + round;
    const pid_t child = forked([&] {
      Log log = log_in(os::posix(), directory, machine, 20'000);
      std::ofstream out{told, std::ios::app};
      for (;;) {
        const OperationId id = log.begin("backup", {});
        out << hexadecimal(id) << std::endl;
        log.end(id, "backup", {.exit = 0, .code = "ok"});
      }
    });
    ::usleep(2000 + 1371 * round);
    ::kill(child, SIGKILL);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    machine.gone.insert(machine.pid);
    if (segments_in(os::posix(), directory).empty()) {
      continue;
    }
    ++rounds_with_records;
    const Report found = verified(os::posix(), directory);
    CHECK(found.verdict != Verdict::tampered);
    CHECK(found.open.size() <= 1);
  }
  CHECK(rounds_with_records > 0);
  machine.pid = 5000;
  Log log = log_in(os::posix(), directory, machine, 20'000);
  record(log, 1);
  CHECK(verified(os::posix(), directory).open.empty());
  std::set<std::string> recorded;
  for (const Segment segment : segments_in(os::posix(), directory)) {
    for (const std::string& line : lines_of(directory / segment_name(segment))) {
      recorded.insert(hexadecimal(record_in(line).id));
    }
  }
  for (const std::string& id : lines_of(told)) {
    CHECK((id.size() < 32 || recorded.contains(id)));  // the last line of a round may be cut
  }
}

}  // namespace
}  // namespace trackier::audit
