// A power cut at any instant, with all that a disk may have forgotten then.
#include <doctest/doctest.h>

#include "fixture.hpp"
#include "support/faulty_fs.hpp"
#include "support/memory_fs.hpp"

namespace trackier::backup {
namespace {

using test::FakeDatabase;
using test::FaultyFs;
using test::MemoryFs;
using test::noise;
using test::World;
using namespace std::chrono_literals;

/// A run during which the power goes; whether it got to its end before.
bool back_up_until(World& world, FakeDatabase& database, FaultyFs& faulty) {
  const store::SourceDirectory source{faulty, world.source.path(), world.store.id()};
  const HostState state{faulty, world.state.directory()};
  const ChainFile chain_file{faulty, state.chain_file(), nullptr};
  const RunPlace place{.files = faulty,
                       .source = source,
                       .state = state,
                       .chain_file = chain_file,
                       .signing_key = world.signing_key,
                       .now_ns = [&world] {
                         return std::chrono::nanoseconds{world.now.time_since_epoch()}.count();
                       }};
  try {
    back_up(database, place, world.options, {}, {});
  } catch (const Error&) {
    return false;
  }
  return true;
}

TEST_CASE(
    "after a power cut old backups are there, what is listed restores, and the next run works") {
  for (const bool new_chain : {false, true}) {
    for (const auto survives : {MemoryFs::Survives::nothing, MemoryFs::Survives::names}) {
      for (std::uint64_t operation = 1;; ++operation) {
        MemoryFs disk;
        World world{disk};
        FakeDatabase before;
        before.files = {{"database", {.content = noise(4096 * 20, 1), .page_bytes = 4096}}};
        const auto first = world.back_up(before).manifest;
        disk.power_cut(MemoryFs::Survives::nothing);
        FakeDatabase after;
        after.files = before.files;
        after.files["database"].content[9000] ^= 1;
        world.now += 1h;
        world.options.new_chain = new_chain;
        FaultyFs faulty{disk, {.operation = operation, .from_then_on = true}};
        const bool done = back_up_until(world, after, faulty);
        disk.power_cut(survives);

        INFO("operation ", operation, ", ", faulty.failed());
        const auto listing = world.source.list();
        REQUIRE(!listing.manifests.empty());
        CHECK(listing.unreadable.empty());
        CHECK(listing.manifests.front().manifest.id == first.id);
        world.check_restores(first, before.files);
        if (listing.manifests.size() == 2) {
          world.check_restores(listing.manifests.back().manifest, after.files);
        }
        world.options.new_chain = false;
        world.now += 1h;
        after.files["database"].content[17] ^= 1;
        world.check_restores(world.back_up(after).manifest, after.files);
        if (done && faulty.failed().empty()) {
          CHECK(listing.manifests.size() == 2);
          break;
        }
      }
    }
  }
}

}  // namespace
}  // namespace trackier::backup
