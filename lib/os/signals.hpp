#pragma once
/// Ctrl-C as an ordinary way to end: a signal becomes a stop request, the run unwinds and cleans
/// up, and only then `cli` dies of that signal, so that shells and supervisors see the truth.

#include <array>
#include <csignal>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "core/error.hpp"

namespace trackier::os {

/// Thrown by a blocking call of this area when a signal has asked the run to end. `cli` asks
/// Interrupt::signal() rather than catching this.
class Interrupted : public Error {
 public:
  using Error::Error;
};

/// Throws Interrupted when a signal has asked the run to end. For loops around system calls.
void throw_if_interrupted();

/// And when `stop` asks for it.
void throw_if_stopped(const std::stop_token& stop);

/// While it lives, no signal ends what its thread does: for what has to be written down on the way
/// out.
class Uninterrupted {
 public:
  Uninterrupted() noexcept;
  Uninterrupted(const Uninterrupted&) = delete;
  Uninterrupted& operator=(const Uninterrupted&) = delete;
  Uninterrupted(Uninterrupted&&) = delete;
  Uninterrupted& operator=(Uninterrupted&&) = delete;
  ~Uninterrupted();
};

/// Takes SIGINT, SIGTERM, SIGHUP and SIGUSR1 (those the process was not told to ignore, as by
/// nohup) for as long as it lives, and ignores SIGPIPE and SIGXFSZ, so that a closed pipe and a
/// file size limit are errors of write(2). At most one at a time; construct it in main before any
/// other thread, for the signals are blocked in every thread and one thread waits for them:
/// std::stop_source::request_stop may not be called from a signal handler.
///
/// A read or write of this area that blocks, in whatever thread, wakes up within 10 ms of the
/// signal and throws Interrupted. Further signals change nothing, because cleaning up takes
/// moments; SIGQUIT and SIGKILL still end the process at once.
class Interrupt {
 public:
  Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  Interrupt(Interrupt&&) = delete;
  Interrupt& operator=(Interrupt&&) = delete;
  /// Puts back the signal mask and handlers it found.
  ~Interrupt();

  /// A stop is requested on it when a signal comes.
  [[nodiscard]] std::stop_token token() const noexcept { return stop_.get_token(); }

  /// The signal that came first, if any.
  [[nodiscard]] std::optional<int> signal() const noexcept;

  /// What SIGUSR1, "how far are you?", calls, in a thread of its own; empty: nothing. When this
  /// returns, the earlier answer is not being called and will not be.
  void on_inquiry(std::function<void()> answer);

  /// Does `action` while no thread waits for signals; one that comes meanwhile is taken after. For
  /// what has to be done before there is a second thread, as confine(): the thread that waits from
  /// then on inherits it.
  void without_waiter(const std::function<void()>& action);

 private:
  void start_waiter();
  void stop_waiter();
  void wait_for_signals(const std::stop_token& ended);
  void answer_inquiry();

  std::stop_source stop_;
  std::mutex answering_;
  std::function<void()> answer_;  ///< under answering_
  sigset_t taken_{};              ///< the signals that are waited for
  sigset_t mask_before_{};
  struct Disposition {
    int signal = 0;
    struct sigaction before {};
  };
  std::array<Disposition, 3>
      changed_;  ///< of SIGPIPE, SIGXFSZ and the one that wakes blocked calls
  std::jthread waiter_;
};

/// Ends the process by `signal` with its default action, e.g. SIGINT or SIGPIPE.
[[noreturn]] void die_of(int signal);

}  // namespace trackier::os
