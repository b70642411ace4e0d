#include "flow/ordered_parallel.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace trackier::flow {
namespace {

using namespace std::chrono_literals;

struct Item {
  int number = -1;
  int result = -1;
};

using Numbers = std::vector<int>;

template <typename Take, typename Work, typename Give>
void run(unsigned workers, const std::stop_token& stop, Take take, Work work, Give give) {
  OrderedParallel<Item, Take, Work, Give>{take, work, give}.run(workers, stop);
}

/// Takes the numbers from 0 to `count` - 1.
auto numbers_below(int count) {
  return [count, next = 0](Item& item) mutable {
    item.number = next++;
    return item.number < count;
  };
}

/// Runs `count` items through `work`; returns the results in the order in which they were given.
template <typename Work>
Numbers results(unsigned workers, int count, Work work) {
  Numbers given;
  run(workers, {}, numbers_below(count), work, [&](Item& item) { given.push_back(item.result); });
  return given;
}

void square(Item& item) {
  item.result = item.number * item.number;
}

/// Work that takes now shorter, now longer, so that later items overtake earlier ones.
void square_unevenly(Item& item) {
  if (item.number % 3 == 0) {
    std::this_thread::sleep_for(std::chrono::microseconds{item.number % 7 * 50});
  }
  square(item);
}

Numbers squares(int count) {
  Numbers numbers;
  for (int i = 0; i < count; ++i) {
    numbers.push_back(i * i);
  }
  return numbers;
}

TEST_CASE("items are given in the order in which they were taken, whatever the workers") {
  for (unsigned workers = 0; workers <= 8; ++workers) {
    CAPTURE(workers);
    CHECK((results(workers, 500, square_unevenly) == squares(500)));
    CHECK(results(workers, 0, square).empty());
    CHECK(results(workers, 1, square) == Numbers{0});
  }
}

TEST_CASE("many items pass") {
  CHECK((results(4, 30'000, square) == squares(30'000)));
}

TEST_CASE("taking and giving are never done twice at a time, working is") {
  std::atomic<int> taking = 0;
  std::atomic<int> giving = 0;
  std::atomic<int> working = 0;
  std::atomic<int> most_working = 0;
  std::atomic<bool> alone = true;
  run(
      4, {},
      [&, next = 0](Item& item) mutable {
        alone = ++taking == 1 && alone;
        item.number = next++;
        std::this_thread::sleep_for(10us);
        --taking;
        return item.number < 100;
      },
      [&](Item&) {
        const int now = ++working;
        int most = most_working;
        while (now > most && !most_working.compare_exchange_weak(most, now)) {
        }
        std::this_thread::sleep_for(1ms);
        --working;
      },
      [&](Item&) {
        alone = ++giving == 1 && alone;
        std::this_thread::sleep_for(10us);
        --giving;
      });
  CHECK(alone);
  CHECK(most_working > 1);
  CHECK(most_working <= 4);
}

/// What becomes of a run in which the items of `failing` fail, each with its number as the message.
struct Outcome {
  std::string message;  ///< of the exception that left run(); empty: none
  Numbers given;
};

enum class Where { take, work, give };

Outcome outcome_of(unsigned workers, int count, const std::vector<int>& failing, Where where) {
  Outcome outcome;
  const auto fail = [&](Where here, int number) {
    if (here == where && std::ranges::find(failing, number) != failing.end()) {
      throw std::runtime_error{std::to_string(number)};
    }
  };
  try {
    run(
        workers, {},
        [&, take = numbers_below(count)](Item& item) mutable {
          const bool taken = take(item);
          fail(Where::take, item.number);
          return taken;
        },
        [&](Item& item) {
          square_unevenly(item);
          fail(Where::work, item.number);
        },
        [&](Item& item) {
          fail(Where::give, item.number);
          outcome.given.push_back(item.result);
        });
  } catch (const std::runtime_error& error) {
    outcome.message = error.what();
  }
  return outcome;
}

TEST_CASE("the exception of the earliest item wins, and the items before it have been given") {
  for (const Where where : {Where::take, Where::work, Where::give}) {
    for (unsigned workers = 1; workers <= 8; ++workers) {
      CAPTURE(workers);
      const Outcome outcome = outcome_of(workers, 100, {43, 40, 41, 42}, where);
      CHECK(outcome.message == "40");
      CHECK((outcome.given == squares(40)));
      CHECK(outcome_of(workers, 100, {0}, where).message == "0");
      CHECK(outcome_of(workers, 100, {99}, where).message == "99");
    }
  }
}

TEST_CASE("wherever items fail, the run ends with the first of them") {
  CHECK(rc::check("first failure", [] {
    const int count = *rc::gen::inRange(1, 60);
    const auto workers = *rc::gen::inRange(1U, 9U);
    const auto failing = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, count));
    const Where where = *rc::gen::element(Where::take, Where::work, Where::give);
    const Outcome outcome = outcome_of(workers, count, failing, where);
    const int first = failing.empty() ? count : *std::ranges::min_element(failing);
    RC_ASSERT(outcome.message == (failing.empty() ? "" : std::to_string(first)));
    RC_ASSERT(outcome.given == squares(first));
  }));
}

TEST_CASE("a stop request ends the run between items, and what was taken is given") {
  for (unsigned workers = 1; workers <= 8; ++workers) {
    CAPTURE(workers);
    std::stop_source stop;
    int taken = 0;
    Numbers given;
    run(
        workers, stop.get_token(),
        [&](Item& item) {
          item.number = taken++;
          return true;  // for ever
        },
        square_unevenly,
        [&](Item& item) {
          given.push_back(item.result);
          if (given.size() == 50) {
            stop.request_stop();
          }
        });
    CHECK(given.size() >= 50);
    CHECK(given.size() < 50 + workers + 1);
    CHECK((given == squares(taken)));
  }
}

TEST_CASE("a stop requested beforehand takes nothing") {
  std::stop_source stop;
  stop.request_stop();
  for (const unsigned workers : {1U, 4U}) {
    int taken = 0;
    run(
        workers, stop.get_token(), [&](Item&) { return ++taken < 10; }, square, [](Item&) {});
    CHECK(taken == 0);
  }
}

TEST_CASE("items are used again, one for each worker") {
  struct Counted {
    std::shared_ptr<int> identity = std::make_shared<int>(0);
  };
  std::vector<std::shared_ptr<int>> seen;
  int taken = 0;
  const auto take = [&](Counted& item) {
    if (std::ranges::find(seen, item.identity) == seen.end()) {
      seen.push_back(item.identity);
    }
    return ++taken <= 1000;
  };
  const auto nothing = [](Counted&) {};
  OrderedParallel<Counted, decltype(take), decltype(nothing), decltype(nothing)>{take, nothing,
                                                                                 nothing}
      .run(3, {});
  CHECK(seen.size() <= 3);
  CHECK(taken >= 1001);
}

}  // namespace
}  // namespace trackier::flow
