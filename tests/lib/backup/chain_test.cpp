#include "backup/chain.hpp"

#include <doctest/doctest.h>

#include "crypto/random.hpp"
#include "fixture.hpp"
#include "support/errors.hpp"

namespace trackier::backup {
namespace {

using test::contains;
using test::error_of;
using test::World;

TEST_CASE("the key of a chain comes out of the store for its recipients alone") {
  World world;
  const Chain chain =
      begin_chain(world.files, world.source, world.options.recipients, "r", world.now);
  const auto open = [&](const crypto::Secret& key, const std::string& id) {
    return open_chain(world.files, world.source, id,
                      {envelope::private_key_identity(crypto::Secret::copy_of(key.bytes()))});
  };
  CHECK(open(world.recipient, chain.id) == chain.key);
  CHECK(error_of([&] { open(crypto::new_x25519_key(), chain.id); }).code() == Code::no_permission);
  CHECK(error_of([&] { open(world.recipient, std::string(32, '0')); }).code() == Code::no_input);
  // One envelope under the name of another.
  std::filesystem::copy_file(world.source.chain_envelope(chain.id),
                             world.source.chain_envelope(std::string(32, '1')));
  CHECK(error_of([&] { open(world.recipient, std::string(32, '1')); }).code() == Code::data);
}

TEST_CASE("the host's chain file comes back, sealed or not, and only private") {
  World world;
  const Chain chain =
      begin_chain(world.files, world.source, world.options.recipients, "a,b", world.now);
  CHECK_FALSE(world.chain_file.load());
  world.chain_file.save(chain);
  auto found = world.chain_file.load();
  REQUIRE(found);
  CHECK(found->id == chain.id);
  CHECK(found->key == chain.key);
  CHECK(found->begun == world.now);
  CHECK(found->sealed_for == "a,b");
  std::filesystem::permissions(world.state.chain_file(), std::filesystem::perms{0640});
  CHECK(error_of([&] { (void)world.chain_file.load(); }).code() == Code::no_permission);
  std::filesystem::remove(world.state.chain_file());

  const auto wrapping = std::make_shared<const crypto::Secret>(crypto::random_secret(32));
  const ChainFile sealed{world.files, world.state.chain_file(), wrapping};
  sealed.save(chain);
  found = sealed.load();
  REQUIRE(found);
  CHECK(found->key == chain.key);
  CHECK_FALSE(contains(test::content_of(world.state.chain_file()), chain.id));
  const ChainFile other{world.files, world.state.chain_file(),
                        std::make_shared<const crypto::Secret>(crypto::random_secret(32))};
  CHECK(error_of([&] { (void)other.load(); }).code() == Code::no_permission);
  CHECK(error_of([&] { (void)world.chain_file.load(); }).code() == Code::data);
}

TEST_CASE("runs are remembered by how they ended") {
  World world;
  const Time start = world.now;
  using std::chrono::minutes;
  world.state.begin_attempt(start);
  world.state.end_attempt(start, start + minutes{1}, Attempt::Outcome::failed, "disk \"full\"\n");
  world.state.begin_attempt(start + minutes{5});
  const auto attempts = world.state.attempts();
  REQUIRE(attempts.size() == 2);
  CHECK(attempts[0].outcome == Attempt::Outcome::failed);
  CHECK(contains(attempts[0].message, "disk"));
  CHECK(attempts[0].ended == start + minutes{1});
  CHECK(attempts[1].outcome == Attempt::Outcome::unfinished);
  world.state.trim_attempts(start + std::chrono::days{100});
  CHECK(world.state.attempts().empty());
}

}  // namespace
}  // namespace trackier::backup
