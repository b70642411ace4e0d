// Runs that are killed: at every boundary of a system call, and ten at once at any time.
#include <doctest/doctest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/hexadecimal.hpp"
#include "log_support.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::audit {
namespace {

constexpr std::size_t id_digits = 32;

/// Two ends of a pipe through which a run says what was acknowledged.
class Pipe {
 public:
  Pipe() { REQUIRE(::pipe(ends_.data()) == 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  Pipe(Pipe&&) = delete;
  Pipe& operator=(Pipe&&) = delete;
  ~Pipe() { ::close(ends_[0]); }

  /// Of the run: less than PIPE_BUF, so whole or not at all.
  void say(const OperationId& id) const {
    const std::string text = hexadecimal(id);
    if (::write(ends_[1], text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
      ::_exit(2);
    }
  }

  /// Once all runs have ended.
  std::set<std::string> said() {
    ::close(ends_[1]);
    std::set<std::string> ids;
    std::string id(id_digits, ' ');
    while (::read(ends_[0], id.data(), id.size()) == static_cast<ssize_t>(id.size())) {
      ids.insert(id);
    }
    return ids;
  }

 private:
  std::array<int, 2> ends_{};
};

void check_recorded(const std::filesystem::path& directory, const std::set<std::string>& ids) {
  std::set<std::string> recorded;
  for (const Segment segment : segments_in(os::posix(), directory)) {
    for (const std::string& line : lines_of(directory / segment_name(segment))) {
      Record record;
      if (parse_record(line, record)) {
        recorded.insert(hexadecimal(record.id));
      }
    }
  }
  for (const std::string& id : ids) {
    CHECK(recorded.contains(id));
  }
}

/// The run of a process that its parent traces.
[[noreturn]] void run_traced(const std::filesystem::path& directory, const Pipe& pipe) {
  try {
    Machine machine;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg) there is no other way
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::raise(SIGSTOP);
    Log log = log_in(os::posix(), directory, machine, 1200);
    const OperationId id = log.begin("backup", {});
    pipe.say(id);
    log.end(id, "backup", {.exit = 0, .code = "ok"});
  } catch (...) {
    ::_exit(1);
  }
  ::_exit(0);
}

/// Kills the child when it has passed so many boundaries; whether it ended before.
bool kill_at(pid_t child, unsigned boundary) {
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  for (unsigned passed = 0; WIFSTOPPED(status); ++passed) {
    if (passed == boundary) {
      ::kill(child, SIGKILL);
    } else {
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg) there is no other way
      ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    }
    REQUIRE(::waitpid(child, &status, 0) == child);
  }
  return WIFEXITED(status);
}

TEST_CASE("a run that is killed at any boundary of a system call loses nothing acknowledged") {
  bool has_ended = false;
  unsigned boundary = 1;
  for (; !has_ended; ++boundary) {
    const test::TemporaryDirectory temporary;
    const auto directory = temporary / "audit";
    Pipe pipe;
    const pid_t child = ::fork();
    REQUIRE(child != -1);
    if (child == 0) {
      run_traced(directory, pipe);
    }
    has_ended = kill_at(child, boundary);
    CAPTURE(boundary);
    check_recorded(directory, pipe.said());
    Machine machine;
    machine.gone = {machine.pid};
    machine.pid = 101;
    Log log = log_in(os::posix(), directory, machine, 1200);
    CHECK_NOTHROW(record(log, 1));
    const Report found = verified(os::posix(), directory);
    CHECK(found.verdict == Verdict::intact_unanchored);
    CHECK(found.open.empty());
  }
  MESSAGE("boundaries: " << boundary);
  CHECK(boundary > 40);
}

TEST_CASE("ten runs that are killed at any time lose nothing acknowledged") {
  constexpr std::uint64_t runs = 10;
  const test::TemporaryDirectory temporary;
  const auto directory = temporary / "audit";
  std::mt19937 random{3};  // NOLINT(cert-msc32-c,cert-msc51-cpp) the same each time
  std::set<std::string> acknowledged;
  std::set<std::uint64_t> gone;
  for (std::uint64_t round = 0; round < 8; ++round) {
    Pipe pipe;
    std::vector<pid_t> children;
    for (std::uint64_t i = 0; i < runs; ++i) {
      const pid_t child = ::fork();
      REQUIRE(child != -1);
      if (child == 0) {
        Machine machine;
        machine.pid = 1000 + round * runs + i;
        machine.gone = gone;
        try {
          Log log = log_in(os::posix(), directory, machine, 20'000);
          for (;;) {
            const OperationId id = log.begin("backup", {});
            pipe.say(id);
            log.end(id, "backup", {.exit = 0, .code = "ok"});
          }
        } catch (...) {
          ::_exit(1);
        }
      }
      children.push_back(child);
    }
    for (const pid_t child : children) {
      ::usleep(1000 + random() % 20'000);
      ::kill(child, SIGKILL);
      int status = 0;
      REQUIRE(::waitpid(child, &status, 0) == child);
      CHECK(WIFSIGNALED(status));  // it did not end of an error
    }
    for (std::uint64_t i = 0; i < runs; ++i) {
      gone.insert(1000 + round * runs + i);
    }
    acknowledged.merge(pipe.said());
    CHECK(verified(os::posix(), directory).verdict != Verdict::tampered);
  }
  CHECK(acknowledged.size() > 20);
  check_recorded(directory, acknowledged);
  Machine machine;
  machine.pid = 5000;
  machine.gone = gone;
  Log log = log_in(os::posix(), directory, machine, 20'000);
  record(log, 1);
  const Report found = verified(os::posix(), directory);
  CHECK(found.verdict == Verdict::intact_unanchored);
  CHECK(found.open.empty());
}

}  // namespace
}  // namespace trackier::audit
