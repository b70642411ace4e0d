#pragma once
/// A database that is backed up, and drills of its backups.

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <optional>
#include <string>

#include "../backup/fixture.hpp"
#include "backup/chain.hpp"
#include "backup/sqlite_source.hpp"
#include "verify/drill.hpp"

namespace trackier::verify::test_shop {

using test::World;
using namespace std::chrono_literals;

inline void run_sql(const std::filesystem::path& path, const std::string& sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  char* message = nullptr;
  const int result = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &message);
  const std::string said = message == nullptr ? "" : message;
  sqlite3_free(message);
  sqlite3_close(database);
  REQUIRE_MESSAGE(result == SQLITE_OK, said);
}

inline constexpr const char* shop_tables =
    "CREATE TABLE clicks (id INTEGER PRIMARY KEY, at TEXT, ip TEXT);"
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, click INTEGER REFERENCES clicks);"
    "CREATE INDEX clicks_at ON clicks (at);"
    "CREATE TRIGGER no_delete BEFORE DELETE ON clicks BEGIN SELECT RAISE(ABORT, 'no'); END;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
    "INSERT INTO clicks SELECT i, '2026-11-23T09:00:00Z', '10.1.2.' || i % 200 FROM n;"
    "INSERT INTO orders SELECT id, id FROM clicks WHERE id < 100;";

/// A SQLite database that is backed up to a store.
struct Shop {
  World world;
  std::filesystem::path path = world.directory / "shop.sqlite";
  store::Listing listing;
  DrillOptions options;
  std::optional<crypto::Secret> kept;               ///< the key of the chain, by this host
  std::function<crypto::Secret()> enveloped_key{};  ///< as of DrillPlace

  Shop() {
    run_sql(path, shop_tables);
    options.scratch = world.directory / "scratch";
    options.workers = 2;
    options.host = "host";
  }

  void back_up() {
    world.now += 1h;
    const auto database = backup::sqlite_database(
        world.files, {.path = path, .snapshot = {.scratch = world.directory / "state"}});
    world.back_up(*database);
    listing = world.source.list();
  }

  proof::Proof drill(std::size_t at, bool has_key = true) {
    listing = world.source.list();
    const store::SignedManifest& backup = listing.manifests.at(at);
    const DrillPlace place{.files = world.files,
                           .source = world.source,
                           .listing = listing,
                           .chain_key = [&]() -> crypto::Secret {
                             if (!has_key) {
                               throw Error{Code::no_permission, "no key", "pass -i"};
                             }
                             return kept ? crypto::Secret::copy_of(kept->bytes()) : open_envelope();
                           },
                           .now = [this] { return world.now + 10min; },
                           .enveloped_key = enveloped_key};
    proof::Proof made = verify::drill(backup, place, options, {}, {});
    CHECK(
        (!std::filesystem::exists(options.scratch) || std::filesystem::is_empty(options.scratch)));
    return made;
  }

  [[nodiscard]] const std::string& chain() const {
    return listing.manifests.front().manifest.chain;
  }
  crypto::Secret open_envelope() {
    const envelope::Identities identities{
        envelope::private_key_identity(crypto::Secret::copy_of(world.recipient.bytes()))};
    return backup::open_chain(world.files, world.source, chain(), identities);
  }

  [[nodiscard]] std::filesystem::path pack(std::size_t generation = 0) const {
    return world.source.packs() /
           listing.manifests.back().manifest.generations.at(generation).packs.at(0).name;
  }
};

inline const proof::Check& check_of(const proof::Proof& proof, const std::string& name) {
  const auto found = std::ranges::find(proof.checks, name, &proof::Check::name);
  REQUIRE_MESSAGE(found != proof.checks.end(), name);
  return *found;
}

inline std::string said_of(const proof::Check& check) {
  std::string said = check.why;
  for (const auto& each : check.differences) {
    said += "\n" + each.object + ": " + each.expected + " / " + each.found;
  }
  return said;
}

inline void flip_bit(const std::filesystem::path& path, std::uint64_t at) {
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekg(static_cast<std::streamoff>(at));
  const char byte = static_cast<char>(file.get());
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 1));
}

}  // namespace trackier::verify::test_shop
