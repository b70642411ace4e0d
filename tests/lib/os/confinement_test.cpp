#include "os/confinement.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>

#include "os/call_filter.hpp"
#include "os/landlock.hpp"
#include "os/sanitized.hpp"
#include "os/signals.hpp"
#include "support/errors.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::os {
namespace {

using test::TemporaryDirectory;
using Path = std::filesystem::path;

/// Whether a kernel has what a test is about; says so when it has not.
bool has_landlock() {
  if (landlock_version() == 0) {
    MESSAGE("SKIPPED: the kernel has no Landlock");
    return false;
  }
  return true;
}

bool has_filter() {
  if (!can_filter_calls()) {
    MESSAGE("SKIPPED: the kernel filters no system calls");
    return false;
  }
  return true;
}

/// The result of a system call in a child that has confined itself: 0, or errno.
using Try = std::function<int()>;

int in_child(const Confinement& confinement, const Try& attempt) {
  constexpr int failed = 255;
  const pid_t child = ::fork();
  REQUIRE(child != -1);
  if (child == 0) {
    int result = failed;
    try {
      confine(confinement);
      result = attempt();
    } catch (const std::exception& error) {
      static_cast<void>(std::fprintf(stderr, "%s\n", error.what()));
    } catch (...) {  // of a check that failed; there is one process that tells
      result = failed;
    }
    ::_exit(result);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));  // what is refused kills nobody
  REQUIRE(WEXITSTATUS(status) != failed);
  return WEXITSTATUS(status);
}

int result_of(long call) {
  return call == -1 ? errno : 0;
}

int opened(const Path& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (descriptor == -1) {
    return errno;
  }
  ::close(descriptor);
  return 0;
}

/// A place to be in, and one to stay out of.
struct Places {
  TemporaryDirectory top;
  Path inside = top / "inside";
  Path outside = top / "outside";

  Places() {
    for (const Path& each : {inside, outside}) {
      std::filesystem::create_directory(each);
    }
    top.write("inside/file", "inside");
    top.write("outside/file", "outside");
    std::filesystem::create_symlink(outside / "file", inside / "link");
  }

  [[nodiscard]] Confinement may(May may, const Path& path,
                                unsigned version = newest_landlock) const {
    return {.reaches = {{path, may}}, .landlock = version};
  }
};

TEST_CASE("a file that may be read is read, and no other is, by whatever name") {
  if (!has_landlock()) {
    return;
  }
  const Places places;
  const auto only = places.may(May::read, places.inside / "file");
  CHECK(in_child(only, [&] { return opened(places.inside / "file", O_RDONLY); }) == 0);
  CHECK(in_child(only, [&] { return opened(places.inside / "file", O_WRONLY); }) == EACCES);
  CHECK(in_child(only, [&] { return opened(places.outside / "file", O_RDONLY); }) == EACCES);
  CHECK(in_child(only, [&] { return opened(places.inside / "link", O_RDONLY); }) == EACCES);
  CHECK(in_child(only, [&] { return opened(places.inside / "new", O_WRONLY | O_CREAT); }) ==
        EACCES);
  CHECK(in_child(only, [&] { return opened(places.inside, O_RDONLY | O_DIRECTORY); }) == EACCES);
  CHECK(in_child(only, [&] { return opened(places.inside / "none", O_RDONLY); }) == ENOENT);
  CHECK(in_child(places.may(May::read, places.inside / "link"),
                 [&] { return opened(places.outside / "file", O_RDONLY); }) == 0);
}

TEST_CASE("of a directory that is read as an input only the names are told") {
  if (!has_landlock()) {
    return;
  }
  const Places places;
  const auto only = places.may(May::read, places.inside);
  CHECK(in_child(only, [&] { return opened(places.inside, O_RDONLY | O_DIRECTORY); }) == 0);
  CHECK(in_child(only, [&] { return opened(places.inside / "file", O_RDONLY); }) == EACCES);
  const auto below = places.may(May::read_below, places.inside);
  CHECK(in_child(below, [&] { return opened(places.inside / "file", O_RDONLY); }) == 0);
  CHECK(in_child(below, [&] { return opened(places.inside / "link", O_RDONLY); }) == EACCES);
}

