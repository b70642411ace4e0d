#pragma once
/// Running another program with a list of arguments: no shell, no quoting, nothing inherited that
/// was not named. For a line of a shell see os/process.hpp.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/stream.hpp"

namespace trackier::os {

struct ProgramOptions {
  enum class Input : std::uint8_t {
    none,  ///< it reads /dev/null
    pipe,  ///< it reads what is written to RunningProgram::input
  };

  std::filesystem::path program;         ///< a path, for no directories are searched
  std::vector<std::string> arguments;    ///< after the program's name; other users can see them
  std::vector<std::string> environment;  ///< NAME=VALUE, and there are no others
  std::filesystem::path directory;       ///< where it begins; empty: where we are
  Input input = Input::none;

  /// How long it may take; then whatever waits throws Error{Code::unavailable}. None: for ever.
  std::optional<std::chrono::milliseconds> patience;
};

/// How a program went.
struct Ended {
  int status = 0;          ///< what it returned, 0 to 255
  int signal = 0;          ///< what it died of; 0: it returned
  std::string complaints;  ///< the last 16 KiB of its standard error

  [[nodiscard]] bool well() const noexcept { return status == 0 && signal == 0; }

  /// "ended with status 3", "died of signal 9".
  [[nodiscard]] std::string manner() const;

  /// The last line of the complaints that is not empty, made printable; empty when there is none.
  [[nodiscard]] std::string last_line() const;
};

/// A program that runs from construction on, with default signal handling, in a session of its own:
/// a Ctrl-C on our terminal is for us, and it has no terminal to ask for a password.
///
/// Its standard error is collected while input, output or finish wait, so that it may complain at
/// any length. One thread at a time, also for input and output; what is written to a program that
/// prints a lot before it has read all is for the caller to keep from blocking.
///
/// All that waits throws Interrupted when a signal asks the run to end.
class RunningProgram {
 public:
  /// Throws Error{Code::no_input} when it cannot be started.
  explicit RunningProgram(const ProgramOptions& options);
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;
  RunningProgram(RunningProgram&&) = delete;
  RunningProgram& operator=(RunningProgram&&) = delete;
  /// Ends the program, if it still runs, with all that it started: SIGTERM, and SIGKILL after five
  /// seconds.
  ~RunningProgram();

  /// What it prints. The end says nothing about how it went: ask finish().
  [[nodiscard]] Source& output() noexcept;

  /// What it reads, with ProgramOptions::Input::pipe; finish() of the sink is the end of it. Throws
  /// BrokenPipe when the program does not read any more.
  [[nodiscard]] Sink& input();

  /// Whether it runs no more; finish() says how it went.
  [[nodiscard]] bool has_ended() const noexcept;

  /// Closes what is open of input and output, waits for the end, and says how it went. Once. A
  /// program whose output was not read to the end may die of that.
  Ended finish();

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// Runs a program that is expected to print little, and returns what that was. Throws
/// Error{Code::no_input} when it cannot be started or prints more than `most` bytes; how it ended
/// is for the caller to judge.
struct Printed {
  std::string output;
  Ended ended;
};
Printed run_program(const ProgramOptions& options, std::size_t most);

/// The same of a program that is given `input` to read, of which it may leave some. It has to have
/// read before it prints much: the answer is read when all was written.
Printed exchange(ProgramOptions options, Bytes input, std::size_t most);

}  // namespace trackier::os
