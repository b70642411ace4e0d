#pragma once
/// Proofs made up at random.

#include <random>
#include <string>
#include <vector>

#include "core/hexadecimal.hpp"
#include "crypto/digest.hpp"
#include "example.hpp"

namespace trackier::proof {

inline constexpr std::uint64_t most_number = (std::uint64_t{1} << 53U) - 1;

/// Texts, numbers and times of all kinds.
class Chance {
 public:
  explicit Chance(std::uint32_t seed) : random_(seed) {}

  Proof proof() {
    Proof made = example();
    made.kind = text();
    made.host = text();
    made.by = text();
    made.tool = text();
    made.tool_digest = flag() ? "" : digest();
    made.backup_sequence = number();
    made.bytes = number();
    made.sequence = 2 + random_() % (most_sequence - 1);
    made.previous = flag() ? "" : digest();
    made.slot = made.taken = Time{std::chrono::seconds{random_() % 4'000'000'000U}};
    made.level = static_cast<Level>(random_() % 6);
    made.verdict = static_cast<Verdict>(random_() % 4);
    made.rpo = flag() ? std::nullopt : std::optional{duration()};
    made.rto = flag() ? std::nullopt : std::optional{duration()};
    made.checks.resize(random_() % 4);
    for (Check& each : made.checks) {
      each = {.name = text(),
              .level = static_cast<Level>(random_() % 6),
              .command = text(),
              .verdict = static_cast<Verdict>(random_() % 4),
              .checked = number(),
              .unit = text(),
              .why = text(),
              .took = duration(),
              .differences = {},
              .difference_count = number()};
      each.differences.resize(random_() % 3);
      for (auto& difference : each.differences) {
        difference = {.object = text(), .expected = text(), .found = text()};
      }
    }
    made.tables.resize(random_() % 4);
    for (TableProof& each : made.tables) {
      each = {.name = text(),
              .expected_rows = flag() ? std::nullopt : std::optional{number()},
              .found_rows = flag() ? std::nullopt : std::optional{number()},
              .expected = text(),
              .found = text()};
    }
    made.unchecked.assign(random_() % 3, {.name = text(), .why = text()});
    made.environment.assign(random_() % 3, {.name = text(), .source = text(), .here = text()});
    made.packs.assign(random_() % 3, digest());
    return made;
  }

 private:
  bool flag() { return random_() % 2 == 0; }
  std::uint64_t number() { return (std::uint64_t{random_()} << 22U | random_()) % most_number; }
  std::chrono::milliseconds duration() { return std::chrono::milliseconds{number()}; }
  std::string digest() { return hexadecimal(crypto::sha256(as_bytes(text()))); }

  /// Every control character, what JSON escapes, and some of all lengths of UTF-8.
  std::string text() {
    static const std::vector<std::string> others{"\"",         "\\",     "/",      "\x7f",
                                                 "\u00e4",     "\u2028", "\u202e", "\ufeff",
                                                 "\U0001f600", "<",      "\ud7ff"};
    std::string made;
    for (std::size_t length = random_() % 12; length > 0; --length) {
      const std::size_t at = random_() % (64 + others.size());
      made += at < 32   ? std::string(1, static_cast<char>(at))
              : at < 64 ? std::string(1, static_cast<char>('a' + at % 26))
                        : others[at - 64];
    }
    return made;
  }

  std::minstd_rand random_;
};

}  // namespace trackier::proof
