#include "crypto/shamir.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include "crypto/mac.hpp"
#include "crypto/random.hpp"
#include "support/errors.hpp"
#include "support/hex.hpp"

namespace trackier::crypto {
namespace {

using test::from_hex;
using test::to_hex;

/// GF(256) by tables of powers of 3, which ours does without: another implementation.
class Tables {
 public:
  Tables() {
    unsigned power = 1;
    for (unsigned exponent = 0; exponent < 255; ++exponent) {
      powers_[exponent] = power;
      logarithms_[power] = exponent;
      power ^= power << 1U;  // times 3
      power ^= power >= 256 ? 0x11bU : 0;
    }
  }
  [[nodiscard]] unsigned product(unsigned a, unsigned b) const {
    return a == 0 || b == 0 ? 0 : powers_[(logarithms_[a] + logarithms_[b]) % 255];
  }
  [[nodiscard]] unsigned quotient(unsigned a, unsigned b) const {
    return a == 0 ? 0 : powers_[(logarithms_[a] + 255 - logarithms_[b]) % 255];
  }

 private:
  std::array<unsigned, 255> powers_{};
  std::array<unsigned, 256> logarithms_{};
};

ShamirPoint point(unsigned x, std::string_view digits) {
  return {.x = static_cast<std::uint8_t>(x), .y = Secret::copy_of(as_bytes(from_hex(digits)))};
}

/// Copies of those points whose number, counted from 0, is in `which`.
std::vector<ShamirPoint> some(const std::vector<ShamirPoint>& points,
                              const std::vector<std::size_t>& which) {
  std::vector<ShamirPoint> chosen;
  chosen.reserve(which.size());
  for (const std::size_t number : which) {
    chosen.push_back({.x = points[number].x, .y = Secret::copy_of(points[number].y.bytes())});
  }
  return chosen;
}

// Worked out by hand: 0x53 and 0xca are inverses of each other in this field, and
// f(x) = 0x01 + 0x53 x has f(1) = 0x52, f(0xca) = 0x01 + 0x01 = 0, f(2) = 0x01 + 0xa6 = 0xa7.
TEST_CASE("a line through two points") {
  std::vector<ShamirPoint> line;
  line.push_back(point(1, "52"));
  line.push_back(point(0xca, "00"));
  CHECK(to_hex(shamir_interpolate(line).bytes()) == "01");
  CHECK(to_hex(shamir_interpolate(line, 2).bytes()) == "a7");
  CHECK(to_hex(shamir_interpolate(line, 0xca).bytes()) == "00");
}

TEST_CASE("interpolation through any points agrees with arithmetic by tables") {
  const Tables field;
  CHECK(rc::check("Lagrange", [&] {
    const auto xs = *rc::gen::suchThat(
        rc::gen::unique<std::vector<std::uint8_t>>(rc::gen::arbitrary<std::uint8_t>()),
        [](const auto& some_xs) { return !some_xs.empty(); });
    const auto x = *rc::gen::arbitrary<std::uint8_t>();
    std::vector<ShamirPoint> points;
    unsigned expected = 0;
    for (const std::uint8_t one : xs) {
      const auto y = *rc::gen::arbitrary<std::uint8_t>();
      points.push_back({.x = one, .y = Secret::copy_of(std::array{std::byte{y}})});
      unsigned term = y;
      for (const std::uint8_t other : xs) {
        if (other != one) {
          term = field.quotient(field.product(term, static_cast<unsigned>(x ^ other)),
                                static_cast<unsigned>(one ^ other));
        }
      }
      expected ^= term;
    }
    const Secret value = shamir_interpolate(points, x);
    RC_ASSERT(std::to_integer<unsigned>(value.bytes()[0]) == expected);
  }));
}

// Sets 4, 23 and 41 of SLIP-39's vectors (python-shamir-mnemonic, MIT), words turned into bytes:
// the secret is at 255; at 254 is a digest of it, the first 4 bytes of HMAC-SHA-256 under the
// others.
TEST_CASE("shares of SLIP-39") {
  struct Set {
    std::vector<ShamirPoint> points;
    std::string_view secret;
  };
  std::vector<Set> sets(3);
  sets[0].points.push_back(point(2, "08fb14b66e692e25dfe2edf53289ed62"));
  sets[0].points.push_back(point(0, "06ab48fef4bedc8ce58baeef0a73f76e"));
  sets[0].secret = "cdc017fddc829e791b1371780be0605a";
  sets[1].points.push_back(
      point(2, "81e5473f4b7f66094f888d2f98fe0ded6a692dc72c65dc498d6e28bee6ebdfcc"));
  sets[1].points.push_back(
      point(1, "19e366e9b2e34851e52132c31c2b2c957321bf5ce6c9c1410ea1ddf5fef92c27"));
  sets[1].secret = "0204622ff84267b5dae0ca4e0c1328d6611b96b92b11692e5a7542314f7a54ee";
  sets[2].points.push_back(point(7, "3ed2fa64acf769131509ca05437606b1"));
  sets[2].points.push_back(point(9, "58ccc8f63e2232eb372d91241e61506b"));
  sets[2].points.push_back(point(0, "0d5f0655e0645fad705c1e128887678f"));
  sets[2].secret = "369fea28d93fc048e6173ce2cf366fa6";
  for (const Set& set : sets) {
    const Secret secret = shamir_interpolate(set.points, 255);
    CHECK(to_hex(secret.bytes()) == set.secret);
    const Secret digest = shamir_interpolate(set.points, 254);
    const Mac mac = MacKey{digest.bytes().subspan(4)}.mac(secret.bytes());
    CHECK(std::ranges::equal(Bytes{mac}.first(4), digest.bytes().first(4)));
  }
}

TEST_CASE("any threshold of the shares gives the secret back, in any order") {
  CHECK(rc::check("there and back", [] {
    const auto shares = *rc::gen::inRange(1U, 13U);
    const auto threshold = *rc::gen::inRange(1U, shares + 1);
    const Secret secret = random_secret(*rc::gen::inRange<std::size_t>(1, 70));
    const std::vector<ShamirPoint> points = shamir_split(secret.bytes(), threshold, shares);
    RC_ASSERT(points.size() == shares);
    const auto which =
        *rc::gen::resize(100, rc::gen::unique<std::vector<std::size_t>>(
                                  threshold, rc::gen::inRange<std::size_t>(0, shares)));
    RC_ASSERT((shamir_interpolate(some(points, which)) == secret));
    RC_ASSERT((shamir_interpolate(points) == secret));  // more than enough do no harm
  }));
}

TEST_CASE("shares are at 1, 2, 3 and on, each as long as the secret") {
  const Secret secret = random_secret(32);
  const std::vector<ShamirPoint> points = shamir_split(secret.bytes(), 3, 255);
  for (std::size_t i = 0; i < points.size(); ++i) {
    CHECK(points[i].x == i + 1);
    CHECK(points[i].y.size() == 32);
  }
  CHECK((shamir_interpolate(some(points, {254, 0, 127})) == secret));
}

TEST_CASE("a share of one is the secret itself") {
  const Secret secret = random_secret(32);
  for (const ShamirPoint& each : shamir_split(secret.bytes(), 1, 3)) {
    CHECK((each.y == secret));
  }
}

TEST_CASE("one share too few takes every value, whatever the secret is") {
  for (const char* const digits : {"00", "ff"}) {
    const std::string secret = from_hex(digits);
    std::set<std::pair<std::string, std::string>> pairs;
    std::array<std::set<std::string>, 2> values;
    for (int i = 0; i < 4096; ++i) {
      const std::vector<ShamirPoint> points = shamir_split(as_bytes(secret), 3, 2 + 1);
      const std::string first = to_hex(points[0].y.bytes());
      const std::string second = to_hex(points[1].y.bytes());
      values[0].insert(first);
      values[1].insert(second);
      pairs.emplace(first, second);
    }
    // The odds that one of 256 values is never drawn in 4096 fair draws are 256 * e^-16 = 3e-5 for
    // each set; three of them missing is what nobody will see.
    CHECK(values[0].size() >= 254);
    CHECK(values[1].size() >= 254);
    // 4096 draws of 65,536 fall on 3,970 different ones, give or take 11.
    CHECK(pairs.size() >= 3800);
  }
}

TEST_CASE("too few, wrong and changed shares give something else") {
  const Secret secret = random_secret(32);
  std::vector<ShamirPoint> points = shamir_split(secret.bytes(), 3, 5);
  CHECK_FALSE((shamir_interpolate(some(points, {0, 1})) == secret));
  CHECK_FALSE((shamir_interpolate(some(points, {4})) == secret));
  std::vector<ShamirPoint> mixed = some(points, {0, 1});
  mixed.push_back(std::move(shamir_split(secret.bytes(), 3, 5)[2]));
  CHECK_FALSE((shamir_interpolate(mixed) == secret));
  points[2].y.writable()[31] ^= std::byte{1};
  CHECK_FALSE((shamir_interpolate(some(points, {0, 1, 2})) == secret));
  CHECK((shamir_interpolate(some(points, {0, 1, 3})) == secret));
}

TEST_CASE("numbers that make no sense are our mistake") {
  const auto code_of = [](const auto& action) { return test::error_of(action).code(); };
  const Bytes secret = as_bytes("secret");
  CHECK(code_of([&] { return shamir_split(secret, 0, 3); }) == Code::bug);
  CHECK(code_of([&] { return shamir_split(secret, 4, 3); }) == Code::bug);
  CHECK(code_of([&] { return shamir_split(secret, 2, 256); }) == Code::bug);
  CHECK(code_of([&] { return shamir_split({}, 2, 3); }) == Code::bug);
  CHECK(code_of([&] { return shamir_interpolate({}); }) == Code::bug);
  std::vector<ShamirPoint> points;
  points.push_back(point(1, "00"));
  points.push_back(point(1, "00"));
  CHECK(code_of([&] { return shamir_interpolate(points); }) == Code::bug);
  points[1] = point(2, "0000");
  CHECK(code_of([&] { return shamir_interpolate(points); }) == Code::bug);
}

}  // namespace
}  // namespace trackier::crypto