TEST_CASE("outputs are made, renamed and removed in their directory, whatever the version") {
  if (!has_landlock()) {
    return;
  }
  for (unsigned version = 1; version <= newest_landlock; ++version) {
    CAPTURE(version);
    const Places places;
    const auto only = places.may(May::manage, places.inside, version);
    CHECK(in_child(only, [&] {
            const Path temporary = places.inside / ".new.tmp";
            const int made = opened(temporary, O_RDWR | O_CREAT | O_EXCL);
            return made != 0
                       ? made
                       : result_of(::rename(temporary.c_str(), (places.inside / "file").c_str()));
          }) == 0);
    CHECK(in_child(only, [&] { return opened(places.inside / "file", O_WRONLY | O_TRUNC); }) == 0);
    CHECK(in_child(only, [&] { return opened(places.inside, O_RDWR | O_TMPFILE); }) == 0);
    CHECK(in_child(only, [&] {
            return result_of(::mkdir((places.inside / "below").c_str(), 0700));
          }) == 0);
    CHECK(in_child(only,
                   [&] { return opened(places.inside / "below/file", O_WRONLY | O_CREAT); }) == 0);
    CHECK(in_child(only, [&] { return result_of(::unlink((places.inside / "file").c_str())); }) ==
          0);
    CHECK(in_child(only, [&] { return opened(places.outside / "new", O_WRONLY | O_CREAT); }) ==
          EACCES);
    CHECK(in_child(only, [&] { return result_of(::unlink((places.outside / "file").c_str())); }) ==
          EACCES);
    CHECK(in_child(only, [&] {
            return result_of(::mkfifo((places.inside / "fifo").c_str(), 0600));
          }) == EACCES);
    CHECK(in_child(only, [&] {
            return result_of(::symlink("/etc", (places.inside / "to").c_str()));
          }) == EACCES);
    // Moving a file out, or one in, to give it the rights of the other place.
    CHECK(in_child(only, [&] {
            return result_of(
                ::rename((places.outside / "file").c_str(), (places.inside / "taken").c_str()));
          }) != 0);
    CHECK(in_child(only, [&] {
            return result_of(
                ::link((places.outside / "file").c_str(), (places.inside / "taken").c_str()));
          }) != 0);
    CHECK(std::filesystem::exists(places.outside / "file"));
  }
}

TEST_CASE("inputs that go when they are sealed may be removed, and neither read nor written") {
  if (!has_landlock()) {
    return;
  }
  const Places places;
  const auto only = places.may(May::remove, places.inside);
  CHECK(in_child(only, [&] { return opened(places.inside / "file", O_RDONLY); }) == EACCES);
  CHECK(in_child(only, [&] { return opened(places.inside / "new", O_WRONLY | O_CREAT); }) ==
        EACCES);
  CHECK(in_child(only, [&] { return opened(places.inside, O_RDONLY | O_DIRECTORY); }) == 0);
  CHECK(in_child(only, [&] { return result_of(::unlink((places.inside / "file").c_str())); }) == 0);
}

TEST_CASE("a device that is named is written to, and those beside it are not") {
  if (!has_landlock()) {
    return;
  }
  const Places places;
  const auto only = places.may(May::write, "/dev/null");
  CHECK(in_child(only, [] { return opened("/dev/null", O_WRONLY); }) == 0);
  CHECK(in_child(only, [] { return opened("/dev/zero", O_RDONLY); }) == EACCES);
  const auto terminal = places.may(May::write, "/dev/ptmx");
  CHECK(in_child(terminal, [] { return opened("/dev/ptmx", O_RDWR | O_NOCTTY); }) == 0);
}

