#include "crypto/secret.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <new>
#include <set>
#include <sstream>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "crypto/random.hpp"
#include "support/hex.hpp"

namespace trackier::crypto {
namespace {

template <typename Type>
concept Streamable = requires(std::ostream& out, const Type& value) {
  out << value;
};

static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);
static_assert(std::is_nothrow_move_assignable_v<Secret>);
static_assert(!Streamable<Secret>);
static_assert(!fmt::is_formattable<Secret>::value);

bool all_zero(Bytes bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

TEST_CASE("a new secret is zeros of its size") {
  const Secret secret{5000};
  CHECK(secret.size() == 5000);
  CHECK(all_zero(secret.bytes()));
  CHECK(Secret{}.empty());
  CHECK(Secret{0}.empty());
}

TEST_CASE("moving hands the bytes over and leaves nothing behind") {
  Secret first = Secret::copy_of(as_bytes("key"));
  const std::byte* const where = first.bytes().data();
  Secret second = std::move(first);
  CHECK(first.empty());  // NOLINT(bugprone-use-after-move) that is what is tested
  CHECK(second.bytes().data() == where);
  CHECK(as_text(second.bytes()) == "key");

  Secret third = Secret::copy_of(as_bytes("other"));
  third = std::move(second);
  CHECK(as_text(third.bytes()) == "key");
  CHECK(second.empty());  // NOLINT(bugprone-use-after-move)

  Secret& itself = third;
  third = std::move(itself);
  CHECK(as_text(third.bytes()) == "key");
}

TEST_CASE("a copy is of the bytes, not of where they are") {
  std::array<std::byte, 3> bytes{std::byte{1}, std::byte{2}, std::byte{3}};
  const Secret secret = Secret::copy_of(bytes);
  bytes.fill(std::byte{9});
  CHECK(test::to_hex(secret.bytes()) == "010203");
}

TEST_CASE("secrets are equal when size and bytes are") {
  const auto secret = [](std::string_view text) { return Secret::copy_of(as_bytes(text)); };
  CHECK((secret("key") == secret("key")));
  CHECK_FALSE((secret("key") == secret("kez")));
  CHECK_FALSE((secret("key") == secret("kex")));
  CHECK_FALSE((secret("key") == secret("key1")));
  CHECK_FALSE((secret("key") == secret("")));
  CHECK((secret("") == Secret{}));
  CHECK(constant_time_equal(as_bytes("a"), as_bytes("a")));
  CHECK_FALSE(constant_time_equal(as_bytes("a"), as_bytes("b")));
}

TEST_CASE("wiping leaves zeros, and nothing to wipe is nothing done") {
  std::array<std::byte, 100> bytes{};
  bytes.fill(std::byte{0xff});
  wipe(MutBytes{bytes}.first(99));
  CHECK(all_zero(Bytes{bytes}.first(99)));
  CHECK(bytes.back() == std::byte{0xff});
  wipe({});
}

TEST_CASE("steps on the way to a secret are wiped where they were") {
  alignas(Wiped<32>) std::array<std::byte, sizeof(Wiped<32>)> place{};
  auto* const step = new (place.data()) Wiped<32>;
  CHECK(all_zero(step->bytes));
  step->bytes.fill(std::byte{0xff});
  CHECK_FALSE(all_zero(place));
  step->~Wiped();
  CHECK(all_zero(place));
}

TEST_CASE("each secret has pages of its own") {
  const Secret one{32};
  const Secret other{32};
  const auto distance = one.bytes().data() - other.bytes().data();
  CHECK(std::abs(distance) >= 4096);
}

TEST_CASE("pages are used again, and nothing of who had them is left") {
  std::vector<Secret> many;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 100; ++i) {
      many.emplace_back(i % 2 == 0 ? 32U : 4096U);
      CHECK(std::ranges::all_of(many.back().bytes(), [](std::byte b) { return b == std::byte{}; }));
      std::ranges::fill(many.back().writable(), std::byte{0xff});
    }
    many.clear();
  }
}

TEST_CASE("secrets come and go in several threads") {
  std::vector<std::jthread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&wrong, t] {
      for (int i = 0; i < 2000; ++i) {
        Secret one{64};
        Secret other{64};
        std::ranges::fill(one.writable(), static_cast<std::byte>(t));
        std::ranges::fill(other.writable(), static_cast<std::byte>(t + 1));
        wrong += one.bytes()[63] != static_cast<std::byte>(t) ? 1 : 0;
      }
    });
  }
  threads.clear();
  CHECK(wrong == 0);
}

TEST_CASE("random secrets differ and have no byte that stays the same") {
  std::set<std::string> seen;
  std::array<unsigned, 32> ored{};
  std::array<unsigned, 32> anded{};
  anded.fill(0xff);
  for (int i = 0; i < 200; ++i) {
    const Secret secret = random_secret(32);
    CHECK(seen.insert(test::to_hex(secret.bytes())).second);
    for (std::size_t at = 0; at < 32; ++at) {
      const auto byte = std::to_integer<unsigned>(secret.bytes()[at]);
      ored[at] |= byte;
      anded[at] &= byte;
    }
  }
  // The odds that one of 256 bits is the same in 200 fair draws are 2^-191.
  CHECK(std::ranges::all_of(ored, [](unsigned byte) { return byte == 0xff; }));
  CHECK(std::ranges::all_of(anded, [](unsigned byte) { return byte == 0; }));
}

TEST_CASE("more random bytes than OpenSSL gives at once are all filled") {
  std::vector<std::byte> bytes(3 * 1024 * 1024 + 7);
  random_bytes(bytes);
  for (std::size_t at = 0; at + 64 <= bytes.size(); at += 64) {
    REQUIRE_FALSE(all_zero(Bytes{bytes}.subspan(at, 64)));
  }
  REQUIRE_FALSE(all_zero(Bytes{bytes}.last(16)));
  random_bytes({});
}

}  // namespace
}  // namespace trackier::crypto
