#include "os/signals.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <future>

#include "os/file.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::os {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// Far above the 10 ms that are promised, for a machine with other things to do; far below for
/// ever.
constexpr auto soon = 5s;

void send(int signal) {
  REQUIRE(::kill(::getpid(), signal) == 0);
}

/// Sends `signal` to the process when the main thread has probably begun to block.
std::jthread sender(int signal) {
  return std::jthread{[signal] {
    std::this_thread::sleep_for(30ms);
    ::kill(::getpid(), signal);
  }};
}

bool comes(const std::stop_token& token) {
  const auto end = Clock::now() + soon;
  while (!token.stop_requested() && Clock::now() < end) {
    std::this_thread::sleep_for(1ms);
  }
  return token.stop_requested();
}

/// Expects `action` to be blocked until a signal comes, and to end soon after.
template <typename Action>
void check_interrupted(Action action) {
  const auto begin = Clock::now();
  {
    const auto signal = sender(SIGTERM);
    CHECK_THROWS_AS(action(), Interrupted);
  }
  CHECK(Clock::now() - begin > 25ms);
  CHECK(Clock::now() - begin < soon);
}

struct Pipe {
  Pipe() { REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  Pipe(Pipe&&) = delete;
  Pipe& operator=(Pipe&&) = delete;
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  std::array<int, 2> ends{};
};

TEST_CASE("a signal becomes a stop request, and the first one is remembered") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const Interrupt interrupt;
    CHECK_FALSE(interrupt.signal());
    CHECK_NOTHROW(throw_if_interrupted());
    send(signal);
    REQUIRE(comes(interrupt.token()));
    CHECK(interrupt.signal() == signal);
    CHECK_THROWS_AS(throw_if_interrupted(), Interrupted);
    send(SIGINT == signal ? SIGTERM : SIGINT);
    std::this_thread::sleep_for(30ms);
    CHECK(interrupt.signal() == signal);
  }
  CHECK_NOTHROW(throw_if_interrupted());  // it is over with the object
}

TEST_CASE("a read that blocks ends soon after a signal") {
  const Interrupt interrupt;
  const Pipe pipe;
  const auto in = inherited(pipe.ends[0]);
  check_interrupted([&] {
    std::array<std::byte, 16> buffer{};
    in->read(buffer);
  });
}

TEST_CASE("a write that blocks ends soon after a signal") {
  const Interrupt interrupt;
  const Pipe pipe;
  const auto out = inherited(pipe.ends[1]);
  const std::vector<std::byte> more_than_a_pipe_holds(8 * 1024 * 1024);
  check_interrupted([&] { out->write(more_than_a_pipe_holds); });
}

TEST_CASE("a descriptor that is waited for, because it does not block, is left soon as well") {
  const Interrupt interrupt;
  const Pipe pipe;
  REQUIRE(::fcntl(pipe.ends[0], F_SETFL, O_NONBLOCK) == 0);
  const auto in = inherited(pipe.ends[0]);
  check_interrupted([&] {
    std::array<std::byte, 16> buffer{};
    in->read(buffer);
  });
}

TEST_CASE("opening a FIFO that nobody writes ends soon after a signal") {
  const Interrupt interrupt;
  const test::TemporaryDirectory directory;
  REQUIRE(::mkfifo((directory / "fifo").c_str(), 0600) == 0);
  check_interrupted([&] { posix().open(directory / "fifo"); });
}

TEST_CASE("threads that block are woken, all of them") {
  const Interrupt interrupt;
  const Pipe pipe;
  std::array<std::future<bool>, 4> readers;
  for (auto& reader : readers) {
    reader = std::async(std::launch::async, [&pipe] {
      try {
        std::array<std::byte, 16> buffer{};
        inherited(pipe.ends[0])->read(buffer);
      } catch (const Interrupted&) {
        return true;
      }
      return false;
    });
  }
  std::this_thread::sleep_for(30ms);
  send(SIGINT);
  for (auto& reader : readers) {
    REQUIRE(reader.wait_for(soon) == std::future_status::ready);
    CHECK(reader.get());
  }
}

