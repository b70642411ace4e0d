#include "os/program.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <optional>

#include "core/error.hpp"
#include "core/text.hpp"
#include "os/blocking_call.hpp"
#include "os/file.hpp"
#include "os/pipe.hpp"
#include "os/signals.hpp"
#include "os/spawn.hpp"

namespace trackier::os {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_complaints = 16 * 1024;
constexpr std::size_t read_bytes = 4096;
constexpr auto patience = 5s;

/// How often the end of a program is looked for while its standard error is open.
constexpr int look_milliseconds = 20;

/// How long at a time a program with a limit is waited for.
constexpr int longest_wait = 1000;

/// The last bytes of what came.
class Tail {
 public:
  void add(std::string_view text) {
    text_ += text;
    if (text_.size() > 2 * most_complaints) {  // not at every byte
      text_.erase(0, text_.size() - most_complaints);
    }
  }

  [[nodiscard]] std::string value() const {
    return text_.size() > most_complaints ? text_.substr(text_.size() - most_complaints) : text_;
  }

 private:
  std::string text_;
};

}  // namespace

class RunningProgram::State {
 public:
  explicit State(const ProgramOptions& options)
      : shown_(printable(options.program.native())), patience_(options.patience) {
    Pipe out;
    Pipe errors;
    std::optional<Pipe> in;
    if (options.input == ProgramOptions::Input::pipe) {
      in.emplace();
      in->writing.make_non_blocking();
    }
    out.reading.make_non_blocking();
    errors.reading.make_non_blocking();
    SpawnStreams streams{.output = out.writing.number(), .errors = errors.writing.number()};
    if (in) {
      streams.input = in->reading.number();
    }
    SpawnPlan plan{streams, SpawnPlan::Session::own};
    if (!options.directory.empty()) {
      plan.begin_in(options.directory);
    }
    child_.emplace(start(plan, options), SpawnPlan::Session::own);
    output_ = std::move(out.reading);
    errors_ = std::move(errors.reading);
    if (in) {
      input_ = std::move(in->writing);
    }
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  State(State&&) = delete;
  State& operator=(State&&) = delete;
  ~State() {
    output_.close();  // a program that prints for ever learns that nobody reads it
    input_.close();
    child_->end(patience);
  }

  std::size_t read(MutBytes into) {
    const BlockingCall blocking;
    while (output_.is_open()) {
      const ssize_t count = ::read(output_.number(), into.data(), into.size());
      if (count >= 0) {
        return static_cast<std::size_t>(count);
      }
      wait_after(errno, output_, POLLIN, "reading from");
    }
    return 0;
  }

  void write(Bytes bytes) {
    const BlockingCall blocking;
    while (!bytes.empty()) {
      const ssize_t count = ::write(input_.number(), bytes.data(), bytes.size());
      if (count >= 0) {
        bytes = bytes.subspan(static_cast<std::size_t>(count));
      } else if (errno == EPIPE) {
        throw BrokenPipe{Code::io, fmt::format("{} does not read to the end", shown_)};
      } else {
        wait_after(errno, input_, POLLOUT, "writing to");
      }
    }
  }

  [[nodiscard]] bool has_ended() const noexcept { return child_->has_ended(); }
  [[nodiscard]] bool takes_input() const noexcept { return input_.is_open(); }
  void close_input() noexcept { input_.close(); }

  Ended finish() {
    input_.close();
    output_.close();
    while ((errors_.is_open() || patience_) && !child_->has_ended()) {
      const BlockingCall blocking;
      wait_for({}, 0, look_milliseconds);
    }
    child_->wait_for_end();
    collect();
    // Closed or not, for what the program left behind may hold it open.
    errors_.close();
    const int status = child_->wait();
    return {.status = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
            .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
            .complaints = complaints_.value()};
  }

 private:
  pid_t start(const SpawnPlan& plan, const ProgramOptions& options) const {
    std::vector<std::string> arguments = options.arguments;
    arguments.insert(arguments.begin(), options.program.native());
    std::vector<std::string> variables = options.environment;
    std::vector<char*> environment;
    environment.reserve(variables.size() + 1);
    for (std::string& variable : variables) {
      environment.push_back(variable.data());
    }
    environment.push_back(nullptr);
    return doing(shown_, [&] {
      return plan.start(options.program, std::move(arguments), environment.data());
    });
  }

  /// After a call that did not succeed: waits until it may, or throws.
  void wait_after(int number, const Descriptor& descriptor, short events, const char* aim) {
    if (number == EINTR) {
      throw_if_interrupted();
    } else if (number == EAGAIN) {
      wait_for(descriptor.number(), events, -1);
    } else {
      throw Error{Code::io, fmt::format("{} {}: {}", aim, shown_, errno_text(number))};
    }
  }

  /// Waits for a descriptor, if one is given, collecting complaints meanwhile.
  void wait_for(std::optional<int> descriptor, short events, int milliseconds) {
    if (patience_) {
      const auto left = begun_ + *patience_ - std::chrono::steady_clock::now();
      if (left <= 0ms) {
        throw Error{Code::unavailable, fmt::format("{} has taken longer than {} s", shown_,
                                                   patience_->count() / 1000)};
      }
      const auto most = std::chrono::ceil<std::chrono::milliseconds>(left).count();
      milliseconds =
          static_cast<int>(milliseconds < 0 ? std::min<std::int64_t>(most, longest_wait)
                                            : std::min<std::int64_t>(most, milliseconds));
    }
    // poll(2) passes over descriptors below 0.
    std::array<pollfd, 2> waiting{{{.fd = descriptor.value_or(-1), .events = events, .revents = 0},
                                   {.fd = errors_.number(), .events = POLLIN, .revents = 0}}};
    if (::poll(waiting.data(), waiting.size(), milliseconds) == -1) {
      if (errno != EINTR) {
        throw Error{Code::io, fmt::format("waiting for {}: {}", shown_, errno_text(errno))};
      }
      throw_if_interrupted();
    } else if (waiting[1].revents != 0) {
      collect();
    }
  }

  /// Reads what there is of its standard error: at most what a pipe holds, for it may go on.
  void collect() {
    std::array<char, read_bytes> buffer{};
    for (std::size_t done = 0; errors_.is_open() && done < most_complaints * 4;) {
      const ssize_t count = ::read(errors_.number(), buffer.data(), buffer.size());
      if (count > 0) {
        complaints_.add({buffer.data(), static_cast<std::size_t>(count)});
        done += static_cast<std::size_t>(count);
      } else if (count == 0) {
        errors_.close();
      } else if (errno != EINTR) {
        break;  // EAGAIN: nothing there
      }
    }
  }

  std::string shown_;
  std::optional<std::chrono::milliseconds> patience_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::optional<Child> child_;
  Descriptor input_;
  Descriptor output_;
  Descriptor errors_;
  Tail complaints_;

 public:
  class Output final : public Source {
   public:
    explicit Output(State& state) : state_(state) {}
    std::size_t read(MutBytes into) override { return state_.read(into); }

   private:
    State& state_;
  };

  class Input final : public Sink {
   public:
    explicit Input(State& state) : state_(state) {}
    void write(Bytes bytes) override { state_.write(bytes); }
    void finish() override { state_.close_input(); }

   private:
    State& state_;
  };

  Output output{*this};
  Input input{*this};
};

RunningProgram::RunningProgram(const ProgramOptions& options)
    : state_(std::make_unique<State>(options)) {}

RunningProgram::~RunningProgram() = default;

Source& RunningProgram::output() noexcept {
  return state_->output;
}

Sink& RunningProgram::input() {
  if (!state_->takes_input()) {
    throw Error{Code::bug, "a program that reads nothing was to be written to"};
  }
  return state_->input;
}

bool RunningProgram::has_ended() const noexcept {
  return state_->has_ended();
}

Ended RunningProgram::finish() {
  return state_->finish();
}

std::string Ended::manner() const {
  return signal != 0 ? fmt::format("died of signal {}", signal)
                     : fmt::format("ended with status {}", status);
}

std::string Ended::last_line() const {
  std::string_view text = complaints;
  text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  const std::size_t before = text.find_last_of('\n');
  return printable(before == std::string_view::npos ? text : text.substr(before + 1), 500);
}

namespace {

Printed rest_of(RunningProgram& program, const std::filesystem::path& name, std::size_t most) {
  std::string output;
  std::array<std::byte, read_bytes> buffer{};
  while (const std::size_t count = program.output().read(buffer)) {
    output += as_text(Bytes{buffer}.first(count));
    if (output.size() > most) {
      throw Error{Code::no_input,
                  fmt::format("{} prints more than {} bytes", printable(name.native()), most)};
    }
  }
  return {.output = std::move(output), .ended = program.finish()};
}

}  // namespace

Printed run_program(const ProgramOptions& options, std::size_t most) {
  RunningProgram program{options};
  return rest_of(program, options.program, most);
}

Printed exchange(ProgramOptions options, Bytes input, std::size_t most) {
  options.input = ProgramOptions::Input::pipe;
  RunningProgram program{options};
  try {
    program.input().write(input);
    program.input().finish();
  } catch (const BrokenPipe&) {
    // It has ended, or will say why it does not read: that is worth more than this.
    program.input().finish();
  }
  return rest_of(program, options.program, most);
}

}  // namespace trackier::os
