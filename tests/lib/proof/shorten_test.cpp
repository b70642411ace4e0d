#include "proof/shorten.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "example.hpp"

namespace trackier::proof {
namespace {

constexpr std::size_t most_bytes = 1'000'000;

TEST_CASE("a record that is short enough stays as it is") {
  Proof proof = example();
  proof.tables.assign(2'000, proof.tables[0]);
  shorten(proof, most_bytes);
  CHECK(proof.tables.size() == 2'000);
  CHECK(proof.unchecked == example().unchecked);
}

TEST_CASE("tables that agree go first, and how many that were is said") {
  Proof proof = example();
  proof.tables.assign(5'000, proof.tables[0]);
  proof.tables[7].found = std::string(64, 'd');
  const TableProof different = proof.tables[7];
  shorten(proof, most_bytes);
  REQUIRE(proof.tables.size() == 1);
  CHECK(proof.tables[0] == different);
  CHECK(proof.unchecked.back() ==
        content::Unchecked{.name = "4999 tables",
                           .why = "they were compared and agree; the record would be too long "
                                  "with them"});
}

TEST_CASE("of tables that differ a thousand are kept, and of what nobody looked at") {
  Proof proof = example();
  proof.tables.assign(5'000, proof.tables[0]);
  for (TableProof& each : proof.tables) {
    each.found_rows = 999;
  }
  shorten(proof, most_bytes);
  CHECK(proof.tables.size() == 1'000);
  CHECK(proof.unchecked.back().name == "4000 tables");
  CHECK(proof.unchecked.size() == 2);

  proof.unchecked.assign(5'000, {.name = std::string(300, 'u'), .why = ""});
  shorten(proof, most_bytes);
  CHECK(proof.tables.size() == 1'000);
  CHECK(proof.unchecked.size() == 1'001);
  CHECK(proof.unchecked.back().name == "4000 others");
  CHECK(json_of(proof).size() <= most_bytes);
}

}  // namespace
}  // namespace trackier::proof
