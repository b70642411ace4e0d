#include "os/blocking_call.hpp"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <mutex>
#include <vector>

#include "os/signals.hpp"

namespace trackier::os {
namespace {

/// Threads inside a BlockingCall. Signals belong to the process, and so does this.
struct Callers {
  std::mutex lock;
  std::vector<pthread_t> threads;
};

Callers& callers() {
  static Callers all;
  return all;
}

}  // namespace

BlockingCall::BlockingCall() {
  throw_if_interrupted();  // a signal from here on wakes the call, since waking is repeated
  Callers& all = callers();
  const std::scoped_lock lock{all.lock};
  all.threads.push_back(pthread_self());
}

BlockingCall::~BlockingCall() {
  Callers& all = callers();
  const std::scoped_lock lock{all.lock};
  const auto mine = std::ranges::find_if(
      all.threads, [](pthread_t thread) { return pthread_equal(thread, pthread_self()) != 0; });
  *mine = all.threads.back();
  all.threads.pop_back();
}

void wake_blocking_calls(int wake_signal) noexcept {
  Callers& all = callers();
  const std::scoped_lock lock{all.lock};  // a thread in the list is alive: it leaves by this lock
  for (const pthread_t thread : all.threads) {
    pthread_kill(thread, wake_signal);
  }
}

}  // namespace trackier::os
