#include "os/process_identity.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace trackier::os {
namespace {

/// What `this_process` says in a child, which has ended when this returns.
ProcessIdentity of_ended_child() {
  ProcessIdentity child = this_process(posix());
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::_exit(0);
  }
  ::waitpid(pid, nullptr, 0);
  child.pid = static_cast<std::uint64_t>(pid);
  return child;
}

TEST_CASE("a process knows itself, the same each time") {
  const ProcessIdentity self = this_process(posix());
  CHECK(self == this_process(posix()));
  CHECK(self.boot.size() == 36);
  CHECK(self.space != 0);
  CHECK(self.pid == static_cast<std::uint64_t>(::getpid()));
  CHECK(self.start != 0);
}

TEST_CASE("a process that runs is not gone, and one that ended is") {
  const ProcessIdentity self = this_process(posix());
  CHECK_FALSE(is_gone(posix(), self, self));
  ProcessIdentity parent = self;
  parent.pid = static_cast<std::uint64_t>(::getppid());
  parent.start = 0;
  CHECK_FALSE(is_gone(posix(), self, parent));
  CHECK(is_gone(posix(), self, of_ended_child()));
}

TEST_CASE("a number that was given to another process does not keep the first one alive") {
  const ProcessIdentity self = this_process(posix());
  ProcessIdentity before = self;
  --before.start;
  CHECK(is_gone(posix(), self, before));
  before.start = 0;  // not known: it may be this one
  CHECK_FALSE(is_gone(posix(), self, before));
}

TEST_CASE("a process of an earlier start of the machine is gone, and one elsewhere may not be") {
  const ProcessIdentity self = this_process(posix());
  ProcessIdentity other = self;
  other.boot = "00000000-0000-0000-0000-000000000000";
  CHECK(is_gone(posix(), self, other));
  other.boot.clear();
  CHECK_FALSE(is_gone(posix(), self, other));
  ProcessIdentity elsewhere = of_ended_child();
  ++elsewhere.space;
  CHECK_FALSE(is_gone(posix(), self, elsewhere));
}

TEST_CASE("a number that no process can have says nothing") {
  const ProcessIdentity self = this_process(posix());
  for (const std::uint64_t pid : {std::uint64_t{0}, std::uint64_t{1} << 31U, ~std::uint64_t{0}}) {
    ProcessIdentity other = self;
    other.pid = pid;
    CHECK_FALSE(is_gone(posix(), self, other));
  }
}

TEST_CASE("the start of a process is found whatever the program is called") {
  const std::string rest = " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21";
  CHECK(start_in("42 (cat)" + rest) == 4711);
  CHECK(start_in("42 (a) R 1 (b c) d)" + rest) == 4711);
  CHECK_FALSE(start_in("42 (cat) S 1 2 3"));
  CHECK_FALSE(start_in("42 cat"));
  CHECK_FALSE(start_in(""));
}

}  // namespace
}  // namespace trackier::os
