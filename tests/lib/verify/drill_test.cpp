// Drills of SQLite backups: sound ones, and every kind of damage by its name.
#include "verify/drill.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "backup/details.hpp"
#include "shop.hpp"
#include "store/removal.hpp"

using namespace trackier;
using namespace trackier::verify;
using proof::Level;
using proof::Verdict;
using namespace trackier::verify::test_shop;
using namespace std::chrono_literals;

TEST_CASE("a sound backup passes, and its proof says what was seen") {
  Shop shop;
  shop.back_up();
  const proof::Proof proof = shop.drill(0);
  for (const auto& check : proof.checks) {
    CHECK_MESSAGE(check.verdict == Verdict::passed, check.name, ": ", said_of(check));
    CHECK_MESSAGE(check.checked > 0, check.name);
  }
  CHECK(proof.verdict == Verdict::passed);
  CHECK(proof.rpo == 10min);
  CHECK(proof.rto);
  CHECK(proof.bytes == shop.listing.manifests[0].manifest.source_bytes);
  const auto clicks = std::ranges::find(proof.tables, "clicks", &proof::TableProof::name);
  REQUIRE(clicks != proof.tables.end());
  CHECK(clicks->expected_rows == 3000);
  CHECK(clicks->found_rows == 3000);
  CHECK(clicks->expected.size() == 64);
  CHECK(clicks->expected == clicks->found);
  const auto left_out =
      std::ranges::find(proof.unchecked, "level application", &content::Unchecked::name);
  CHECK(left_out != proof.unchecked.end());
}

TEST_CASE("increments and backups of unchanged databases pass at every level") {
  Shop shop;
  for (int i = 0; i < 4; ++i) {
    shop.back_up();
    if (i != 2) {
      run_sql(shop.path, "UPDATE clicks SET ip = '10.9.9.9' WHERE id % 50 = " + std::to_string(i));
    }
  }
  for (std::size_t at = 0; at < shop.listing.manifests.size(); ++at) {
    for (const Level level :
         {Level::chain, Level::structure, Level::data, Level::restore, Level::content}) {
      shop.options.level = level;
      const proof::Proof proof = shop.drill(at);
      CHECK_MESSAGE(proof.verdict == Verdict::passed, at, proof::name_of(level));
    }
  }
}

TEST_CASE("without a key the chain and the hashes are checked, and nothing is made up") {
  Shop shop;
  shop.back_up();
  shop.options.level = Level::structure;
  proof::Proof proof = shop.drill(0, false);
  CHECK(proof.verdict == Verdict::passed);
  CHECK(std::ranges::any_of(proof.unchecked, [](const auto& each) {
    return each.name == "footers of packs, and the map" && each.why == "no key";
  }));
  shop.options.level = Level::content;
  proof = shop.drill(0, false);
  CHECK(proof.verdict == Verdict::not_evaluated);
  CHECK(check_of(proof, "key").why == "no key; pass -i");
  CHECK_FALSE(proof.rto);
}