TEST_CASE("after a signal a read does not even begin") {
  const Interrupt interrupt;
  const Pipe pipe;
  inherited(pipe.ends[1])->write(as_bytes("there"));
  send(SIGINT);
  REQUIRE(comes(interrupt.token()));
  std::array<std::byte, 16> buffer{};
  CHECK_THROWS_AS(inherited(pipe.ends[0])->read(buffer), Interrupted);
}

TEST_CASE("what is written down on the way out is not interrupted") {
  const Interrupt interrupt;
  ::kill(::getpid(), SIGTERM);
  while (!interrupt.signal()) {
    std::this_thread::sleep_for(1ms);
  }
  CHECK_THROWS_AS(throw_if_interrupted(), Interrupted);
  {
    const Uninterrupted outer;
    const Uninterrupted inner;
    throw_if_interrupted();
  }
  CHECK_THROWS_AS(throw_if_interrupted(), Interrupted);
}

TEST_CASE("SIGUSR1 is answered as often as it comes, and stops nothing") {
  Interrupt interrupt;
  std::mutex lock;
  std::condition_variable answered;
  int answers = 0;
  interrupt.on_inquiry([&] {
    const std::scoped_lock locked{lock};
    ++answers;
    answered.notify_all();
  });
  for (int expected = 1; expected <= 3; ++expected) {
    send(SIGUSR1);
    std::unique_lock locked{lock};
    CHECK(answered.wait_for(locked, soon, [&] { return answers == expected; }));
  }
  CHECK_FALSE(interrupt.token().stop_requested());
  interrupt.on_inquiry({});
  send(SIGUSR1);  // nobody answers, nothing happens
  std::this_thread::sleep_for(20ms);
  CHECK(answers == 3);
  CHECK_FALSE(interrupt.signal());
}

TEST_CASE("a signal that was ignored stays ignored, as under nohup") {
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  struct sigaction before {};
  REQUIRE(::sigaction(SIGHUP, &ignore, &before) == 0);
  {
    const Interrupt interrupt;
    send(SIGHUP);
    std::this_thread::sleep_for(30ms);
    CHECK_FALSE(interrupt.token().stop_requested());
    send(SIGTERM);  // the others are not
    CHECK(comes(interrupt.token()));
    CHECK(interrupt.signal() == SIGTERM);
  }
  REQUIRE(::sigaction(SIGHUP, &before, nullptr) == 0);
}

TEST_CASE("mask and handlers are put back") {
  sigset_t mask_before{};
  pthread_sigmask(SIG_SETMASK, nullptr, &mask_before);
  { const Interrupt interrupt; }
  sigset_t mask_after{};
  pthread_sigmask(SIG_SETMASK, nullptr, &mask_after);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGPIPE}) {
    CHECK(sigismember(&mask_before, signal) == sigismember(&mask_after, signal));
  }
  struct sigaction action {};
  ::sigaction(SIGPIPE, nullptr, &action);
  const bool as_before = action.sa_handler == SIG_DFL;
  CHECK(as_before);
}

TEST_CASE("two interrupts at a time are our mistake") {
  const Interrupt interrupt;
  CHECK(test::error_of([] { const Interrupt second; }).code() == Code::bug);
}

TEST_CASE("a process dies of the signal itself, even of one that was ignored or blocked") {
  for (const int signal : {SIGINT, SIGTERM, SIGPIPE}) {
    const pid_t process = ::fork();
    if (process == 0) {
      sigset_t all{};
      sigfillset(&all);
      pthread_sigmask(SIG_BLOCK, &all, nullptr);
      ::signal(signal, SIG_IGN);
      die_of(signal);
    }
    int status = 0;
    REQUIRE(::waitpid(process, &status, 0) == process);
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == signal);
  }
}

}  // namespace
}  // namespace trackier::os
