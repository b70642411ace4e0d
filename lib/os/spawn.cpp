#include "os/spawn.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <thread>

#include "core/error.hpp"
#include "os/blocking_call.hpp"
#include "os/signals.hpp"

namespace trackier::os {
namespace {

constexpr std::chrono::milliseconds look_interval{5};

void check(int number) {
  if (number != 0) {
    throw Error{Code::no_input, fmt::format("starting a command: {}", errno_text(number))};
  }
}

/// The child stays what it is, a process that has ended or not: nothing is reaped.
int look(pid_t process, siginfo_t& found, int options) {
  return ::waitid(P_PID, static_cast<id_t>(process), &found, options | WEXITED | WNOWAIT);
}

}  // namespace

SpawnPlan::SpawnPlan(const SpawnStreams& streams, Session session) {
  check(posix_spawn_file_actions_init(&actions_));
  check(posix_spawnattr_init(&attributes_));
  if (streams.input) {
    check(posix_spawn_file_actions_adddup2(&actions_, *streams.input, STDIN_FILENO));
  } else {
    check(posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0));
  }
  check(posix_spawn_file_actions_adddup2(&actions_, streams.output, STDOUT_FILENO));
  if (streams.errors) {
    check(posix_spawn_file_actions_adddup2(&actions_, *streams.errors, STDERR_FILENO));
  }
  // What os::Interrupt has blocked and changed is not for the program.
  sigset_t signals{};
  sigemptyset(&signals);
  check(posix_spawnattr_setsigmask(&attributes_, &signals));
  for (const int signal : {SIGPIPE, SIGXFSZ, SIGURG}) {
    sigaddset(&signals, signal);
  }
  check(posix_spawnattr_setsigdefault(&attributes_, &signals));
  const int own = session == Session::own ? POSIX_SPAWN_SETSID : 0;
  const int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | own;
  check(posix_spawnattr_setflags(&attributes_, static_cast<short>(flags)));
}

SpawnPlan::~SpawnPlan() {
  posix_spawn_file_actions_destroy(&actions_);
  posix_spawnattr_destroy(&attributes_);
}

void SpawnPlan::begin_in(const std::filesystem::path& directory) {
  check(posix_spawn_file_actions_addchdir_np(&actions_, directory.c_str()));
}

pid_t SpawnPlan::start(const std::filesystem::path& program, std::vector<std::string> arguments,
                       char* const* environment) const {
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) {
    pointers.push_back(argument.data());
  }
  pointers.push_back(nullptr);
  char* const none = nullptr;
  pid_t child = 0;
  check(posix_spawn(&child, program.c_str(), &actions_, &attributes_, pointers.data(),
                    environment == nullptr ? &none : environment));
  return child;
}

Child::~Child() {
  if (process_ != 0) {
    send(SIGTERM);
    wait();
  }
}

void Child::send(int signal) const noexcept {
  ::kill(session_ == SpawnPlan::Session::own ? -process_ : process_, signal);
}

int Child::wait() {
  int status = 0;
  while (::waitpid(process_, &status, 0) == -1 && errno == EINTR) {
  }
  process_ = 0;
  return status;
}

bool Child::has_ended() const {
  siginfo_t found{};  // si_pid stays 0 when there is nothing to tell
  return process_ == 0 || (look(process_, found, WNOHANG) == 0 && found.si_pid != 0);
}

void Child::wait_for_end() const {
  const BlockingCall blocking;
  siginfo_t found{};
  while (process_ != 0 && look(process_, found, 0) == -1 && errno == EINTR) {
    throw_if_interrupted();
  }
}

void Child::end(std::chrono::milliseconds patience) noexcept {
  if (process_ == 0) {
    return;
  }
  send(SIGTERM);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!has_ended() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(look_interval);
  }
  // Before it is reaped, for until then nobody else can have its number; and also when it has
  // ended, for what it started, which is in its group.
  send(SIGKILL);
  wait();
}

}  // namespace trackier::os
