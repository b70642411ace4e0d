#include "risk/survey.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <random>
#include <set>

#include "core/error.hpp"
#include "risk/report.hpp"

namespace trackier::risk {
namespace {

struct Record {
  std::string address;
  std::string time;
  std::string other;
  unsigned id = 0;
};

Record record_of(std::mt19937& random, unsigned people) {
  const unsigned id = static_cast<unsigned>(random() % people);
  const auto two = [](unsigned number) {
    return std::string{static_cast<char>('0' + number / 10 % 10),
                       static_cast<char>('0' + number % 10)};
  };
  return {.address = "10." + std::to_string(id % 3) + "." + std::to_string(id / 3 % 40) + "." +
                     std::to_string(id / 120 % 200),
          .time = "2025-01-0" + std::to_string(1 + random() % 2) + "T" +
                  two(static_cast<unsigned>(random() % 24)) + ":" +
                  two(static_cast<unsigned>(random() % 5)) + ":00Z",
          .other = random() % 10 == 0 ? "" : std::to_string(id % 4),
          .id = id};
}

/// Feeds surveys with records, as a log's observer does.
class Feed {
 public:
  explicit Feed(const HashKey& key) : hashers_(4, ValueHasher{key}) {}
  void into(Survey& survey, const Record& record) {
    std::array<HashedValue, 3> values{};
    std::size_t field = 0;
    for (const std::string* text : {&record.address, &record.time, &record.other}) {
      if (!text->empty()) {
        values[field] = hashers_[field].hashed(*text);
      }
      ++field;
    }
    survey.add(values, hashers_[3].hashed(std::to_string(record.id)).whole);
  }

