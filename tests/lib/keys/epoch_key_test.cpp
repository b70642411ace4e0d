#include "keys/epoch_key.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/hexadecimal.hpp"
#include "support/errors.hpp"
#include "support/faulty_fs.hpp"
#include "support/memory_fs.hpp"

namespace trackier::keys {
namespace {

using test::error_of;
using test::MemoryFs;

constexpr std::string_view written =
    "trackier-epoch-key-1 month 2026-01 "
    "00112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978\n";
constexpr Time now{std::chrono::seconds{1'790'000'000}};

Period period(std::string_view name) {
  return *parse_period(name);
}

EpochKey example() {
  return *EpochKey::parse(as_bytes(written));
}

std::string hex(const std::optional<crypto::Secret>& key) {
  return key ? hexadecimal(key->bytes()) : "";
}

std::string text_of(const EpochKey& key) {
  return std::string{as_text(key.text().bytes())};
}

}  // namespace

TEST_CASE("a key of periods is written as it was read") {
  CHECK(text_of(example()) == written);
  CHECK(example().oldest() == period("2026-01"));
  const EpochKey fresh = EpochKey::fresh(period("2026-W48"));
  const auto again = EpochKey::parse(fresh.text().bytes());
  REQUIRE(again);
  CHECK(hex(again->key_of(period("2026-W50"))) == hex(fresh.key_of(period("2026-W50"))));
}

TEST_CASE("any text but that of a key is refused") {
  const std::string good{written};
  for (std::size_t at = 0; at + 1 < good.size(); ++at) {
    CAPTURE(at);
    CHECK_FALSE(EpochKey::parse(as_bytes(good.substr(0, at))));
    std::string bad = good;
    bad[at] = '\x01';
    CHECK_FALSE(EpochKey::parse(as_bytes(bad)));
  }
  CHECK_FALSE(EpochKey::parse(as_bytes(good + "x")));
  CHECK_FALSE(EpochKey::parse(as_bytes("trackier-epoch-key-1 day 2026-01 " + good.substr(35))));
}

TEST_CASE("keys are those that another program makes of the words of the manual") {
  std::ifstream file{TRACKIER_SOURCE_DIR "/tests/vectors/epochs.json"};
  const auto vectors = nlohmann::json::parse(file);
  REQUIRE(vectors.at("keys").size() > 5);
  for (const auto& vector : vectors.at("keys")) {
    CAPTURE(vector.dump());
    const auto wanted = vector.at("period").get<std::string>();
    const auto text = vector.at("file").get<std::string>();
    const auto key = EpochKey::parse(as_bytes(text));
    REQUIRE(key);
    CHECK(hex(key->key_of(period(wanted))) == vector.at("key").get<std::string>());
  }
  for (const auto& vector : vectors.at("endless")) {
    const auto secret = vector.at("master").get<std::string>();
    std::array<std::byte, 32> master{};
    REQUIRE(from_hexadecimal(secret, master));
    CHECK(hexadecimal(period_key(master, period(vector.at("period").get<std::string>())).bytes()) ==
          vector.at("key").get<std::string>());
  }
}

TEST_CASE(
    "what is left after a destruction makes the keys of later periods and of no earlier one") {
  const EpochKey key = example();
  const EpochKey left = key.from(period("2026-06"));
  CHECK(left.oldest() == period("2026-06"));
  for (const std::string_view later : {"2026-06", "2026-07", "2031-01"}) {
    CHECK(hex(left.key_of(period(later))) == hex(key.key_of(period(later))));
  }
  for (const std::string_view earlier : {"2026-05", "2026-01", "1999-12"}) {
    CHECK_FALSE(left.key_of(period(earlier)));
  }
  CHECK_FALSE(key.key_of(period("2025-12")));
  CHECK(text_of(left.from(period("2026-03"))) == text_of(left));
  CHECK(error_of([&] { static_cast<void>(key.key_of(period("2026-11-27"))); }).code() == Code::bug);
}

TEST_CASE("a key file that is destroyed in part loses what was in it") {
  MemoryFs files;
  files.add("dir/key", written, 0640);
  const auto old = files.open("dir/key");
  CHECK(destroy_before(files, "dir/key", period("2026-06"), now) == period("2026-06"));
  CHECK(files.content("dir/key") == text_of(example().from(period("2026-06"))));
  const auto status = files.status("dir/key");
  REQUIRE(status);
  CHECK(status->mode == 0640);
  CHECK(status->modified_ns == std::chrono::nanoseconds{now.time_since_epoch()}.count());
  std::string seen(written.size(), '\0');  // by whoever had the old file open, as the disk does
  CHECK(old->read_at(0, std::as_writable_bytes(std::span{seen})) == written.size());
  CHECK(seen.find(written.substr(40, 16)) == std::string::npos);
  CHECK(destroy_before(files, "dir/key", period("2026-02"), now) == period("2026-06"));
  CHECK(files.names().size() == 1);
}

TEST_CASE("two runs at once do not undo each other") {
  MemoryFs files;
  files.add("dir/key", written);
  const auto other = files.open_for_update("dir/key");
  REQUIRE(other->try_lock(0, 1));
  CHECK(error_of([&] { destroy_before(files, "dir/key", period("2026-06"), now); }).code() ==
        Code::busy);
  CHECK(files.content("dir/key") == written);
}

TEST_CASE("what is no key of periods is left as it is") {
  MemoryFs files;
  files.add("dir/key", "00112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978\n");
  CHECK(error_of([&] { destroy_before(files, "dir/key", period("2026-06"), now); }).code() ==
        Code::no_permission);
  const Surroundings surroundings{.files = files};
  const Reference reference{.scheme = Reference::Scheme::file, .value = "dir/key"};
  CHECK(std::holds_alternative<crypto::Secret>(load_any_key(reference, surroundings)));
  files.add("dir/epoch", written);
  const Reference epoch{.scheme = Reference::Scheme::file, .value = "dir/epoch"};
  CHECK(std::holds_alternative<EpochKey>(load_any_key(epoch, surroundings)));
  CHECK(error_of([&] { static_cast<void>(load_key(epoch, surroundings)); }).code() ==
        Code::no_permission);
  files.add("dir/bad", "trackier-epoch-key-1 month 2026-01 00\n");
  const Reference bad{.scheme = Reference::Scheme::file, .value = "dir/bad"};
  CHECK(error_of([&] { static_cast<void>(load_any_key(bad, surroundings)); }).code() ==
        Code::no_permission);
}

TEST_CASE("a power cut leaves the old key or the new one, whole") {
  const std::string after = text_of(example().from(period("2026-06")));
  bool done = false;
  std::uint64_t operation = 0;
  while (!done && operation < 100) {
    ++operation;
    for (std::uint64_t state = 0, states = 1; state < states; ++state) {
      CAPTURE(operation);
      CAPTURE(state);
      MemoryFs files;
      files.add("dir/key", written);
      test::FaultyFs faulty{files, {.operation = operation, .from_then_on = true}};
      try {
        destroy_before(faulty, "dir/key", period("2026-06"), now);
        done = true;
      } catch (const Error&) {
        CHECK_FALSE(done);
      }
      states = files.power_cut(state);
      const std::string content = files.content("dir/key");
      CHECK((content == after || (content == written && !done)));
    }
  }
  CHECK(done);
  CHECK(operation > 8);
}

}  // namespace trackier::keys
