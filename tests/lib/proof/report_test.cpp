#include "proof/report.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <sstream>

#include "chance.hpp"
#include "example.hpp"
#include "support/errors.hpp"

namespace trackier::proof {
namespace {

using std::chrono::milliseconds;
using test::contains;

SignedProof signed_as(const Proof& proof) {
  return parse_proof(sign_proof(proof, key_of('k')), "it");
}

std::string report_of(const Proof& proof) {
  return report(signed_as(proof));
}

TEST_CASE("a report says all that an auditor asks") {
  CHECK(report_of(example()) == R"(Verification of shop, backup 1f2e3d4c (number 42): passed

  verdict     passed: what the level asks for holds
  backup      1f2e3d4c555555555555555555555555 of shop, sqlite
  content of  2026-11-23T12:00:04Z, for the slot 2026-11-23T12:00:00Z
  manifest    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
  store       00000000000000000000000000000000
  drill       2026-11-23T12:34:04Z to 2026-11-23T12:35:00Z
  by          uid 1000 (deploy) on vault, as they say
  program     trackier-ctl 0.1.0, SHA-256
              bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
  read back   1.4 MiB
  RPO         34 min: the data was that old when the drill began
  RTO         12.3 s: from the beginning of the restore to the first answer

Level content, which asks that
  chain       manifests are signed and in order, and all files are there
  structure   every pack has its SHA-256, and the map names blobs that exist
  data        pages and chunks can be decrypted, and the root over them is that of the manifest
  restore     the backup is restored in a scratch place, opened, and sound to the database's own
              checks
  content     rows and definitions are those of the digests that were taken with the backup

Checks: 2 of 2 passed
  passed                 packs:             3 packs, 1.2 s
      ran SHA-256
  passed                 content:           1,234 objects, 3 min

Tables: 1, all as they were backed up
                                  backed up: rows digest            came back: rows digest
    orders                                  1,000 cccccccccccccccc            1,000 cccccccccccccccc

Different here
  SQLite: 3.40.1 where the backup was made, 3.46.0 here

Not checked
  level application: not asked for

Record 1 of the source
  file        00000001-20261123T123404Z-1f2e3d4c555555555555555555555555.json
  SHA-256     46cedbfa88ce19200a4a076006f7345093e6f2363077b29f542bb2924846cd1f
  follows     no other
  signed by   gyClGXfYw4yopJJ8Zw31gh5El2GUXhXp77JqFQnSMOo
  To check it by hand: `sha256sum` of the file; its signature, and that each record follows the one
  before it, as trackier-proof(5) says under SIGNATURES.
)");
}

TEST_CASE("a report shows what is wrong, the first of many, and what stood in the way") {
  Proof proof = example();
  proof.verdict = Verdict::failed;
  proof.sequence = 2;
  proof.previous = std::string(64, '9');
  Check& content = proof.checks[1];
  content.verdict = Verdict::failed;
  content.why = "the database has changed since the backup was taken";
  content.difference_count = 1234;
  content.differences.assign(25, {.object = "table \x1b[31m\\orders",
                                  .expected = "1000 rows, digest 9f86d081884c7d65...",
                                  .found = "999 rows, digest 60303ae22b998861..."});
  proof.checks.push_back({.name = "paid",
                          .level = Level::application,
                          .command = "SELECT count(*) FROM orders",
                          .verdict = Verdict::not_evaluated,
                          .checked = 0,
                          .unit = "statements",
                          .why = "no server; install postgresql-15"});
  const std::string text = report_of(proof);
  CHECK(contains(text, "(number 42): failed\n"));
  CHECK(contains(text, "  verdict     failed: something that the level asks for does not hold\n"));
  CHECK(contains(text, "Checks: 1 of 3 passed\n"));
  CHECK(contains(text, R"(
  failed                 content:           1,234 objects, 3 min
      the database has changed since the backup was taken
    ! table \x1B[31m\orders: expected 1000 rows, digest 9f86d081884c7d65...; found 999 rows, digest
      60303ae22b998861...
    ! )"));
  CHECK(contains(text, "\n      and 1,214 more\n"));
  CHECK(contains(text, R"(
  could not be evaluated paid:              0 statements, 0.0 s
      ran SELECT count(*) FROM orders
      no server; install postgresql-15
)"));
  CHECK(contains(text, "  follows     " + std::string(64, '9')));
}

TEST_CASE("of many tables those that differ are listed") {
  Proof proof = example();
  const TableProof same = proof.tables[0];
  for (int i = 0; i < 5; ++i) {
    proof.tables.push_back(same);
  }
  CHECK(contains(report_of(proof), "Tables: 6, all as they were backed up\n"));
  proof.tables[3].found_rows = 999;
  proof.tables[4] = {.name = "public.a_name_that_is_too_long_for_its_column",
                     .expected_rows = 12,
                     .found_rows = std::nullopt,
                     .expected = std::string(64, '1'),
                     .found = ""};
  CHECK(contains(report_of(proof), R"(
Tables: 6, of which 2 differ
                                  backed up: rows digest            came back: rows digest
    orders                                  1,000 cccccccccccccccc            1,000 cccccccccccccccc
    orders                                  1,000 cccccccccccccccc            1,000 cccccccccccccccc
    orders                                  1,000 cccccccccccccccc            1,000 cccccccccccccccc
  ! orders                                  1,000 cccccccccccccccc              999 cccccccccccccccc
  ! public.a_name_that_is_too_long_for_its_column
                                               12 1111111111111111                - -
    orders )"));

  proof.tables.resize(1'041, same);
  CHECK(contains(report_of(proof), R"(
Tables: 1041, of which 2 differ
                                  backed up: rows digest            came back: rows digest
  ! orders                                  1,000 cccccccccccccccc              999 cccccccccccccccc
  ! public.a_name_that_is_too_long_for_its_column
                                               12 1111111111111111                - -
  1,039 not listed
)"));
  std::ranges::fill(proof.tables, same);
  CHECK(contains(report_of(proof),
                 "\nTables: 1041, all as they were backed up\n  1,041 not listed\n"));

  for (TableProof& each : proof.tables) {
    each.expected_rows.reset();
    each.expected.clear();
  }
  CHECK(contains(report_of(proof), "\nTables: 1041, compared with nothing\n"));
}

TEST_CASE("what is not known is left out") {
  Proof proof = example();
  proof.rpo = proof.rto = std::nullopt;
  proof.tool_digest.clear();
  proof.tables.clear();
  proof.unchecked.clear();
  proof.environment.clear();
  proof.packs = {std::string(64, 'e'), std::string(64, 'f')};
  const std::string text = report_of(proof);
  for (const char* const absent : {"RPO", "RTO", "program     trackier-ctl 0.1.0,", "Tables",
                                   "Not checked", "Different here"}) {
    CHECK_MESSAGE(!contains(text, absent), absent);
  }
  CHECK(contains(text, "\n  A sample: 2 packs were read, not all.\n"));
}

TEST_CASE("whatever is in a record, its report is printable and 100 columns wide") {
  const bool holds = rc::check([](std::uint32_t seed) {
    Proof proof = Chance{seed}.proof();
    proof.host = std::string(300, 'x') + proof.host + std::string(300, ' ') + "\u00e4";
    const SignedProof made = signed_as(proof);
    std::istringstream lines{report(made)};
    for (std::string line; std::getline(lines, line);) {
      RC_ASSERT(std::ranges::count_if(line, [](char c) { return (c & 0xC0) != 0x80; }) <= 100);
      RC_ASSERT(
          std::ranges::none_of(line, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }));
      RC_ASSERT(!contains(line, "\u202e"));
    }
    RC_ASSERT(!contains(summary_line(made), "\n"));
  });
  CHECK(holds);
}

TEST_CASE("a line says the verdict") {
  Proof proof = example();
  CHECK(summary_line(signed_as(proof)) ==
        "shop 1f2e3d4c of 2026-11-23T12:00:04Z: passed at level content on 2026-11-23T12:35:00Z");
  proof.verdict = Verdict::not_evaluated;
  proof.level = Level::chain;
  CHECK(contains(summary_line(signed_as(proof)), ": could not be evaluated at level chain on "));
}

TEST_CASE("lengths of time are exact where that matters") {
  Proof proof = example();
  proof.rto = milliseconds{119'999};
  CHECK(contains(report_of(proof), "RTO         119.9 s:"));
  proof.rto = milliseconds{120'000};
  CHECK(contains(report_of(proof), "RTO         2 min:"));
  proof.rto = milliseconds{(std::int64_t{1} << 53U) - 1};
  CHECK(contains(report_of(proof), "RTO         104249991 d:"));
}

}  // namespace
}  // namespace trackier::proof
