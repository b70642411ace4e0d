#include "os/program.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "os/file.hpp"
#include "os/signals.hpp"
#include "support/errors.hpp"
#include "support/streams.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::os {
namespace {

using test::error_of;
using test::message_of;
using test::read_all;
using namespace std::chrono_literals;

ProgramOptions shell(const std::string& line) {
  return {.program = "/bin/sh", .arguments = {"-c", line}, .environment = {"PATH=/usr/bin:/bin"}};
}

class Stopwatch {
 public:
  [[nodiscard]] auto elapsed() const { return std::chrono::steady_clock::now() - begin_; }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// Sends this process a signal in a moment.
std::jthread soon_interrupted() {
  return std::jthread{[] {
    std::this_thread::sleep_for(50ms);
    ::kill(::getpid(), SIGTERM);
  }};
}

bool is_alive(const std::string& process) {
  return ::kill(static_cast<pid_t>(std::stol(process)), 0) == 0;
}

/// For a process that is nobody's child any more: init takes a moment.
bool dies(const std::string& process) {
  for (int i = 0; i < 200 && is_alive(process); ++i) {
    std::this_thread::sleep_for(10ms);
  }
  return !is_alive(process);
}

TEST_CASE("a program is given its arguments as they are and its environment, and nothing else") {
  REQUIRE(::setenv("TRACKIER_TEST", "ours", 1) == 0);
  RunningProgram program{{.program = "/usr/bin/env",
                          .arguments = {"/usr/bin/printf", "[%s]", "a b", "", "$HOME; 'x'", "*"},
                          .environment = {"NAME=a value"}}};
  CHECK(read_all(program.output()) == "[a b][][$HOME; 'x'][*]");
  CHECK(program.finish().well());

  RunningProgram listing{{.program = "/usr/bin/env", .environment = {"NAME=a value", "EMPTY="}}};
  CHECK(read_all(listing.output()) == "NAME=a value\nEMPTY=\n");
  CHECK(listing.finish().well());
  ::unsetenv("TRACKIER_TEST");
}

TEST_CASE("a program that takes longer than it may is ended, whatever it does") {
  for (const char* line :
       {"exec sleep 60", "exec sleep 60 2>&-", "exec sleep 60 >&-", "cat; sleep 60",
        "while :; do echo more >&2; done", "trap '' TERM; exec sleep 3"}) {
    const Stopwatch watch;
    ProgramOptions options = shell(line);
    options.patience = 300ms;
    const Error error = error_of([&] {
      RunningProgram program{options};
      read_all(program.output());
      program.finish();
    });
    CHECK(error.code() == Code::unavailable);
    CHECK(watch.elapsed() >= 300ms);
    CHECK(watch.elapsed() < 20s);
  }
  ProgramOptions options = shell("echo quick");
  options.patience = 60s;
  RunningProgram program{options};
  CHECK(read_all(program.output()) == "quick\n");
  CHECK(program.finish().well());
}

TEST_CASE("a program that may not take long and reads nothing is not written to for ever") {
  ProgramOptions options = shell("exec sleep 60");
  options.input = ProgramOptions::Input::pipe;
  options.patience = 300ms;
  const std::string much(std::size_t{1} << 20U, 'x');
  CHECK(error_of([&] {
          RunningProgram program{options};
          program.input().write(as_bytes(much));
        }).code() == Code::unavailable);
}

TEST_CASE("how a program ended is told, with the end of what it complained") {
  RunningProgram failing{shell("echo one >&2; echo 'two\033[2J' >&2; echo >&2; exit 3")};
  CHECK(read_all(failing.output()).empty());
  const Ended ended = failing.finish();
  CHECK_FALSE(ended.well());
  CHECK(ended.status == 3);
  CHECK(ended.signal == 0);
  CHECK(ended.manner() == "ended with status 3");
  CHECK(ended.complaints == "one\ntwo\033[2J\n\n");
  CHECK(ended.last_line() == "two\\x1B[2J");

  RunningProgram dying{shell("kill -KILL $$")};
  CHECK(read_all(dying.output()).empty());
  const Ended killed = dying.finish();
  CHECK_FALSE(killed.well());
  CHECK(killed.manner() == "died of signal 9");
  CHECK(killed.last_line().empty());
}

TEST_CASE("a program that is not there is an error that names it") {
  const Error error = error_of([] { const RunningProgram none{{.program = "/nowhere/at all"}}; });
  CHECK(error.code() == Code::no_input);
  CHECK(message_of(error) == "/nowhere/at all: starting a command: no such file or directory");
  CHECK_THROWS_AS((RunningProgram{{.program = "/bin/true", .directory = "/nowhere"}}), Error);
}

TEST_CASE("a program begins in the directory it is given") {
  const test::TemporaryDirectory directory;
  ProgramOptions options = shell("pwd");
  options.directory = directory.path();
  RunningProgram program{options};
  CHECK(read_all(program.output()) == directory.path().string() + "\n");
  CHECK(program.finish().well());
}

TEST_CASE("megabytes of complaints block nobody, and the last of them are kept") {
  const Stopwatch watch;
  const std::string noise = "yes complaint | head -c 5000000 >&2";
  SUBCASE("before it prints") {
    RunningProgram program{shell(noise + "; echo out; echo last >&2")};
    CHECK(read_all(program.output()) == "out\n");
    const Ended ended = program.finish();
    CHECK(ended.well());
    CHECK(ended.complaints.size() == std::size_t{16} * 1024);
    CHECK(ended.last_line() == "last");
  }
  SUBCASE("after it has closed its output") {
    RunningProgram program{shell("exec >&-; " + noise + "; echo last >&2")};
    CHECK(read_all(program.output()).empty());
    CHECK(program.finish().last_line() == "last");
  }
  SUBCASE("before it reads") {
    ProgramOptions options = shell(noise + "; wc -c; echo last >&2");
    options.input = ProgramOptions::Input::pipe;
    RunningProgram program{options};
    const std::vector<std::byte> more_than_a_pipe_holds(1024 * 1024);
    program.input().write(more_than_a_pipe_holds);
    program.input().finish();
    CHECK(read_all(program.output()) == "1048576\n");
    CHECK(program.finish().last_line() == "last");
  }
  CHECK(watch.elapsed() < 20s);
}

TEST_CASE("a program reads what is written to it, and nothing without") {
  ProgramOptions options{.program = "/bin/cat"};
  RunningProgram nothing{options};
  CHECK(read_all(nothing.output()).empty());
  CHECK(nothing.finish().well());
  CHECK(error_of([&] { static_cast<void>(nothing.input()); }).code() == Code::bug);

  options.input = ProgramOptions::Input::pipe;
  RunningProgram cat{options};
  cat.input().write(as_bytes("to and "));
  cat.input().write(as_bytes("fro"));
  cat.input().finish();
  CHECK(read_all(cat.output(), 3) == "to and fro");
  CHECK(cat.finish().well());
}

TEST_CASE("writing to a program that has stopped reading is an error") {
  const Interrupt interrupt;  // ignores SIGPIPE, as the real program does
  ProgramOptions options = shell("exec <&-; exit 0");
  options.input = ProgramOptions::Input::pipe;
  RunningProgram program{options};
  const std::vector<std::byte> more_than_a_pipe_holds(8 * 1024 * 1024);
  CHECK_THROWS_AS(program.input().write(more_than_a_pipe_holds), BrokenPipe);
  CHECK(program.finish().well());
}

TEST_CASE("a program whose output nobody reads to the end dies of that") {
  const Stopwatch watch;
  RunningProgram program{{.program = "/usr/bin/yes"}};
  std::array<std::byte, 2> some{};
  CHECK(program.output().read(some) > 0);
  CHECK(program.finish().signal == SIGPIPE);
  CHECK(watch.elapsed() < 20s);
}

TEST_CASE("a program nobody asked about is ended, with what it started") {
  const Stopwatch watch;
  std::string background;
  {
    RunningProgram program{shell("sleep 60 >/dev/null 2>&1 & echo $!; exec sleep 60 >&-")};
    background = read_all(program.output());
    REQUIRE(is_alive(background));
  }
  CHECK(dies(background));
  CHECK(watch.elapsed() < 20s);
}

TEST_CASE("a program that ignores SIGTERM is killed after a while") {
  const Stopwatch watch;
  std::string process;
  {
    RunningProgram program{shell("trap '' TERM; echo $$; exec >&-; while :; do sleep 60; done")};
    process = read_all(program.output());
  }
  CHECK_FALSE(is_alive(process));
  CHECK(watch.elapsed() > 4s);
  CHECK(watch.elapsed() < 20s);
}

TEST_CASE("what a program leaves behind with its standard error is not waited for") {
  const Stopwatch watch;
  RunningProgram program{shell("sleep 60 >/dev/null & echo done; echo said >&2")};
  CHECK(read_all(program.output()) == "done\n");
  CHECK(program.finish().complaints == "said\n");
  CHECK(watch.elapsed() < 20s);
}

TEST_CASE("a program has no descriptor of ours, default signal handling and a session of its own") {
  const Interrupt interrupt;
  const test::TemporaryDirectory directory;
  const auto secret = posix().open(directory.write("secret", "s"));
  RunningProgram program{shell("ls -l /proc/$$/fd; cut -d' ' -f6 /proc/$$/stat; echo $$")};
  const std::string text = read_all(program.output());
  CHECK(program.finish().well());
  CHECK(test::contains(text, "/dev/null"));
  CHECK_FALSE(test::contains(text, directory.path().string()));
  const std::string last = text.substr(text.rfind('\n', text.size() - 2) + 1);
  CHECK(text.ends_with("\n" + last + last));  // its session is named after itself

  RunningProgram dying{shell("kill -TERM $$; echo alive")};
  CHECK(read_all(dying.output()).empty());
  CHECK(dying.finish().signal == SIGTERM);
}

TEST_CASE("a signal ends whatever waits for a program, and the program") {
  const Interrupt interrupt;
  const Stopwatch watch;
  ProgramOptions options = shell("echo $$; exec sleep 60");
  options.input = ProgramOptions::Input::pipe;
  std::string process;
  {
    RunningProgram program{options};
    std::array<std::byte, 20> number{};
    const std::size_t count = program.output().read(number);
    process = as_text(Bytes{number}.first(count));
    const std::jthread sender = soon_interrupted();
    SUBCASE("reading") {
      CHECK_THROWS_AS(program.output().read(number), Interrupted);
    }
    SUBCASE("writing") {
      const std::vector<std::byte> more_than_a_pipe_holds(8 * 1024 * 1024);
      CHECK_THROWS_AS(program.input().write(more_than_a_pipe_holds), Interrupted);
    }
    SUBCASE("finishing") {
      CHECK_THROWS_AS(program.finish(), Interrupted);
    }
  }
  CHECK_FALSE(is_alive(process));
  CHECK(watch.elapsed() < 20s);
}

TEST_CASE("a program with little to say is run in one call") {
  const Printed printed = run_program(shell("echo said; echo complained >&2; exit 1"), 100);
  CHECK(printed.output == "said\n");
  CHECK(printed.ended.manner() == "ended with status 1");
  CHECK(printed.ended.last_line() == "complained");
  CHECK(message_of(error_of([] { run_program({.program = "/usr/bin/yes"}, 100); })) ==
        "/usr/bin/yes prints more than 100 bytes");
}

}  // namespace
}  // namespace trackier::os
