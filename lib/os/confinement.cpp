#include "os/confinement.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <optional>
#include <system_error>
#include <thread>

#include "core/error.hpp"
#include "os/call_filter.hpp"
#include "os/landlock.hpp"
#include "os/pipe.hpp"
#include "os/sanitized.hpp"

namespace trackier::os {
namespace {

bool has_one_thread() {
  std::error_code cause;
  const std::filesystem::directory_iterator threads{"/proc/self/task", cause};
  return cause || std::distance(begin(threads), end(threads)) == 1;
}

/// A thread that is not confined does for another what that may not. One that was joined is listed
/// for a moment still.
void expect_one_thread() {
  constexpr std::chrono::microseconds moment{100};
  constexpr int moments = 10'000;
  for (int i = 0; !has_one_thread(); ++i) {
    if (sanitized) {  // some sanitizers have a thread of their own
      return;
    }
    if (i == moments) {
      throw Error{Code::bug, "confining one of several threads"};
    }
    std::this_thread::sleep_for(moment);
  }
}

/// What a child learns, as it goes through a pipe.
struct Report {
  Confined confined;
  bool has_failed = false;
  bool refuses_files = false;
  bool refuses_sockets = false;
  bool refuses_programs = false;
  bool refuses_processes = false;
};

bool opens(const char* directory) {
  const int descriptor = ::open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor == -1) {
    return false;
  }
  ::close(descriptor);
  return true;
}

bool refuses_sockets() {
  return std::ranges::all_of(std::array{AF_UNIX, AF_INET, AF_INET6, AF_NETLINK}, [](int family) {
    return ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0) == -1 && errno == EPERM;
  });
}

bool refuses_programs() {
  std::array<char*, 1> nothing{};
  ::execve("/bin/true", nothing.data(), nothing.data());
  return errno == EPERM || errno == EACCES;
}

bool refuses_processes() {
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(0);
  }
  const int cause = errno;
  if (child > 0) {
    ::waitpid(child, nullptr, 0);
  }
  return child == -1 && cause == EPERM;
}

Report tried() {
  Report report;
  try {
    report.confined = confine({.reaches = {{"/usr", May::read_below}}});
    report.refuses_files = opens("/usr") && !opens("/");
    report.refuses_sockets = refuses_sockets();
    report.refuses_processes = refuses_processes();
  } catch (const std::exception&) {
    report.has_failed = true;
  }
  return report;
}

void tell(const Descriptor& pipe, const Report& report) {
  if (::write(pipe.number(), &report, sizeof report) != sizeof report) {
    ::_exit(1);
  }
}

std::optional<Report> hear(const Descriptor& pipe) {
  Report report;
  const auto size = ::read(pipe.number(), &report, sizeof report);
  return size == sizeof report ? std::optional{report} : std::nullopt;
}

}  // namespace

Confined confine(const Confinement& confinement) {
  expect_one_thread();
  Confined made{
      .landlock = std::min(landlock_version(), std::min(confinement.landlock, newest_landlock)),
      .is_filtered = can_filter_calls()};
  // Before files are out of reach that it is made of.
  const auto filter = made.is_filtered ? call_filter() : std::function<void()>{};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    throw Error{Code::unavailable, fmt::format("no_new_privs: {}", errno_text(errno))};
  }
  if (made.landlock > 0) {
    restrict_files(confinement.reaches, made.landlock);
  }
  if (filter) {
    filter();
  }
  return made;
}

ProbedConfinement probe_confinement() {
  Pipe pipe;
  const pid_t child = ::fork();
  if (child == 0) {
    Report report = tried();
    tell(pipe.writing, report);
    report.refuses_programs = refuses_programs();  // else the pipe ends here
    tell(pipe.writing, report);
    ::_exit(0);
  }
  const int cause = errno;
  pipe.writing.close();
  if (child == -1) {
    throw Error{Code::unavailable, fmt::format("beginning a process: {}", errno_text(cause))};
  }
  const auto first = hear(pipe.reading);
  const auto last = first ? hear(pipe.reading) : std::nullopt;
  while (::waitpid(child, nullptr, 0) == -1 && errno == EINTR) {
  }
  if (!first) {
    throw Error{Code::unavailable, "a child that was confined has told nothing",
                "see whether another security module, or a filter around this run, has ended it"};
  }
  const Report report = last.value_or(*first);
  if (report.has_failed) {
    throw Error{Code::unavailable, "a child could not confine itself",
                "apt-get install libseccomp2"};
  }
  return {.confined = report.confined,
          .refuses_files = report.refuses_files,
          .refuses_sockets = report.refuses_sockets,
          .refuses_programs = report.refuses_programs,
          .refuses_processes = report.refuses_processes};
}

}  // namespace trackier::os
