#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "counting.hpp"

namespace trackier::scope {
namespace {

using namespace test_counting;

TEST_CASE("linked identifiers are one person at least, distinct sets the most there can be") {
  const auto people = [](const std::vector<std::string>& records) {
    std::string log;
    for (const std::string& record : records) {
      log += "{" + noon + "," + record + "}\n";
    }
    const Result result = count(request("true", {"a", "b"}), {log});
    return std::pair{result.tenants[0].people_lower, result.tenants[0].people_upper};
  };
  using Pair = std::pair<std::uint64_t, std::uint64_t>;
  CHECK(people({R"("a":1)", R"("a":1)"}) == Pair{1, 1});
  CHECK(people({R"("a":1,"b":2)", R"("a":1)", R"("b":2)"}) == Pair{1, 3});
  CHECK(people({R"("a":1,"b":2)", R"("b":2,"a":1)", R"("a":2,"b":1)"}) == Pair{1, 1});
  CHECK(people({R"("a":1,"b":1)", R"("a":1)"}) == Pair{1, 1});
  CHECK(people({R"("a":1,"b":2)", R"("a":3,"b":4)", R"("a":5)"}) == Pair{3, 3});
  CHECK(people({R"("a":1,"b":2)", R"("a":3,"b":2)", R"("a":3,"b":4)"}) == Pair{1, 3});
  CHECK(people({R"("c":1)", R"("c":1)"}) == Pair{1, 2});
  CHECK(people({R"("c":1)", R"("a":1)", R"("a":2)"}) == Pair{2, 3});
}

/// What a record says, as the naive count sees it.
struct Plain {
  std::string tenant;
  std::string country;
  std::set<std::string> identifiers;
};

std::string line_of(const Plain& record, std::mt19937& random) {
  std::string line = "{" + noon;
  if (!record.tenant.empty()) {
    line += ",\"tenant_id\":\"" + record.tenant + "\"";
  }
  if (!record.country.empty()) {
    line += ",\"country\":\"" + record.country + "\"";
  }
  std::vector<std::string> names{"a", "b", "c"};
  std::ranges::shuffle(names, random);
  std::size_t i = 0;
  for (const std::string& identifier : record.identifiers) {
    line += ",\"" + names[i++] + "\":\"" + identifier + "\"";
  }
  if (i > 0 && i < names.size() && random() % 4 == 0) {  // the same in two fields
    line += ",\"" + names[i] + "\":\"" + *record.identifiers.begin() + "\"";
  }
  return line + "}\n";
}

/// By merging groups until none have an identifier in common.
Cell naive_cell(const std::string& tenant, const std::string& country,
                const std::vector<Plain>& records) {
  Cell cell{.tenant = tenant, .country = country};
  std::vector<std::set<std::string>> groups;
  std::set<std::set<std::string>> sets;
  std::uint64_t nameless = 0;
  for (const Plain& record : records) {
    ++cell.records;
    if (record.identifiers.empty()) {
      ++nameless;
      continue;
    }
    ++cell.exposures;
    sets.insert(record.identifiers);
    std::set<std::string> merged = record.identifiers;
    std::erase_if(groups, [&](const std::set<std::string>& group) {
      const bool touches = std::ranges::any_of(
          group, [&](const std::string& each) { return record.identifiers.contains(each); });
      if (touches) {
        merged.insert(group.begin(), group.end());
      }
      return touches;
    });
    groups.push_back(merged);
  }
  cell.people_lower = groups.empty() && nameless > 0 ? 1 : groups.size();
  cell.people_upper = sets.size() + nameless;
  return cell;
}

TEST_CASE("a naive count comes to the same, thousands of times") {
  std::mt19937 random{20261127};
  const auto below = [&random](unsigned bound) { return static_cast<unsigned>(random() % bound); };
  for (int round = 0; round < 2000; ++round) {
    const unsigned tenants = 1 + below(4);
    const unsigned identifiers = 1 + below(30);
    const unsigned fullest = 1 + below(3);
    std::vector<Plain> records(below(40));
    std::map<std::string, std::vector<Plain>> by_tenant;
    std::map<std::pair<std::string, std::string>, std::vector<Plain>> by_country;
    std::map<std::string, std::vector<Token>> tokens;
    std::string log;
    for (Plain& record : records) {
      const unsigned tenant = below(tenants);
      record.tenant = tenant == 0 ? "" : fmt::format("t{}", tenant);
      record.country = std::array{"", "IN", "DE"}.at(below(3));
      for (unsigned i = below(fullest + 1); i > 0; --i) {
        record.identifiers.insert(fmt::format("person{}", below(identifiers)));
      }
      log += line_of(record, random);
      by_tenant[record.tenant].push_back(record);
      by_country[{record.tenant, record.country}].push_back(record);
      for (const std::string& identifier : record.identifiers) {
        tokens[record.tenant].push_back(token_of(identifier));
      }
    }
    Result expected;
    expected.lines = expected.matched = records.size();
    for (const auto& [tenant, theirs] : by_tenant) {
      const Cell cell = naive_cell(tenant, "", theirs);
      expected.tenants.push_back(cell);
      expected.without_tenant += tenant.empty() ? cell.records : 0;
      expected.without_person += cell.records - cell.exposures;
      std::vector<Token>& known = tokens[tenant];
      std::ranges::sort(known);
      known.erase(std::unique(known.begin(), known.end()), known.end());
      expected.tokens.push_back({tenant, known});
    }
    for (const auto& [place, theirs] : by_country) {
      expected.countries.push_back(naive_cell(place.first, place.second, theirs));
    }
    const Result result = count(request("true", {"a", "b", "c"}), {log});
    REQUIRE(shown(result) == shown(expected));
    for (const Cell& cell : result.tenants) {
      REQUIRE(cell.people_lower <= cell.people_upper);
      REQUIRE(cell.people_lower >= 1);
      REQUIRE(cell.people_upper <= cell.records);
    }
  }
}

}  // namespace
}  // namespace trackier::scope
