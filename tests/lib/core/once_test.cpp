#include "core/once.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <thread>
#include <vector>

using trackier::Once;

TEST_CASE("it is done once, however many threads ask") {
  Once once;
  int done = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] { once.call([&] { ++done; }); });
    }
  }
  CHECK(done == 1);
}

TEST_CASE("what throws has not been done") {
  Once once;
  int tried = 0;
  const auto fails = [&] {
    ++tried;
    throw std::runtime_error{"not now"};
  };
  CHECK_THROWS_WITH(once.call(fails), "not now");
  CHECK_THROWS_WITH(once.call(fails), "not now");
  once.call([&] { ++tried; });
  once.call([&] { ++tried; });
  CHECK(tried == 3);
}
