#include "flow/parallel_ranges.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace trackier::flow {
namespace {

TEST_CASE("every index is worked on once, whatever the workers") {
  for (unsigned workers = 0; workers <= 8; ++workers) {
    for (const std::uint64_t count : {0U, 1U, 2U, 7U, 1000U}) {
      CAPTURE(workers);
      CAPTURE(count);
      std::vector<std::atomic<int>> times(count);
      parallel_ranges(count, workers, {},
                      [&] { return [&](std::uint64_t index) { ++times[index]; }; });
      for (const std::atomic<int>& each : times) {
        CHECK(each == 1);
      }
    }
  }
}

TEST_CASE("each thread makes a worker of its own, and one worker needs no thread") {
  std::set<std::thread::id> threads;
  int made = 0;
  parallel_ranges(100, 1, {}, [&] {
    ++made;
    return [&](std::uint64_t) { threads.insert(std::this_thread::get_id()); };
  });
  CHECK(made == 1);
  CHECK(threads == std::set{std::this_thread::get_id()});

  made = 0;
  parallel_ranges(100, 4, {}, [&] {
    ++made;  // one call at a time
    return [](std::uint64_t) { std::this_thread::sleep_for(std::chrono::microseconds{50}); };
  });
  CHECK(made == 4);
}

/// The message of what leaves a run in which the indexes of `failing` fail.
std::string failure_of(unsigned workers, const std::set<std::uint64_t>& failing) {
  try {
    parallel_ranges(200, workers, {}, [&] {
      return [&](std::uint64_t index) {
        if (failing.contains(index)) {
          throw std::runtime_error{std::to_string(index)};
        }
      };
    });
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

TEST_CASE("a failure ends the run and leaves it") {
  for (unsigned workers = 1; workers <= 4; ++workers) {
    CAPTURE(workers);
    CHECK(failure_of(workers, {}).empty());
    CHECK(failure_of(workers, {0}) == "0");
    CHECK(failure_of(workers, {199}) == "199");
  }
  CHECK(failure_of(1, {17, 18}) == "17");
}

TEST_CASE("of two failures at once, that of the lower index leaves") {
  std::atomic<int> arrived = 0;
  std::string message;
  try {
    parallel_ranges(2, 2, {}, [&] {
      return [&](std::uint64_t index) {
        ++arrived;
        while (arrived < 2) {
          std::this_thread::yield();
        }
        if (index == 0) {
          std::this_thread::sleep_for(std::chrono::milliseconds{20});
        }
        throw std::runtime_error{std::to_string(index)};
      };
    });
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  CHECK(message == "0");
}

TEST_CASE("a worker that cannot be made is a failure") {
  for (const unsigned workers : {1U, 3U}) {
    CHECK_THROWS_AS(
        parallel_ranges(5, workers, {},
                        []() -> void (*)(std::uint64_t) { throw std::runtime_error{"no room"}; }),
        std::runtime_error);
  }
}

TEST_CASE("a stop ends the run between two indexes") {
  for (const unsigned workers : {1U, 4U}) {
    std::stop_source stop;
    std::atomic<std::uint64_t> done = 0;
    parallel_ranges(1'000'000, workers, stop.get_token(), [&] {
      return [&](std::uint64_t) {
        if (++done == 10) {
          stop.request_stop();
        }
      };
    });
    CHECK(done >= 10);
    CHECK(done < 1000);
  }
}

}  // namespace
}  // namespace trackier::flow
