// Doing something once, in whichever thread comes first.
#pragma once

#include <atomic>
#include <mutex>

namespace trackier {

/// std::call_once for functions that throw. glibc runs the function of call_once inside
/// pthread_once, and an exception passes through that only in a program whose one unwinder is
/// the shared libgcc: one linked with -static-libgcc aborts.
class Once {
 public:
  /// Runs `function` unless it has run before. When it throws, it has not.
  template <typename Function>
  void call(const Function& function) {
    if (done_.load(std::memory_order_acquire)) {
      return;
    }
    const std::scoped_lock lock{mutex_};
    if (!done_.load(std::memory_order_relaxed)) {
      function();
      done_.store(true, std::memory_order_release);
    }
  }

 private:
  std::atomic<bool> done_ = false;
  std::mutex mutex_;
};

}  // namespace trackier
