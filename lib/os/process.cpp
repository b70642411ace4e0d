#include "os/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include "core/error.hpp"
#include "os/posix_file.hpp"

namespace trackier::os {
namespace {

[[noreturn]] void fail(const char* what, int number) {
  throw Error{Code::no_input, fmt::format("{}: {}", what, errno_text(number))};
}

/// Whether this is a build with a sanitizer: g++ says it by macros, clang by features.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool sanitized = false;
#endif

/// What posix_spawn needs to know, destroyed however the call ends.
class SpawnPlan {
 public:
  explicit SpawnPlan(int output) {
    check(posix_spawn_file_actions_init(&actions_));
    check(posix_spawnattr_init(&attributes_));
    check(posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0));
    check(posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO));
    // What os::Interrupt has blocked and changed is not for the command.
    sigset_t signals{};
    sigemptyset(&signals);
    check(posix_spawnattr_setsigmask(&attributes_, &signals));
    for (const int signal : {SIGPIPE, SIGXFSZ, SIGURG}) {
      sigaddset(&signals, signal);
    }
    check(posix_spawnattr_setsigdefault(&attributes_, &signals));
    check(posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  SpawnPlan(SpawnPlan&&) = delete;
  SpawnPlan& operator=(SpawnPlan&&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  pid_t start(const std::string& line, char* const* environment) const {
    std::string shell = "sh";
    std::string option = "-c";
    std::string command = line;
    const std::array<char*, 4> arguments{shell.data(), option.data(), command.data(), nullptr};
    char* const none = nullptr;
    pid_t child = 0;
    check(posix_spawn(&child, "/bin/sh", &actions_, &attributes_, arguments.data(),
                      environment == nullptr ? &none : environment));
    return child;
  }

 private:
  static void check(int number) {
    if (number != 0) {
      fail("starting a command", number);
    }
  }

  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

/// A running command; ended and awaited when nobody asked how it went.
class Child {
 public:
  explicit Child(pid_t process) : process_(process) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  Child(Child&&) = delete;
  Child& operator=(Child&&) = delete;
  ~Child() {
    if (process_ != 0) {
      ::kill(process_, SIGTERM);
      wait();
    }
  }

  int wait() {
    int status = 0;
    while (::waitpid(process_, &status, 0) == -1 && errno == EINTR) {
    }
    process_ = 0;
    return status;
  }

 private:
  pid_t process_;
};

}  // namespace

std::size_t output_of_command(const std::string& line, char* const* environment, MutBytes output) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) == -1) {
    fail("making a pipe", errno);
  }
  // Outlives the pipe: a command that ignores SIGTERM and waits to write more is awaited only after
  // writing has become an error.
  std::optional<Child> child;
  PosixFile reading{ends[0], PosixFile::Descriptor::owned, "the output of a command"};
  std::optional<PosixFile> writing;
  writing.emplace(ends[1], PosixFile::Descriptor::owned, "the output of a command");
  child.emplace(SpawnPlan{ends[1]}.start(line, environment));
  writing.reset();  // so that the end of the command is the end of the pipe

  std::size_t size = 0;
  std::array<std::byte, 1> beyond{};
  while (const std::size_t count =
             reading.read(size < output.size() ? output.subspan(size) : MutBytes{beyond})) {
    if (size == output.size()) {
      throw Error{Code::no_input,
                  fmt::format("the command prints more than {} bytes", output.size())};
    }
    size += count;
  }
  const int status = child->wait();
  if (WIFSIGNALED(status)) {
    throw Error{Code::no_input, fmt::format("the command died of signal {}", WTERMSIG(status))};
  }
  if (WEXITSTATUS(status) != 0) {
    throw Error{Code::no_input,
                fmt::format("the command ended with status {}", WEXITSTATUS(status))};
  }
  return size;
}

void forbid_inspection() noexcept {
  if (!sanitized) {
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  }
}

}  // namespace trackier::os
