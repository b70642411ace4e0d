#include "os/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "core/error.hpp"
#include "os/posix_file.hpp"
#include "os/sanitized.hpp"
#include "os/spawn.hpp"

namespace trackier::os {
namespace {

[[noreturn]] void fail(const char* what, int number) {
  throw Error{Code::no_input, fmt::format("{}: {}", what, errno_text(number))};
}

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
  const SpawnPlan plan{{.output = ends[1]}, SpawnPlan::Session::ours};
  child.emplace(plan.start("/bin/sh", {"sh", "-c", line}, environment), SpawnPlan::Session::ours);
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
