#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <set>

#include "core/error.hpp"
#include "risk/distinct.hpp"
#include "risk/groups.hpp"

namespace trackier::risk {
namespace {

TEST_CASE("up to 128 things are counted exactly, however often they come") {
  std::mt19937_64 random{1};
  Distinct sketch{11};
  std::set<std::uint64_t> exact;
  for (int i = 0; i < 128; ++i) {
    const std::uint64_t hash = random();
    exact.insert(hash);
    for (int again = 0; again < 3; ++again)
      sketch.add(hash);
    REQUIRE(sketch.estimate() == static_cast<double>(exact.size()));
  }
  CHECK(sketch.exact());
}

TEST_CASE("the error over 100 seeds is that of the theory, without bias") {
  for (const int count : {200, 2'000, 20'000}) {
    double sum = 0;
    double squares = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      std::mt19937_64 random{seed};
      Distinct sketch{10};
      for (int i = 0; i < count; ++i)
        sketch.add(random());
      const double error = sketch.estimate() / count - 1.0;
      sum += error;
      squares += error * error;
    }
    CAPTURE(count);
    const double theory = 1.04 / std::sqrt(1024.0);
    CHECK(std::sqrt(squares / 100) < 1.25 * theory);
    CHECK(std::abs(sum / 100) < 4 * theory / 10);  // four standard errors of a mean of 100
  }
}

TEST_CASE("sketches of parts merge to the sketch of the whole") {
  std::mt19937_64 random{3};
  for (const int combinations : {5, 40, 3'000}) {
    Groups whole{64, 8};
    Groups left{64, 8};
    Groups right{64, 8};
    std::map<int, std::uint64_t> hash;
    for (int i = 0; i < 20'000; ++i) {
      const int which = static_cast<int>(random() % static_cast<unsigned>(combinations));
      const std::uint64_t combination = hash.try_emplace(which, random()).first->second;
      const std::uint64_t id = random();
      whole.add(combination, id);
      (random() % 3 == 0 ? left : right).add(combination, id);
    }
    Groups backwards = right;
    backwards.merge(left);
    left.merge(right);
    CAPTURE(combinations);
    CHECK(left == whole);
    CHECK(backwards == whole);
    left.merge(Groups{whole});
    CHECK(left == whole);
  }
}

TEST_CASE("shares of small groups are within 5 points of exact counts") {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    std::mt19937_64 random{seed};
    Groups groups{2048, 9};
    std::map<int, int> exact;
    for (int which = 0; which < 20'000; ++which) {
      const std::uint64_t combination = random();
      exact[which] = static_cast<int>(1 + random() % 20);
      for (int i = 0; i < exact[which]; ++i)
        groups.add(combination, random());
    }
    CAPTURE(seed);
    CHECK(std::abs(groups.combinations() / 20'000 - 1.0) < 4 / std::sqrt(2046.0));
    for (const int k : {2, 5, 10, 100}) {
      double below = 0;
      for (const auto& group : exact)
        below += group.second < k ? 1 : 0;
      CAPTURE(k);
      CHECK(std::abs(groups.share_below(k) - below / 20'000) < 0.05);
    }
    CHECK(groups.smallest() == 1.0);
  }
}

TEST_CASE("containment of one column in another") {
  std::mt19937_64 random{7};
  Groups small{1024, 8};
  Groups large{1024, 8};
  for (int i = 0; i < 40'000; ++i) {
    const std::uint64_t hash = random();
    large.add(hash, random());
    if (i % 4 == 0)
      small.add(hash, random());
  }
  CHECK(small.contained_in(large) == 1.0);
  CHECK(std::abs(large.contained_in(small) - 0.25) < 0.06);
  CHECK(Groups{1024, 8}.contained_in(large) == 0.0);
}

TEST_CASE("nothing was seen; sketches that do not fit") {
  const Groups none{2, 4};
  CHECK(none.combinations() == 0.0);
  CHECK(none.share_below(2) == 0.0);
  CHECK(none.smallest() == 0.0);
  CHECK_THROWS_AS(Groups(1, 4), Error);
  CHECK_THROWS_AS(Distinct{3}, Error);
  Distinct narrow{4};
  CHECK_THROWS_AS(narrow.merge(Distinct{5}), Error);
  Groups two{2, 4};
  CHECK_THROWS_AS(two.merge(Groups(3, 4)), Error);
}

}  // namespace
}  // namespace trackier::risk
