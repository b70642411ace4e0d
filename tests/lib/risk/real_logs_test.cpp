#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <string>

#include "core/sip_hash.hpp"
#include "risk/groups.hpp"
#include "support/shared_data.hpp"

namespace trackier::risk {
namespace {

HashKey key_of(std::uint64_t seed) {
  std::mt19937_64 random{seed};
  HashKey key{};
  for (std::byte& byte : key)
    byte = static_cast<std::byte>(random() & 0xffU);
  return key;
}

TEST_CASE("user agent and minute of a real access log: within 5 % of exact counts") {
  const auto folder = trackier::test::shared_data("logs");
  if (!folder)
    return;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const HashKey key = key_of(seed);
    Groups groups{2048, 9};
    std::map<std::string, std::set<std::string>> exact;
    std::ifstream file{*folder / "access/apache_combined_10k.log"};
    for (std::string line; std::getline(file, line);) {
      const auto end = line.rfind('"');
      const auto time = line.find('[');
      if (end == std::string::npos || end == 0 || time == std::string::npos)
        continue;
      const auto agent = line.rfind('"', end - 1);
      if (agent == std::string::npos)
        continue;
      const std::string host = line.substr(0, line.find(' '));
      const std::string combination = line.substr(agent, end - agent) + line.substr(time, 18);
      groups.add(sip_hash(key, as_bytes(combination)), sip_hash(key, as_bytes(host)));
      exact[combination].insert(host);
    }
    REQUIRE(exact.size() > 2048);
    CAPTURE(seed);
    const auto all = static_cast<double>(exact.size());
    CHECK(std::abs(groups.combinations() / all - 1.0) < 0.05);
    for (const std::size_t k : {2U, 5U, 10U, 100U}) {
      double below = 0;
      for (const auto& group : exact)
        below += group.second.size() < k ? 1 : 0;
      CAPTURE(k);
      CHECK(std::abs(groups.share_below(static_cast<double>(k)) / (below / all) - 1.0) < 0.05);
    }
  }
}

}  // namespace
}  // namespace trackier::risk
