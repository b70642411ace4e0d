#pragma once
/// A proof to begin with.

#include <chrono>
#include <string>

#include "crypto/secret.hpp"
#include "proof/proof.hpp"

namespace trackier::proof {

inline constexpr Time noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} +
                           std::chrono::hours{12}};

inline crypto::Secret key_of(char letter) {
  return crypto::Secret::copy_of(as_bytes(std::string(32, letter)));
}

/// Of a backup of `shop` that passed, as ProofDirectory::append expects it.
inline Proof example() {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  Proof made;
  made.store = std::string(32, '0');
  made.source = "shop";
  made.kind = "sqlite";
  made.backup = "1f2e3d4c" + std::string(24, '5');
  made.backup_sequence = 42;
  made.manifest = std::string(64, 'a');
  made.slot = noon;
  made.taken = noon + seconds{4};
  made.started = noon + seconds{2044};
  made.finished = noon + seconds{2100};
  made.sequence = 1;
  made.host = "vault";
  made.by = "uid 1000 (deploy)";
  made.tool = "trackier-ctl 0.1.0";
  made.tool_digest = std::string(64, 'b');
  made.bytes = 1'500'000;
  made.rpo = milliseconds{2'040'000};
  made.rto = milliseconds{12'345};
  made.checks = {{.name = "packs",
                  .level = Level::structure,
                  .command = "SHA-256",
                  .checked = 3,
                  .unit = "packs",
                  .took = milliseconds{1250}},
                 {.name = "content",
                  .level = Level::content,
                  .checked = 1234,
                  .unit = "objects",
                  .took = milliseconds{200'000}}};
  made.tables = {{.name = "orders",
                  .expected_rows = 1'000,
                  .found_rows = 1'000,
                  .expected = std::string(64, 'c'),
                  .found = std::string(64, 'c')}};
  made.unchecked = {{.name = "level application", .why = "not asked for"}};
  made.environment = {{.name = "SQLite", .source = "3.40.1", .here = "3.46.0"}};
  return made;
}

}  // namespace trackier::proof