 private:
  std::vector<ValueHasher> hashers_;
};

HashKey key_of(std::uint64_t seed) {
  std::mt19937_64 random{seed};
  HashKey key{};
  for (std::byte& byte : key) {
    byte = static_cast<std::byte>(random() & 0xffU);
  }
  return key;
}

using Exact = std::map<std::string, std::set<unsigned>>;

void check_exactly(const GroupFigures& figures, const Exact& exact) {
  REQUIRE_FALSE(figures.sampled);
  CHECK(figures.combinations == static_cast<double>(exact.size()));
  std::size_t least = exact.begin()->second.size();
  for (std::size_t i = 0; i < 3; ++i) {  // k = 2, 5, 10
    double below = 0;
    for (const auto& group : exact) {
      below += group.second.size() < told_k[i] ? 1 : 0;
      least = std::min(least, group.second.size());
    }
    CHECK(figures.below[i] == doctest::Approx(below / static_cast<double>(exact.size())));
  }
  CHECK(figures.smallest == static_cast<double>(least));
}

TEST_CASE("fewer combinations than the sample holds: all figures are exact") {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    Survey survey{3, {{0, 1, 2}}, {.sample = 20'000, .small_sample = 15'000}};
    Feed feed{key_of(seed)};
    Exact whole;
    Exact without_address;
    Exact network;
    Exact hour;
    for (int i = 0; i < 12'000; ++i) {
      const Record record = record_of(random, 2'000);
      feed.into(survey, record);
      const std::string rest = record.time + "|" + record.other;
      whole[record.address + "|" + rest].insert(record.id);
      without_address[rest].insert(record.id);
      network[record.address.substr(0, 4) + "|" + rest].insert(record.id);
      hour[record.address + "|" + record.time.substr(0, 13) + "|" + record.other].insert(record.id);
    }
    const RiskReport report = report_of(survey, {"address", "time", "other"}, 2);
    REQUIRE(report.combinations.size() == 1);
    const CombinationFigures& figures = report.combinations[0];
    check_exactly(figures.figures, whole);
    int found = 0;
    for (const ChangeFigures& change : figures.without) {
      if (change.field == "address") {
        check_exactly(change.figures, without_address);
        ++found;
      }
    }
    for (const ChangeFigures& change : figures.coarser) {
      if (change.name == "address-16") {
        check_exactly(change.figures, network);
        ++found;
      } else if (change.name == "hour") {
        check_exactly(change.figures, hour);
        ++found;
      }
    }
    CHECK(found == 3);
    for (std::size_t i = 1; i < figures.coarser.size(); ++i) {
      CHECK(figures.coarser[i - 1].figures.below[0] <= figures.coarser[i].figures.below[0]);
    }
  }
}

TEST_CASE("surveys of parts merge to the survey of the whole, in any order") {
  const SketchSizes sizes{.sample = 300, .small_sample = 100, .precision = 6};
  const std::vector<Combination> combinations = {{0, 1}, {2}, {1}};
  for (unsigned seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    Survey whole{3, combinations, sizes};
    std::vector<Survey> parts(3, whole);
    Feed feed{key_of(seed)};
    for (int i = 0; i < 9'000; ++i) {
      Record record = record_of(random, 900);
      if (i < 3'000) {  // the first part sees no addresses: what could be cut begins later
        record.address = "hidden";
      }
      feed.into(whole, record);
      feed.into(parts[static_cast<std::size_t>(i / 3'000)], record);
    }
    Survey backwards = parts[2];
    backwards.merge(parts[0]);
    backwards.merge(parts[1]);
    parts[0].merge(parts[1]);
    parts[0].merge(parts[2]);
    for (const Survey* merged : {&backwards, &parts[0]}) {
      CHECK(merged->records() == whole.records());
      CHECK(merged->ids() == whole.ids());
      CHECK(merged->present() == whole.present());
      for (std::size_t i = 0; i < combinations.size(); ++i) {
        CHECK(merged->seen()[i].groups == whole.seen()[i].groups);
        REQUIRE(merged->seen()[i].changes.size() == whole.seen()[i].changes.size());
        for (const Survey::Change& change : whole.seen()[i].changes) {
          bool found = false;
          for (const Survey::Change& same : merged->seen()[i].changes) {
            if (same.position == change.position && same.shape == change.shape &&
                same.way == change.way) {
              found = true;
              CHECK(same.groups == change.groups);
            }
          }
          CHECK(found);
        }
      }
    }
  }
}

TEST_CASE("a million people: within 5 % of exact counts") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    Survey survey{1, {{0}}, {}};
    std::mt19937_64 random{seed};
    std::vector<unsigned> exact(400'000);
    for (std::uint64_t id = 1; id <= 1'000'000; ++id) {
      // Groups of all sizes: the product of two is small more often than large.
      const std::uint64_t group = random() % 400'000 * (random() % 1'000) / 1'000;
      ++exact[group];
      HashedValue value{.whole = mixed(group * 2 + 1 + seed * 0x9e3779b97f4a7c15U)};
      survey.add({&value, 1}, mixed(id));
    }
    std::erase(exact, 0U);
    const RiskReport report = report_of(survey, {"group"}, 2);
    const GroupFigures& figures = report.combinations[0].figures;
    const auto all = static_cast<double>(exact.size());
    CHECK(figures.sampled);
    CHECK(std::abs(figures.combinations / all - 1) < 0.05);
    CHECK(std::abs(report.ids / 1'000'000 - 1) < 0.05);
    for (std::size_t i = 0; i < told_k.size(); ++i) {
      double below = 0;
      for (const unsigned size : exact) {
        below += size < told_k[i] ? 1 : 0;
      }
      CAPTURE(told_k[i]);
      CHECK(std::abs(figures.below[i] / (below / all) - 1) < 0.05);
    }
  }
}

TEST_CASE("records that say nothing of whose they are count for no group") {
  Survey survey{1, {{0}}, {}};
  const HashedValue value{.whole = 1};
  survey.add({&value, 1}, 0);
  survey.add({&value, 1}, 5);
  CHECK(survey.records() == 2);
  CHECK(survey.without_id() == 1);
  CHECK(survey.ids() == 1.0);
  CHECK(report_of(survey, {"x"}, 2).combinations[0].below_wanted == 1.0);
  CHECK_THROWS_AS(survey.merge(Survey(1, {{0}, {0}}, {})), Error);
}

TEST_CASE("two columns of which one has the values of the other") {
  Survey survey{2, {{0}, {1}}, {}};
  for (std::uint64_t i = 1; i <= 1'000; ++i) {
    const std::array<HashedValue, 2> values{HashedValue{.whole = mixed(i)},
                                            HashedValue{.whole = mixed(1 + i % 250)}};
    survey.add(values, mixed(i + 5'000));
  }
  const RiskReport report = report_of(survey, {"a", "b"}, 2);
  REQUIRE(report.joins.size() == 1);
  CHECK(report.joins[0].one_in_other == 0.25);
  CHECK(report.joins[0].other_in_one == 1.0);
}

}  // namespace
}  // namespace trackier::risk
