#pragma once
/// Work on the parts of something whose parts can be reached in any order, as a file's.

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace trackier::flow {

/// Calls work(index) for each index below `count`, in whatever order. make_worker() is called once
/// in each thread, one call at a time, and makes its `work`, which may keep buffers. With one
/// worker no thread is made. Returns when all is done, or when `stop` is requested (between two
/// indexes). Of what is thrown, the exception of the lowest index leaves; what other workers had
/// begun is completed first.
template <typename MakeWorker>
void parallel_ranges(std::uint64_t count, unsigned workers, const std::stop_token& stop,
                     MakeWorker make_worker) {
  std::atomic<std::uint64_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;  // under mutex, as is the next
  std::uint64_t failed_index = 0;

  const auto serve = [&] {
    std::uint64_t index = 0;
    try {
      auto work = [&] {
        const std::scoped_lock lock{mutex};
        return make_worker();
      }();
      while (!stop.stop_requested() && (index = next.fetch_add(1)) < count) {
        work(index);
      }
    } catch (...) {
      next = count;
      const std::scoped_lock lock{mutex};
      if (!failure || index < failed_index) {
        failure = std::current_exception();
        failed_index = index;
      }
    }
  };
  if (workers <= 1 || count <= 1) {
    serve();
  } else {
    std::vector<std::jthread> threads;
    threads.reserve(workers);
    for (unsigned i = 0; i < workers; ++i) {
      threads.emplace_back(serve);
    }
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

}  // namespace trackier::flow