TEST_CASE("what is open stays open, and what is not there is left out") {
  const Places places;
  const int before = ::open((places.outside / "file").c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(before != -1);
  const Confinement nothing{.reaches = {{places.top / "none", May::manage}}};
  CHECK(in_child(nothing, [&] {
          char byte = 0;
          return ::pread(before, &byte, 1, 0) == 1 && ::ftruncate(before, 1) == 0 &&
                         ::fchmod(before, 0640) == 0 && ::futimens(before, nullptr) == 0
                     ? 0
                     : errno;
        }) == 0);
  ::close(before);
}

TEST_CASE("without Landlock the filter is in force all the same") {
  if (!has_filter()) {
    return;
  }
  const Places places;
  const Confinement confinement{.reaches = {}, .landlock = 0};
  CHECK(in_child(confinement, [&] { return opened(places.outside / "file", O_RDONLY); }) == 0);
  CHECK(in_child(confinement, [] { return result_of(::socket(AF_INET, SOCK_STREAM, 0)); }) ==
        EPERM);
}

TEST_CASE("nothing is connected to, no program started, nothing changed by name") {
  if (!has_filter()) {
    return;
  }
  const Places places;
  const auto all = places.may(May::manage, places.top / "");
  const std::string file = (places.inside / "file").native();
  for (const int family : {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK}) {
    CHECK(in_child(all, [family] { return result_of(::socket(family, SOCK_DGRAM, 0)); }) == EPERM);
  }
  CHECK(in_child(all, [] {
          char* nothing = nullptr;
          return result_of(::execve("/bin/true", &nothing, &nothing));
        }) == EPERM);
  CHECK(in_child(all, [&] { return result_of(::chmod(file.c_str(), 0777)); }) == EPERM);
  CHECK(in_child(all, [&] { return result_of(::fchmodat(AT_FDCWD, file.c_str(), 0777, 0)); }) ==
        EPERM);
  constexpr long fchmodat2 = 452;  // has no name in the C library of Debian 12
  CHECK(in_child(all, [&] {
          return result_of(::syscall(fchmodat2, AT_FDCWD, file.c_str(), 0777, 0));
        }) == EPERM);
  CHECK(in_child(all, [&] { return result_of(::chown(file.c_str(), 1, 1)); }) == EPERM);
  CHECK(in_child(all, [&] { return result_of(::truncate(file.c_str(), 0)); }) == EPERM);
  CHECK(in_child(all, [&] { return result_of(::utimensat(AT_FDCWD, file.c_str(), nullptr, 0)); }) ==
        EPERM);
  CHECK(in_child(all, [] { return result_of(::setuid(::getuid())); }) == EPERM);
  CHECK(in_child(all, [] { return result_of(::unshare(CLONE_NEWUSER)); }) == EPERM);
  CHECK(in_child(all, [] { return result_of(::syscall(SYS_io_uring_setup, 1, nullptr)); }) ==
        EPERM);
  CHECK(in_child(all, [] { return result_of(::syscall(SYS_keyctl, 0, 0)); }) == EPERM);
  CHECK(in_child(all, [] {
          char letter = 'x';
          return result_of(::ioctl(STDIN_FILENO, TIOCSTI, &letter));
        }) == EPERM);
  static constexpr unsigned long high = 1UL << 32U;  // of which the kernel takes the low half
  CHECK(in_child(all, [] {
          char letter = 'x';
          return result_of(::syscall(SYS_ioctl, STDIN_FILENO, TIOCSTI | high, &letter));
        }) == EPERM);
  CHECK(in_child(all, [] {
          return result_of(
              ::syscall(SYS_kill, static_cast<unsigned long>(::getpid()) | high, SIGTERM));
        }) == EPERM);
  CHECK(std::filesystem::file_size(file) == 6);
}

TEST_CASE("no process is begun or looked into, and threads are") {
  if (!has_filter()) {
    return;
  }
  const Confinement nothing;
  CHECK(in_child(nothing, [] {
          int done = EINVAL;
          std::thread{[&done] { done = 0; }}.join();
          return done;
        }) == 0);
  if (sanitized) {
    MESSAGE("SKIPPED: a build with a sanitizer has to begin processes and look into them");
    return;
  }
  CHECK(in_child(nothing, [] {
          const pid_t child = ::fork();
          if (child == 0) {
            ::_exit(0);
          }
          return result_of(child);
        }) == EPERM);
  CHECK(in_child(nothing,
                 [] { return result_of(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }) == EPERM);
}

TEST_CASE("signals go to the process itself, and 0 asks whether another is there") {
  const Confinement nothing;
  const pid_t other = ::getpid();
  CHECK(in_child(nothing, [other] { return result_of(::kill(other, SIGUSR2)); }) == EPERM);
  CHECK(in_child(nothing, [] { return result_of(::kill(::getpid(), 0)); }) == 0);
  CHECK(in_child(nothing, [] {
          ::signal(SIGUSR2, SIG_IGN);
          return ::raise(SIGUSR2);
        }) == 0);
  constexpr pid_t none = 0x3fffffff;
  CHECK(in_child(nothing, [] { return result_of(::kill(none, 0)); }) == ESRCH);
}

TEST_CASE(
    "a thread that would stay free is a mistake, and the one that waits for signals is renewed") {
  if (!sanitized) {
    const Confinement sees_itself{.reaches = {{"/proc/self", May::read_below}}};
    CHECK(in_child(sees_itself, [] {
            const Interrupt interrupt;
            return test::error_of([] { confine({}); }).code() == Code::bug ? 0 : EINVAL;
          }) == 0);
  }
  CHECK(in_child({}, [] {
          Interrupt interrupt;
          interrupt.without_waiter([] {
            ::kill(::getpid(), SIGTERM);  // blocked meanwhile, not lost
          });
          for (int i = 0; i < 1000 && !interrupt.signal(); ++i) {
            ::usleep(1000);
          }
          return interrupt.signal() == SIGTERM ? 0 : EINVAL;
        }) == 0);
}

TEST_CASE("a probe says what holds, and leaves this process free") {
  const ProbedConfinement probed = probe_confinement();
  CHECK(probed.confined.landlock == std::min(landlock_version(), newest_landlock));
  CHECK(probed.confined.is_filtered == can_filter_calls());
  CHECK(probed.refuses_files == (landlock_version() > 0));
  CHECK(probed.refuses_sockets == can_filter_calls());
  CHECK(probed.refuses_programs == (can_filter_calls() || landlock_version() > 0));
  if (!sanitized) {
    CHECK(probed.refuses_processes == can_filter_calls());
  }
  CHECK(opened("/", O_RDONLY | O_DIRECTORY) == 0);
}

}  // namespace
}  // namespace trackier::os
