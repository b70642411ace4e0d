#include "proof/shorten.hpp"

#include <fmt/format.h>

#include <string_view>

namespace trackier::proof {
namespace {

constexpr std::size_t kept = 1000;

bool agrees(const TableProof& table) {
  return table.expected_rows == table.found_rows && table.expected == table.found;
}

void note(Proof& proof, std::size_t count, std::string_view what, std::string_view why) {
  proof.unchecked.push_back(
      {.name = fmt::format("{} {}", count, what),
       .why = fmt::format("{}; the record would be too long with them", why)});
}

}  // namespace

void shorten(Proof& proof, std::size_t most_bytes) {
  const auto is_long = [&] { return json_of(proof).size() > most_bytes; };
  if (is_long()) {
    if (const std::size_t count = std::erase_if(proof.tables, agrees); count > 0) {
      note(proof, count, "tables", "they were compared and agree");
    }
  }
  if (proof.tables.size() > kept && is_long()) {
    note(proof, proof.tables.size() - kept, "tables", "they were compared and differ");
    proof.tables.resize(kept);
  }
  if (proof.unchecked.size() > kept && is_long()) {
    const std::size_t count = proof.unchecked.size() - kept;
    proof.unchecked.resize(kept);
    note(proof, count, "others", "nobody looked at them");
  }
}

}  // namespace trackier::proof