TEST_CASE("damage in the store fails, and is named") {
  Shop shop;
  shop.back_up();
  run_sql(shop.path, "UPDATE clicks SET ip = '10.9.9.9' WHERE id % 50 = 1");
  shop.back_up();

  SUBCASE("a flipped bit anywhere in a pack") {
    const auto path = shop.pack();
    const auto size = std::filesystem::file_size(path);
    for (const std::uint64_t at :
         {std::uint64_t{3}, std::uint64_t{20}, size / 3, size / 2, size - 30, size - 2}) {
      flip_bit(path, at);
      for (const Level level : {Level::structure, Level::data, Level::content}) {
        shop.options.level = level;
        const proof::Proof proof = shop.drill(1);
        CHECK(proof.verdict == Verdict::failed);
        CHECK_MESSAGE(
            said_of(check_of(proof, "packs")).find(path.filename().native()) != std::string::npos,
            at);
      }
      flip_bit(path, at);
    }
    shop.options.level = Level::content;
    CHECK(shop.drill(1).verdict == Verdict::passed);
  }
  SUBCASE("a missing pack") {
    const std::string name = shop.pack().filename();
    std::filesystem::remove(shop.pack());
    shop.options.level = Level::chain;
    const proof::Proof proof = shop.drill(1);
    CHECK(proof.verdict == Verdict::failed);
    CHECK(said_of(check_of(proof, "presence")).find("pack " + name) != std::string::npos);
    CHECK(said_of(check_of(proof, "presence")).find("missing") != std::string::npos);
  }
  SUBCASE("a pack in the place of another") {
    std::filesystem::copy_file(shop.pack(1), shop.pack(0),
                               std::filesystem::copy_options::overwrite_existing);
    CHECK(shop.drill(1).verdict == Verdict::failed);
  }
  SUBCASE("swapped manifests") {
    std::vector<std::filesystem::path> manifests;
    for (const auto& each : std::filesystem::directory_iterator{shop.world.source.manifests()}) {
      manifests.push_back(each.path());
    }
    std::ranges::sort(manifests);
    std::filesystem::rename(manifests[0], manifests[0].native() + ".aside");
    std::filesystem::rename(manifests[1], manifests[0]);
    std::filesystem::rename(manifests[0].native() + ".aside", manifests[1]);
    shop.options.level = Level::chain;
    const auto listing = shop.world.source.list();
    CHECK((listing.manifests.empty() || shop.drill(0).verdict == Verdict::failed));
  }
  SUBCASE("a manifest that is gone") {
    const auto file =
        shop.world.source.manifests() / store::file_name_of(shop.listing.manifests[0].manifest);
    std::filesystem::rename(file, shop.world.directory / "aside");
    shop.options.level = Level::chain;
    const proof::Proof proof = shop.drill(0);
    CHECK(proof.verdict == Verdict::failed);
    CHECK(said_of(check_of(proof, "sequence")).find("backup number 1") != std::string::npos);
  }
  SUBCASE("a manifest that was changed") {
    const auto file =
        shop.world.source.manifests() / store::file_name_of(shop.listing.manifests[0].manifest);
    flip_bit(file, 40);
    shop.options.level = Level::chain;
    const proof::Proof proof = shop.drill(0);
    CHECK(proof.verdict == Verdict::failed);
    CHECK(said_of(check_of(proof, "manifests")).find(file.filename().native()) !=
          std::string::npos);
  }
  SUBCASE("the envelope of the chain") {
    const store::Manifest manifest = shop.listing.manifests[0].manifest;
    std::filesystem::remove(shop.world.source.chain_envelope(manifest.chain));
    shop.options.level = Level::chain;
    const proof::Proof proof = shop.drill(0);
    CHECK(proof.verdict == Verdict::failed);
    CHECK(said_of(check_of(proof, "presence")).find(manifest.chain) != std::string::npos);
  }
}

TEST_CASE("what was removed on purpose leaves no gap") {
  Shop shop;
  for (int i = 0; i < 3; ++i) {
    run_sql(shop.path, "UPDATE clicks SET ip = 'x' WHERE id % 50 = " + std::to_string(i));
    shop.back_up();
  }
  const store::SignedManifest removed = shop.listing.manifests[1];
  store::record_removal(shop.world.files, shop.world.source,
                        {{.sequence = removed.manifest.sequence,
                          .id = removed.manifest.id,
                          .digest = removed.digest,
                          .slot = removed.manifest.slot,
                          .taken = removed.manifest.taken,
                          .damaged = false,
                          .rule = "none"}},
                        shop.world.now, shop.world.signing_key);
  std::filesystem::remove(shop.world.source.manifests() / store::file_name_of(removed.manifest));
  CHECK(shop.drill(1).verdict == Verdict::passed);
}

