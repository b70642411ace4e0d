#include "os/terminal.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <optional>

#include "core/error.hpp"
#include "os/blocking_call.hpp"
#include "os/posix_file.hpp"

namespace trackier::os {
namespace {

int descriptor_of(Stream stream) {
  switch (stream) {
    case Stream::input:
      return STDIN_FILENO;
    case Stream::output:
      return STDOUT_FILENO;
    case Stream::error:
      break;
  }
  return STDERR_FILENO;
}

/// While it lives, what is typed is not shown. The keys for quitting and stopping do nothing, for
/// the terminal would be left as it is now; Ctrl-C is an ordinary end.
class Unseen {
 public:
  explicit Unseen(int terminal) : terminal_(terminal) {
    if (::tcgetattr(terminal_, &before_) == -1) {
      throw Error{Code::no_permission, "the terminal does not say how it is set"};
    }
    termios now = before_;
    now.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    now.c_lflag |= ICANON | ISIG | ECHONL;  // that the line ended is shown
    now.c_cc[VQUIT] = _POSIX_VDISABLE;
    now.c_cc[VSUSP] = _POSIX_VDISABLE;
    if (::tcsetattr(terminal_, TCSADRAIN, &now) == -1) {
      throw Error{Code::no_permission, "the terminal cannot be kept from showing what is typed"};
    }
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
  Unseen(Unseen&&) = delete;
  Unseen& operator=(Unseen&&) = delete;
  ~Unseen() { ::tcsetattr(terminal_, TCSADRAIN, &before_); }

 private:
  int terminal_;
  termios before_{};
};

int open_terminal(std::string_view for_what, std::string_view instead) {
  const int descriptor = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (descriptor == -1) {
    throw Error{Code::no_permission, fmt::format("there is no terminal to ask for {} on", for_what),
                fmt::format("run it on a terminal, or {}", instead)};
  }
  return descriptor;
}

/// A line without its end, and how long it is; none when it is longer than `into`. Byte by byte:
/// what follows the line stays with the driver.
std::optional<std::size_t> read_line(File& terminal, MutBytes into) {
  std::size_t size = 0;
  for (;;) {
    std::byte typed{};
    if (terminal.read({&typed, 1}) == 0 || typed == std::byte{'\n'}) {
      return size;
    }
    if (size == into.size()) {
      return std::nullopt;
    }
    into[size++] = typed;
    typed = std::byte{};
  }
}

}  // namespace

bool is_terminal(Stream stream) {
  return isatty(descriptor_of(stream)) == 1;
}

int terminal_columns(Stream stream) {
  winsize size{};
  if (ioctl(descriptor_of(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
    return 80;
  }
  return size.ws_col;
}

std::size_t read_passphrase(std::string_view prompt, MutBytes into) {
  const int descriptor = open_terminal("a passphrase", "use a key instead of a passphrase");
  PosixFile terminal{descriptor, PosixFile::Descriptor::owned, "the terminal"};
  const Unseen unseen{descriptor};
  terminal.write(as_bytes(prompt));
  const auto size = read_line(terminal, into);
  if (!size) {
    ::tcflush(descriptor, TCIFLUSH);  // or a shell would take the rest for a command
    throw Error{Code::no_permission, "the passphrase is too long"};
  }
  return *size;
}

std::string read_answer(std::string_view prompt) {
  const int descriptor = open_terminal("an answer", "say it with an option");
  PosixFile terminal{descriptor, PosixFile::Descriptor::owned, "the terminal"};
  terminal.write(as_bytes(prompt));
  std::array<std::byte, 1000> line{};
  const std::size_t size = read_line(terminal, line).value_or(line.size());
  return std::string{as_text(Bytes{line}.first(size))};
}

}  // namespace trackier::os
