#include "os/signals.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <ctime>

#include "os/blocking_call.hpp"

namespace trackier::os {
namespace {

constexpr std::array end_signals{SIGINT, SIGTERM, SIGHUP};
constexpr int inquiry_signal = SIGUSR1;

/// Ignored by default and used by nothing else here, so that a stray one is harmless.
constexpr int wake_signal = SIGURG;

constexpr timespec wake_interval{.tv_sec = 0, .tv_nsec = 10'000'000};

/// Signals belong to the process; so these do too.
// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<bool> taken = false;    // an Interrupt exists
std::atomic<int> first_signal = 0;  // 0: none yet
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

void wake(int /*signal*/) {}  // its purpose is that the system call it interrupts fails with EINTR

struct sigaction action_of(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;  // no SA_RESTART
  sigemptyset(&action.sa_mask);
  return action;
}

bool ignored(int signal) {
  struct sigaction action {};
  sigaction(signal, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

thread_local int uninterrupted = 0;  ///< objects of that class in this thread

}  // namespace

Uninterrupted::Uninterrupted() noexcept {
  ++uninterrupted;
}

Uninterrupted::~Uninterrupted() {
  --uninterrupted;
}

void throw_if_interrupted() {
  if (uninterrupted > 0) {
    return;
  }
  if (const int signal = first_signal.load(std::memory_order_relaxed); signal != 0) {
    throw Interrupted{Code::io, fmt::format("interrupted by signal {}", signal)};
  }
}

void throw_if_stopped(const std::stop_token& stop) {
  throw_if_interrupted();
  if (stop.stop_requested()) {
    throw Interrupted{Code::io, "stopped"};
  }
}

Interrupt::Interrupt() {
  if (taken.exchange(true)) {
    throw Error{Code::bug, "two interrupts at a time"};
  }
  first_signal = 0;

  changed_ = {Disposition{.signal = SIGPIPE}, Disposition{.signal = SIGXFSZ},
              Disposition{.signal = wake_signal}};
  for (Disposition& change : changed_) {
    const struct sigaction action = action_of(change.signal == wake_signal ? &wake : SIG_IGN);
    sigaction(change.signal, &action, &change.before);
  }

  sigemptyset(&taken_);
  for (const int signal : end_signals) {
    if (!ignored(signal)) {
      sigaddset(&taken_, signal);
    }
  }
  if (!ignored(inquiry_signal)) {
    sigaddset(&taken_, inquiry_signal);
  }
  pthread_sigmask(SIG_SETMASK, nullptr, &mask_before_);
  start_waiter();
  pthread_sigmask(SIG_BLOCK, &taken_, nullptr);
}

Interrupt::~Interrupt() {
  stop_waiter();
  for (const Disposition& change : changed_) {
    sigaction(change.signal, &change.before, nullptr);
  }
  first_signal = 0;
  taken = false;
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

void Interrupt::start_waiter() {
  // The waiter is born with everything blocked, for it takes signals by sigwait alone; this thread
  // and those it makes later have only the taken signals blocked.
  sigset_t everything{};
  sigset_t mask{};
  sigfillset(&everything);
  pthread_sigmask(SIG_SETMASK, &everything, &mask);
  waiter_ = std::jthread{[this](const std::stop_token& ended) { wait_for_signals(ended); }};
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);
}

void Interrupt::stop_waiter() {
  waiter_.request_stop();
  pthread_kill(waiter_.native_handle(), wake_signal);
  waiter_.join();
}

void Interrupt::without_waiter(const std::function<void()>& action) {
  stop_waiter();
  try {
    action();
  } catch (...) {
    start_waiter();
    throw;
  }
  start_waiter();
}

// NOLINTNEXTLINE(readability-convert-member-functions-to-static) asked of the one who takes signals
std::optional<int> Interrupt::signal() const noexcept {
  const int signal = first_signal.load();
  return signal == 0 ? std::nullopt : std::optional{signal};
}

void Interrupt::on_inquiry(std::function<void()> answer) {
  const std::scoped_lock lock{answering_};
  answer_ = std::move(answer);
}

void Interrupt::answer_inquiry() {
  const std::scoped_lock lock{answering_};
  if (answer_) {
    answer_();
  }
}

void Interrupt::wait_for_signals(const std::stop_token& ended) {
  sigset_t awaited = taken_;
  sigaddset(&awaited, wake_signal);
  while (!ended.stop_requested()) {
    // Before the first signal wait for as long as it takes; after it, wake whoever blocks,
    // repeatedly.
    const bool stopping = first_signal.load() != 0;
    const int signal =
        stopping ? sigtimedwait(&awaited, nullptr, &wake_interval) : sigwaitinfo(&awaited, nullptr);
    if (signal == inquiry_signal) {
      answer_inquiry();
    } else if (signal > 0 && signal != wake_signal && !stopping) {
      first_signal = signal;
      stop_.request_stop();
    }
    if (first_signal.load() != 0) {
      wake_blocking_calls(wake_signal);
    }
  }
}

void die_of(int signal) {
  const struct sigaction action = action_of(SIG_DFL);
  sigaction(signal, &action, nullptr);
  sigset_t set{};
  sigemptyset(&set);
  sigaddset(&set, signal);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  raise(signal);
  _exit(128 + signal);  // a signal whose default action is not to end the process
}

}  // namespace trackier::os