TEST_CASE("a database that was damaged before is as its source, neither passed nor failed") {
  Shop shop;
  const auto size = std::filesystem::file_size(shop.path);
  {
    std::fstream file{shop.path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(static_cast<std::streamoff>(size / 2));
    file << std::string(300, 'x');
  }
  shop.back_up();
  const proof::Proof proof = shop.drill(0);
  CHECK(proof.verdict == Verdict::same_as_source);
  CHECK(check_of(proof, "data").verdict == Verdict::passed);
  CHECK(check_of(proof, "integrity_check").verdict == Verdict::same_as_source);
}

TEST_CASE("broken references are those of the source") {
  Shop shop;
  run_sql(shop.path, "INSERT INTO orders VALUES (9999, 77777), (9998, 77776)");
  shop.back_up();
  const proof::Proof proof = shop.drill(0);
  CHECK(proof.verdict == Verdict::same_as_source);
  CHECK(said_of(check_of(proof, "foreign_key_check")).find("table orders") != std::string::npos);
  CHECK(said_of(check_of(proof, "foreign_key_check")).find("2 rows") != std::string::npos);
}

TEST_CASE("digests that differ name the table and the trigger") {
  Shop shop;
  shop.back_up();
  shop.options.live = [&](const crypto::MacKey& key, const std::set<std::string>& skip) {
    sqlite::DatabaseSnapshot snapshot{
        shop.world.files, shop.path, {.scratch = shop.world.directory / "state"}, {}};
    return snapshot.content(key, {.skip = skip});
  };
  CHECK(shop.drill(0).verdict == Verdict::passed);
  run_sql(shop.path,
          "UPDATE clicks SET ip = NULL WHERE id = 17; DROP TRIGGER no_delete;"
          "CREATE TRIGGER other AFTER INSERT ON orders BEGIN SELECT 1; END");
  const proof::Proof proof = shop.drill(0);
  CHECK(proof.verdict == Verdict::passed);  // that the database has gone on says nothing of it
  CHECK(check_of(proof, "content").verdict == Verdict::passed);
  const proof::Check& live = check_of(proof, "live");
  CHECK(live.verdict == Verdict::failed);
  CHECK(live.difference_count == 3);
  CHECK(said_of(live).find("table clicks: 3000 rows") != std::string::npos);
  CHECK(said_of(live).find("trigger no_delete") != std::string::npos);
  CHECK(said_of(live).find("trigger other: nothing") != std::string::npos);
}

TEST_CASE("what the operator expects is asked, and the slot can be asked for") {
  Shop shop;
  shop.back_up();
  shop.options.level = Level::application;
  CHECK(shop.drill(0).verdict == Verdict::failed);  // nothing is expected, nothing was checked
  shop.options.expectations = {
      {.name = "fresh",
       .sql = "SELECT max(at) >= datetime($1, '-3 hours') FROM clicks",
       .result = "1"},
      {.name = "count", .sql = "SELECT count(*) FROM clicks", .result = "3000"},
      {.name = "moment", .sql = "SELECT $2", .result = to_rfc3339(shop.world.now)}};
  proof::Proof proof = shop.drill(0);
  for (const auto& check : proof.checks) {
    CHECK_MESSAGE(check.verdict == Verdict::passed, check.name, ": ", said_of(check));
  }
  shop.options.expectations = {
      {.name = "count", .sql = "SELECT count(*) FROM clicks", .result = "2999"},
      {.name = "null", .sql = "SELECT NULL", .result = ""},
      {.name = "writes", .sql = "DELETE FROM orders", .result = ""},
      {.name = "broken", .sql = "SELECT FROM", .result = ""}};
  proof = shop.drill(0);
  CHECK(proof.verdict == Verdict::failed);
  CHECK(said_of(check_of(proof, "count")).find("2999 / 3000") != std::string::npos);
  CHECK(said_of(check_of(proof, "null")).find("NULL") != std::string::npos);
  CHECK(check_of(proof, "writes").verdict != Verdict::passed);
  CHECK(check_of(proof, "broken").verdict != Verdict::passed);
}

TEST_CASE("a sample reads packs that were never read first, then those whose turn it is") {
  Shop shop;
  for (int i = 0; i < 4; ++i) {
    run_sql(shop.path, "UPDATE clicks SET ip = 'y' WHERE id % 50 = " + std::to_string(i));
    shop.back_up();
  }
  shop.options.level = Level::data;
  shop.options.sample = 0.3;
  std::vector<std::string> seen;
  for (int i = 0; i < 2; ++i) {
    shop.options.sampled_before = seen;
    const proof::Proof proof = shop.drill(3);
    CHECK(proof.verdict == Verdict::passed);
    CHECK(check_of(proof, "sample").checked > 0);
    CHECK_FALSE(proof.packs.empty());
    for (const auto& pack : proof.packs) {
      CHECK(std::ranges::find(seen, pack) == seen.end());
      seen.push_back(pack);
    }
  }
}

TEST_CASE("no room, no place: nothing is known of the backup") {
  Shop shop;
  shop.back_up();
  std::ofstream{shop.world.directory / "file"} << "x";
  shop.options.scratch = shop.world.directory / "file" / "scratch";
  const proof::Proof proof = shop.drill(0);
  CHECK(proof.verdict == Verdict::not_evaluated);
  CHECK(check_of(proof, "scratch").verdict == Verdict::not_evaluated);
}
