#pragma once
/// The one place with threads: workers take items from a stream, work on them side by side, and
/// give them on in the order in which they were taken.
///
/// Each worker takes, works and gives by itself; taking is serialized, and so is giving. With one
/// worker no thread is made. Memory is one item a worker.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace trackier::flow {

/// Item: default-constructible; kept by a worker and used again.
/// take(Item&) -> bool: fills the item; false at the end. work(Item&): anywhere, at the same time
/// as others. give(Item&): in the order of taking. Returns when all is given, or when `stop` is
/// requested (between items). Of what the three throw, the exception of the earliest item leaves
/// run(); items before it have been given.
template <typename Item, typename Take, typename Work, typename Give>
class OrderedParallel {
 public:
  OrderedParallel(Take take, Work work, Give give)
      : take_(std::move(take)), work_(std::move(work)), give_(std::move(give)) {}

  void run(unsigned workers, const std::stop_token& stop) {
    if (workers <= 1) {
      Item item;
      while (!stop.stop_requested() && take_(item)) {
        work_(item);
        give_(item);
      }
      return;
    }
    std::vector<Item> items(workers);
    {
      std::vector<std::jthread> threads;
      threads.reserve(items.size());
      for (Item& item : items) {
        threads.emplace_back([this, &item, &stop] { serve(item, stop); });
      }
    }
    if (failure_) {
      std::rethrow_exception(failure_);
    }
  }

 private:
  void serve(Item& item, const std::stop_token& stop) {
    for (;;) {
      std::uint64_t ticket = 0;
      {
        const std::scoped_lock lock{taking_};
        if (ended_ || stop.stop_requested()) {
          ended_ = true;
          return;
        }
        ticket = next_ticket_++;
        try {
          if (!take_(item)) {
            ended_ = true;
            return;
          }
        } catch (...) {
          ended_ = true;
          fail(ticket, std::current_exception());
          return;
        }
      }
      try {
        work_(item);
      } catch (...) {
        fail(ticket, std::current_exception());
        return;
      }
      std::unique_lock lock{giving_};
      turn_changed_.wait(lock, [&] { return turn_ == ticket || failed_before(ticket); });
      if (failed_before(ticket)) {
        return;
      }
      try {
        give_(item);
      } catch (...) {
        lock.unlock();
        fail(ticket, std::current_exception());
        return;
      }
      ++turn_;
      lock.unlock();
      turn_changed_.notify_all();
    }
  }

  /// Called with giving_ locked.
  [[nodiscard]] bool failed_before(std::uint64_t ticket) const {
    return failure_ && failed_ticket_ < ticket;
  }

  void fail(std::uint64_t ticket, std::exception_ptr failure) {
    {
      const std::scoped_lock lock{giving_};
      if (!failure_ || ticket < failed_ticket_) {
        failure_ = std::move(failure);
        failed_ticket_ = ticket;
      }
    }
    stop_taking();
    turn_changed_.notify_all();
  }

  void stop_taking() { ended_ = true; }

  Take take_;
  Work work_;
  Give give_;

  std::mutex taking_;
  std::atomic<bool> ended_ = false;
  std::uint64_t next_ticket_ = 0;  // under taking_

  std::mutex giving_;
  std::condition_variable turn_changed_;
  std::uint64_t turn_ = 0;  // under giving_, as are the next two
  std::exception_ptr failure_;
  std::uint64_t failed_ticket_ = 0;
};

}  // namespace trackier::flow
