#include "backup/prune.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "backup/store_copy.hpp"
#include "fixture.hpp"
#include "store/hold.hpp"
#include "store/removal.hpp"
#include "support/errors.hpp"

namespace trackier::backup {
namespace {

using test::error_of;
using test::FakeDatabase;
using test::noise;
using test::World;
using namespace std::chrono_literals;

/// Ten hourly backups; the store's clock is set to go with them.
struct Hours {
  World world;
  FakeDatabase database;
  std::vector<std::pair<store::Manifest, std::string>> made;

  explicit Hours(int count) {
    std::string content = noise(4096 * 50, 1);
    for (int i = 0; i < count; ++i) {
      content[static_cast<std::size_t>(i)] ^= 1;
      database.files = {{"database", {.content = content, .page_bytes = 4096}}};
      world.now += 1h;
      made.emplace_back(world.back_up(database).manifest, content);
      world.files.open_for_update(world.source.manifests() / file_name_of(made.back().first))
          ->set_modified(std::chrono::nanoseconds{world.now.time_since_epoch()}.count());
    }
  }

  [[nodiscard]] PrunePlan plan(const Retention& retention, bool allowed = true) const {
    return plan_prune(world.files, world.source, {}, retention, {.allowed = allowed}, world.now);
  }
};

constexpr Retention two{.keep_hourly = 2,
                        .keep_daily = 0,
                        .keep_weekly = 0,
                        .keep_monthly = 0,
                        .keep_within = 0min,
                        .keep_min = 1};

TEST_CASE("what retention does not keep goes, with the packs that only it needed") {
  Hours hours{8};
  store::place_hold(hours.world.files, hours.world.source,
                    {.name = "court",
                     .reason = "r",
                     .from = hours.made[2].first.slot,
                     .to = hours.made[2].first.slot,
                     .placed = hours.world.now});
  const auto packs_before = hours.world.files.list(hours.world.source.packs()).size();
  const auto plan = hours.plan(two);
  CHECK(plan.removals() == 5);
  const Pruned pruned =
      prune(hours.world.files, hours.world.source, plan, hours.world.now, hours.world.signing_key);
  CHECK(pruned.backups == 5);
  CHECK(pruned.bytes > 0);
  const auto left = hours.world.source.list();
  REQUIRE(left.manifests.size() == 3);
  CHECK(left.manifests[0].manifest.id == hours.made[2].first.id);
  CHECK(hours.world.files.list(hours.world.source.packs()).size() < packs_before);
  for (const auto& made : hours.made) {
    const bool is_left = std::ranges::any_of(
        left.manifests, [&](const auto& each) { return each.manifest.id == made.first.id; });
    if (is_left) {
      CHECK((hours.world.restore(made.first).at("database") == made.second));
    }
  }
  CHECK(store::list_removals(hours.world.files, hours.world.source).removed.size() == 5);
  CHECK(hours.plan(two).removals() == 0);
  // The chain goes on.
  hours.database.files["database"].content[0] ^= 1;
  hours.world.now += 1h;
  const auto next = hours.world.back_up(hours.database);
  CHECK(next.new_chain_because.empty());
  CHECK((hours.world.restore(next.manifest).at("database") ==
         hours.database.files["database"].content));
}

TEST_CASE("nothing goes when the clock went back, too much would go, or something is unreadable") {
  Hours hours{24};
  CHECK(error_of([&] { (void)hours.plan(two, false); }).code() == Code::verdict);
  CHECK(hours.plan(two).removals() == 22);
  hours.world.now -= 5h;
  CHECK(error_of([&] { (void)hours.plan(two); }).code() == Code::verdict);
  hours.world.now += 5h;
  { test::TemporaryDirectory unused; }
  auto file = hours.world.files.create_exclusive(hours.world.source.manifests() / "x.json", 0600);
  CHECK(error_of([&] { (void)hours.plan(two); }).code() == Code::data);
}

TEST_CASE("while somebody reads, packs stay until the next time") {
  Hours hours{5};
  const auto reading = hours.world.source.lock(store::Lock::read);
  const auto packs = hours.world.files.list(hours.world.source.packs()).size();
  const Pruned pruned = prune(hours.world.files, hours.world.source, hours.plan(two),
                              hours.world.now, hours.world.signing_key);
  CHECK(pruned.packs_are_read);
  CHECK(hours.world.files.list(hours.world.source.packs()).size() == packs);
}

TEST_CASE("the keys of chains that have no backup left go, too") {
  Hours hours{3};
  hours.world.options.new_chain = true;
  for (int i = 0; i < 2; ++i) {
    hours.world.now += 1h;
    hours.world.back_up(hours.database);
  }
  for (const auto& name : hours.world.files.list(hours.world.source.chains())) {
    hours.world.files.open_for_update(hours.world.source.chains() / name)
        ->set_modified(std::chrono::nanoseconds{hours.world.now.time_since_epoch()}.count() -
                       std::int64_t{90'000} * 1'000'000'000);
  }
  for (const auto& each : hours.world.source.list().manifests) {
    hours.world.files.open_for_update(hours.world.source.manifests() / file_name_of(each.manifest))
        ->set_modified(std::chrono::nanoseconds{each.manifest.taken.time_since_epoch()}.count());
  }
  CHECK(hours.world.files.list(hours.world.source.chains()).size() == 3);
  prune(hours.world.files, hours.world.source, hours.plan(two), hours.world.now,
        hours.world.signing_key);
  CHECK(hours.world.files.list(hours.world.source.chains()).size() == 2);
}

TEST_CASE("a copy has the same backups, goes on where it was, and lacks only what is broken") {
  Hours hours{4};
  const auto copy = hours.world.store.copy_at(hours.world.directory / "copy", false);
  const store::SourceDirectory target = copy.source("shop");
  std::vector<std::string> warnings;
  const CopyEvents events{.warn = [&](const std::string& text) { warnings.push_back(text); },
                          .progressed = [](std::uint64_t) {}};
  const auto run = [&] {
    return copy_source(hours.world.files, hours.world.source, target, events, {});
  };
  CHECK(run().backups == 4);
  const auto again = run();
  CHECK(again.backups == 0);
  CHECK(again.bytes == 0);
  CHECK(target.list().manifests.size() == 4);
  // The last pack of the last backup is damaged: that backup is left out, and no other.
  hours.database.files["database"].content[77] ^= 1;
  hours.world.now += 1h;
  const auto last = hours.world.back_up(hours.database).manifest;
  const auto pack = hours.world.source.packs() / last.generations.back().packs[0].name;
  const std::byte one{1};
  hours.world.files.open_for_update(pack)->write_at(70, Bytes{&one, 1});
  const auto broken = run();
  CHECK(broken.broken == 1);
  CHECK(warnings.size() == 1);
  CHECK(target.list().manifests.size() == 4);
  const envelope::Identities identities{
      envelope::private_key_identity(crypto::Secret::copy_of(hours.world.recipient.bytes()))};
  for (const auto& [manifest, content] : hours.made) {
    BackupReader reader{hours.world.files, target, manifest,
                        open_chain(hours.world.files, target, manifest.chain, identities)};
    test::FakeTarget restored;
    restore(reader, restored, 1, [](std::uint64_t) {}, {});
    CHECK((restored.content.at("database") == content));
  }
}

}  // namespace
}  // namespace trackier::backup
