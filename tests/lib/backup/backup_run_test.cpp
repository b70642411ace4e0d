#include "backup/backup_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "backup/details.hpp"
#include "fixture.hpp"
#include "support/errors.hpp"
#include "support/faulty_fs.hpp"

namespace trackier::backup {
namespace {

using test::contains;
using test::error_of;
using test::FakeDatabase;
using test::FakeFiles;
using test::noise;
using test::World;
using namespace std::chrono_literals;

FakeFiles one(std::string content, std::uint32_t page_bytes = 4096) {
  return {{"database", {.content = std::move(content), .page_bytes = page_bytes}}};
}

TEST_CASE("a backup comes back byte by byte, first, changed, grown, shrunk and moved") {
  for (const std::uint32_t page : {512U, 65536U}) {
    World world;
    FakeDatabase database;
    std::string content = noise(std::size_t{page} * 80 + stripe_bytes, 1);
    content.resize(content.size() / page * page);
    std::vector<std::pair<store::Manifest, FakeFiles>> history;
    const auto step = [&](const char* what) {
      INFO(what);
      database.files = one(content, page);
      world.now += 1h;
      const RunResult result = world.back_up(database);
      history.emplace_back(result.manifest, database.files);
      return result;
    };
    const auto first = step("first");
    CHECK(first.manifest.sequence == 1);
    CHECK(first.manifest.stored_bytes > content.size());
    std::minstd_rand random{page};
    for (int i = 0; i < 30; ++i) {
      content[random() % content.size()] ^= 1;
    }
    const auto delta = step("a few bytes");
    CHECK(delta.manifest.stored_bytes < 30 * 2000);
    CHECK(delta.manifest.chain == first.manifest.chain);
    content += noise(std::size_t{page} * 100, 2);
    step("grown");
    for (int i = 0; i < 30; ++i) {
      content[random() % content.size()] ^= 2;
    }
    step("changed again, old pages and new ones");
    content.resize(content.size() - std::size_t{page} * 150);
    step("shrunk");
    content += noise(std::size_t{page} * 10, 3);
    step("grown again, with other pages");
    std::rotate(content.begin(), content.begin() + page, content.end());
    step("every page moved");
    content[page] ^= 3;
    step("a byte after that");
    for (const auto& [manifest, files] : history) {
      world.check_restores(manifest, files);
    }
    CHECK(world.warnings.empty());
  }
}

TEST_CASE("any history of small changes restores at every point, with the host's state or not") {
  constexpr std::uint32_t page = 1024;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    std::minstd_rand random{seed};
    World world;
    FakeDatabase database;
    database.offsets = seed % 2 == 0;
    std::string content = noise(stripe_bytes + page * 500, seed);
    std::vector<std::pair<store::Manifest, std::string>> history;
    for (int step = 0; step < 3; ++step) {
      for (auto changes = random() % 20; changes > 0; --changes) {
        const std::size_t at = random() % content.size();
        const std::size_t length = std::min(1 + random() % 5000, content.size() - at);
        content.replace(at, length, noise(length, static_cast<unsigned>(at)));
      }
      content.resize(content.size() + random() % 100 * page - 50 * page, 'x');
      database.files = one(content, page);
      world.now += 1h;
      if (random() % 3 == 0) {
        std::filesystem::remove_all(world.directory / "state" / "state");
      }
      history.emplace_back(world.back_up(database).manifest, content);
    }
    for (const auto& [manifest, expected] : history) {
      CHECK_MESSAGE((world.restore(manifest).at("database") == expected), seed);
      CHECK(manifest.chain == history.front().first.chain);
    }
    CHECK(world.warnings.empty());
  }
}

TEST_CASE("streams are found again behind what was inserted, and come back") {
  World world;
  FakeDatabase database;
  database.offsets = false;
  std::string dump = noise(2'000'000, 5);
  database.files = {{"a", {.content = ""}}, {"b", {.content = dump}}, {"c", {.content = "x"}}};
  const auto first = world.back_up(database);
  world.check_restores(first.manifest, database.files);
  dump.insert(500'000, "inserted");
  dump.erase(1'500'000, 1000);
  database.files["b"].content = dump;
  const auto second = world.back_up(database);
  CHECK(second.manifest.stored_bytes < 300'000);
  world.check_restores(second.manifest, database.files);
  std::filesystem::remove_all(world.directory / "state" / "state");
  const auto third = world.back_up(database);
  CHECK(third.manifest.unchanged);
  world.check_restores(third.manifest, database.files);
  world.check_restores(
      first.manifest,
      {{"a", {.content = ""}}, {"b", {.content = noise(2'000'000, 5)}}, {"c", {.content = "x"}}});
}

TEST_CASE("what has not changed is not stored, and not even read when its mark says so") {
  World world;
  FakeDatabase database;
  database.files = one(noise(500 * 4096, 1));
  database.says = "mark 1";
  const auto first = world.back_up(database);
  world.now += 1h;
  const auto second = world.back_up(database);
  CHECK(second.manifest.unchanged);
  CHECK(second.manifest.stored_bytes == 0);
  CHECK(second.manifest.sequence == 2);
  CHECK(second.manifest.previous == first.digest);
  CHECK(database.snapshots == 1);
  world.check_restores(second.manifest, database.files);
  // Without a mark, with another one, and a day after the last look, all of it is read.
  database.says = "";
  world.now += 1h;
  CHECK(world.back_up(database).manifest.unchanged);
  CHECK(database.snapshots == 2);
  database.says = "mark 2";
  world.now += 1h;
  CHECK(world.back_up(database).manifest.unchanged);
  CHECK(database.snapshots == 3);
  world.now += 1h;
  world.back_up(database);
  CHECK(database.snapshots == 3);
  world.now += 24h;
  world.back_up(database);
  CHECK(database.snapshots == 4);
  // And a change after all that is a small one.
  database.files["database"].content[7] ^= 1;
  database.says = "mark 3";
  const auto changed = world.back_up(database);
  CHECK_FALSE(changed.manifest.unchanged);
  CHECK(changed.manifest.stored_bytes < 2000);
  world.check_restores(changed.manifest, database.files);
}

TEST_CASE("a slot that has its backup is not due, one with a damaged backup is") {
  World world;
  world.options.if_due = true;
  FakeDatabase database;
  database.files = one(noise(4096, 1));
  CHECK(world.back_up(database).was_due);
  CHECK_FALSE(world.back_up(database).was_due);
  world.now += 1h;
  database.damaged = true;
  world.options.check_every = 0h;
  CHECK(world.back_up(database).manifest.damaged);
  database.damaged = false;
  const auto again = world.back_up(database);
  CHECK(again.was_due);
  CHECK_FALSE(again.manifest.damaged);
  CHECK(again.manifest.check == "check ok");
}

TEST_CASE("the source checks itself once a day, and again and again while it is damaged") {
  World world;
  FakeDatabase database;
  std::string content = noise(4096 * 3, 1);
  const auto run = [&] {
    content[0] ^= 1;
    database.files = one(content);
    world.now += 1h;
    return world.back_up(database).manifest;
  };
  CHECK(run().check == "check ok");
  for (int i = 0; i < 23; ++i) {
    CHECK(run().check == "not checked");
  }
  database.damaged = true;
  CHECK(run().damaged);
  CHECK(run().damaged);
  database.damaged = false;
  CHECK_FALSE(run().damaged);
  CHECK(run().check == "not checked");
}

TEST_CASE("digests are taken once a day, and of what is unchanged they hold") {
  World world;
  FakeDatabase database;
  database.has_content = true;
  std::string content = noise(4096 * 3, 1);
  const auto run = [&](bool changes) {
    content[0] = static_cast<char>(content[0] ^ (changes ? 1 : 0));
    database.files = one(content);
    world.now += 1h;
    return world.back_up(database).manifest;
  };
  const auto first = run(true);
  CHECK(first.digested);
  const auto details_of = [&](const store::Manifest& manifest) {
    const envelope::Identities identities{
        envelope::private_key_identity(crypto::Secret::copy_of(world.recipient.bytes()))};
    const backup::BackupReader reader{
        world.files, world.source, manifest,
        backup::open_chain(world.files, world.source, manifest.chain, identities)};
    return reader.map().details;
  };
  const auto digests = backup::content_in(details_of(first));
  REQUIRE(digests);
  CHECK(digests->objects.at(0).name == "t");
  const auto same = run(false);
  CHECK(same.unchanged);
  CHECK(same.digested);
  for (int i = 0; i < 22; ++i) {
    const auto later = run(true);
    CHECK_FALSE(later.digested);
    CHECK_FALSE(backup::content_in(details_of(later)));
  }
  CHECK(database.digests == 1);
  CHECK(run(true).digested);
  CHECK(database.digests == 2);

  world.options.digest_every = 0h;
  CHECK(run(true).digested);
  CHECK(run(true).digested);
  world.options.digest = false;
  CHECK_FALSE(run(true).digested);
  world.options.digest = true;
  const auto late = run(false);  // nothing has changed but what is known of it
  CHECK_FALSE(late.unchanged);
  CHECK(late.digested);
  world.check_restores(late, database.files);
}

TEST_CASE("a chain ends after its time, with other recipients, without its key, and when asked") {
  World world;
  FakeDatabase database;
  database.files = one(noise(4096 * 10, 1));
  const auto run = [&] {
    database.files["database"].content[5] ^= 1;
    world.now += 1h;
    return world.back_up(database);
  };
  const auto first = run();
  CHECK(first.new_chain_because == "the first backup");
  CHECK(run().new_chain_because.empty());
  world.options.new_chain = true;
  CHECK(run().new_chain_because == "asked for");
  world.options.new_chain = false;
  CHECK(run().new_chain_because.empty());
  world.options.sealed_for = "others";
  CHECK(run().new_chain_because == "other recipients");
  std::filesystem::remove(world.state.chain_file());
  CHECK(run().new_chain_because == "the key of the last chain is not here");
  world.now += 24h * 7;
  const auto last = run();
  CHECK(last.new_chain_because == "the last chain is complete");
  CHECK(last.manifest.generations.size() == 1);
  world.check_restores(last.manifest, database.files);
}

TEST_CASE("the key of the chain before is gone from the host when a new one begins") {
  World world;
  FakeDatabase database;
  database.files = one(noise(4096, 1));
  world.back_up(database);
  const auto before = world.chain_file.load();
  REQUIRE(before);
  world.options.new_chain = true;
  world.back_up(database);
  const auto after = world.chain_file.load();
  REQUIRE(after);
  CHECK(after->id != before->id);
  CHECK_FALSE(after->key == before->key);
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(world.directory / "state")) {
    if (entry.is_regular_file()) {
      CHECK_FALSE(contains(test::content_of(entry.path()), as_text(before->key.bytes())));
    }
  }
}

TEST_CASE("a missing pack ends the chain, with a warning, and what does not need it restores") {
  World world;
  FakeDatabase database;
  database.files = one(noise(4096 * 10, 1));
  const auto first = world.back_up(database).manifest;
  const FakeFiles old = database.files;
  database.files["database"].content[5] ^= 1;
  const auto second = world.back_up(database).manifest;
  std::filesystem::remove(world.source.packs() / second.generations.back().packs[0].name);
  const auto third = world.back_up(database);
  CHECK(third.new_chain_because == "a pack of the last chain is missing or damaged");
  CHECK(world.warnings.size() == 1);
  world.check_restores(third.manifest, database.files);
  world.check_restores(first, old);
  CHECK(error_of([&] { world.restore(second); }).code() == Code::no_input);
}

TEST_CASE("a damaged pack that is met while backing up ends the chain") {
  World world;
  FakeDatabase database;
  database.files = one(noise(4096 * 10, 1));
  const auto first = world.back_up(database).manifest;
  const auto path = world.source.packs() / first.generations[0].packs[0].name;
  std::string pack = test::content_of(path);
  pack[pack.size() / 3] ^= 1;
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  std::ofstream{path, std::ios::binary} << pack;
  database.files["database"].content[5] ^= 1;
  const auto second = world.back_up(database);
  CHECK(second.new_chain_because == "the last chain is damaged");
  CHECK(world.warnings.size() == 1);
  CHECK(contains(world.warnings[0], first.generations[0].packs[0].name));
  world.check_restores(second.manifest, database.files);
  CHECK(error_of([&] { world.restore(first); }).code() == Code::data);
}

TEST_CASE("a manifest that cannot be read is warned of, and its number not given again") {
  World world;
  FakeDatabase database;
  database.files = one(noise(4096 * 10, 1));
  for (const std::uint64_t expected : {1U, 2U}) {
    const auto made = world.back_up(database);
    CHECK(made.manifest.sequence == expected);
    std::ofstream{world.source.manifests() / file_name_of(made.manifest)} << "damaged";
    world.now += 1h;
  }
  const auto third = world.back_up(database);
  CHECK(third.manifest.sequence == 3);
  CHECK(world.warnings.size() >= 2);
  world.check_restores(third.manifest, database.files);
  CHECK(world.source.list().manifests.size() == 1);
}

TEST_CASE("a source that fails leaves the backups as they were") {
  World world;
  FakeDatabase database;
  database.files = one(noise(4096 * 10, 1));
  const auto first = world.back_up(database).manifest;
  const FakeFiles old = database.files;
  database.files["database"].content[5] ^= 1;
  database.fails = "it went away";
  const auto error = error_of([&] { world.back_up(database); });
  CHECK(error.code() == Code::unavailable);
  CHECK(world.source.list().manifests.size() == 1);
  world.check_restores(first, old);
  database.fails.clear();
  const auto second = world.back_up(database);
  CHECK(second.new_chain_because.empty());
  world.check_restores(second.manifest, database.files);
}

TEST_CASE("pages of another size, or none, are no trouble") {
  World world;
  FakeDatabase database;
  for (const auto& [pages, size] :
       {std::pair{64U, 4096U}, std::pair{64U, 8192U}, std::pair{0U, 8192U}, std::pair{3U, 1024U}}) {
    database.files = one(noise(std::size_t{pages} * size, pages + size), size);
    const auto made = world.back_up(database);
    world.check_restores(made.manifest, database.files);
  }
}

TEST_CASE("whatever operation fails, old backups restore and the next run works") {
  // With every operation of the file system in turn; a power cut is tried with the real program.
  FakeDatabase database;
  database.files = one(noise(4096 * 8, 1));
  for (std::uint64_t operation = 1;; operation += 1) {
    World world;
    const auto first = world.back_up(database).manifest;
    FakeDatabase changed;
    changed.files = database.files;
    changed.files["database"].content[5000] ^= 1;
    test::FaultyFs faulty{os::posix(), {.operation = operation}};
    world.now += 1h;
    bool failed = false;
    {
      const store::SourceDirectory source{faulty, world.source.path(), world.store.id()};
      try {
        const HostState state{faulty, world.directory / "state"};
        const ChainFile chain_file{faulty, state.chain_file(), nullptr};
        const auto lock = source.lock(store::Lock::write);
        const RunPlace place{
            .files = faulty,
            .source = source,
            .state = state,
            .chain_file = chain_file,
            .signing_key = world.signing_key,
            .now_ns = [&world] {
              return std::chrono::nanoseconds{world.now.time_since_epoch()}.count();
            }};
        back_up(changed, place, world.options, {}, {});
      } catch (const Error&) {
        failed = true;
      }
    }
    INFO(faulty.failed());
    const auto listing = world.source.list();
    REQUIRE(!listing.manifests.empty());
    CHECK(listing.unreadable.empty());
    world.check_restores(first, database.files);
    for (const auto& each : listing.manifests) {
      if (each.manifest.id != first.id) {
        world.check_restores(each.manifest, changed.files);
      }
    }
    world.now += 1h;
    const auto next = world.back_up(changed);
    world.check_restores(next.manifest, changed.files);
    for (const auto& name : world.files.list(world.source.packs())) {
      CHECK_FALSE(name.native().ends_with(".tmp"));
    }
    if (!failed && operation > faulty.operations()) {
      break;
    }
  }
}

}  // namespace
}  // namespace trackier::backup
