#include "os/terminal.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "os/file.hpp"

namespace trackier::os {
namespace {

/// Standard input is something else, for as long as it lives.
class StandardInput {
 public:
  explicit StandardInput(int descriptor) : before_(::dup(STDIN_FILENO)) {
    ::dup2(descriptor, STDIN_FILENO);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;
  StandardInput(StandardInput&&) = delete;
  StandardInput& operator=(StandardInput&&) = delete;
  ~StandardInput() {
    ::dup2(before_, STDIN_FILENO);
    ::close(before_);
  }

 private:
  int before_;
};

TEST_CASE("a terminal is one, and has its width") {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
  REQUIRE(master != -1);
  REQUIRE(::grantpt(master) == 0);
  REQUIRE(::unlockpt(master) == 0);
  const int slave = ::open(::ptsname(master), O_RDWR | O_NOCTTY);
  REQUIRE(slave != -1);
  {
    const StandardInput changed{slave};
    CHECK(is_terminal(Stream::input));
    CHECK(standard_input()->status().kind == FileStatus::Kind::terminal);
    winsize size{};
    size.ws_col = 132;
    REQUIRE(::ioctl(slave, TIOCSWINSZ, &size) == 0);
    CHECK(terminal_columns(Stream::input) == 132);
    size.ws_col = 0;  // a terminal that does not know
    REQUIRE(::ioctl(slave, TIOCSWINSZ, &size) == 0);
    CHECK(terminal_columns(Stream::input) == 80);
  }
  ::close(slave);
  ::close(master);
}

TEST_CASE("a device that is no terminal has 80 columns") {
  const int nothing = ::open("/dev/null", O_RDONLY);
  REQUIRE(nothing != -1);
  {
    const StandardInput changed{nothing};
    CHECK_FALSE(is_terminal(Stream::input));
    CHECK(terminal_columns(Stream::input) == 80);
    CHECK(standard_input()->status().kind == FileStatus::Kind::other);
  }
  ::close(nothing);
}

}  // namespace
}  // namespace trackier::os
