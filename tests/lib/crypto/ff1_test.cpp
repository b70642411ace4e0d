#include "crypto/ff1.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <random>
#include <set>
#include <string>

#include "core/error.hpp"

namespace trackier::crypto {
namespace {

using Digits = Ff1::Digits;

std::uint16_t value_of(char c) {
  return static_cast<std::uint16_t>(c <= '9' ? c - '0' : c - 'a' + 10);
}

Digits digits_of(std::string_view text) {
  Digits digits;
  for (const char c : text) {
    digits.push_back(value_of(c));
  }
  return digits;
}

std::string text_of(const Digits& digits) {
  std::string text;
  for (const std::uint16_t digit : digits) {
    text += "0123456789abcdefghijklmnopqrstuvwxyz"[digit];
  }
  return text;
}

std::vector<std::byte> bytes_of(std::string_view hexadecimal) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < hexadecimal.size(); i += 2) {
    const std::string pair{hexadecimal.substr(i, 2)};
    bytes.push_back(static_cast<std::byte>(std::stoul(pair, nullptr, 16)));
  }
  return bytes;
}

struct Sample {
  std::string_view key;
  unsigned radix;
  std::string_view plain;
  std::string_view tweak;
  std::string_view sealed;
};

}  // namespace

/// NIST, "Block Cipher Modes of Operation: FF1 Method for Format-Preserving Encryption", samples 1
/// to 9 (the examples with intermediate values that go with SP 800-38G).
TEST_CASE("FF1 gives what the samples of NIST say") {
  constexpr std::string_view key128 = "2B7E151628AED2A6ABF7158809CF4F3C";
  constexpr std::string_view key192 = "2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F";
  constexpr std::string_view key256 =
      "2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94";
  constexpr std::string_view tweak = "39383736353433323130";
  constexpr std::string_view other_tweak = "3737373770717273373737";
  constexpr std::string_view letters = "0123456789abcdefghi";
  const auto samples = std::to_array<Sample>({
      {key128, 10, "0123456789", "", "2433477484"},
      {key128, 10, "0123456789", tweak, "6124200773"},
      {key128, 36, letters, other_tweak, "a9tv40mll9kdu509eum"},
      {key192, 10, "0123456789", "", "2830668132"},
      {key192, 10, "0123456789", tweak, "2496655549"},
      {key192, 36, letters, other_tweak, "xbj3kv35jrawxv32ysr"},
      {key256, 10, "0123456789", "", "6657667009"},
      {key256, 10, "0123456789", tweak, "1001623463"},
      {key256, 36, letters, other_tweak, "xs8a0azh2avyalyzuwd"},
  });
  for (const Sample& sample : samples) {
    CAPTURE(sample.sealed);
    Ff1 ff1{bytes_of(sample.key), sample.radix};
    Digits digits = digits_of(sample.plain);
    ff1.encrypt(digits, bytes_of(sample.tweak));
    CHECK(text_of(digits) == sample.sealed);
    ff1.decrypt(digits, bytes_of(sample.tweak));
    CHECK(text_of(digits) == sample.plain);
  }
}

TEST_CASE("what was encrypted comes back, of any radix and length") {
  std::mt19937_64 random{20'261'127};
  const std::vector<std::byte> key(32, std::byte{7});
  for (int round = 0; round < 2000; ++round) {
    constexpr std::array<unsigned, 10> radixes = {2, 3, 10, 16, 26, 36, 62, 256, 1000, 65536};
    const unsigned radix = radixes[random() % radixes.size()];
    Ff1 ff1{key, radix};
    const std::size_t size = ff1.least_digits() + random() % (round % 10 == 0 ? 300 : 40);
    Digits digits;
    for (std::size_t i = 0; i < size; ++i) {
      digits.push_back(static_cast<std::uint16_t>(random() % radix));
    }
    std::vector<std::byte> tweak(random() % 40);
    for (std::byte& byte : tweak) {
      byte = static_cast<std::byte>(random());
    }
    const Digits before = digits;
    ff1.encrypt(digits, tweak);
    CAPTURE(radix);
    CAPTURE(size);
    CHECK(std::ranges::all_of(digits, [&](std::uint16_t digit) { return digit < radix; }));
    CHECK(digits != before);
    ff1.decrypt(digits, tweak);
    CHECK(digits == before);
  }
}

TEST_CASE("a whole domain is permuted, differently under each key and tweak") {
  constexpr std::size_t size = 20;  // of radix 2: 2^20 messages
  constexpr std::uint32_t messages = std::uint32_t{1} << size;
  Ff1 ff1{std::vector<std::byte>(16, std::byte{1}), 2};
  std::vector<bool> seen(messages);
  for (std::uint32_t message = 0; message < messages; message += 7) {
    Digits digits;
    for (std::size_t i = 0; i < size; ++i) {
      digits.push_back(message >> i & 1U);
    }
    ff1.encrypt(digits, {});
    std::uint32_t sealed = 0;
    for (const std::uint16_t digit : digits) {
      sealed = sealed << 1U | digit;
    }
    if (seen[sealed]) {
      FAIL("two messages became one: ", message);
    }
    seen[sealed] = true;
  }
  Digits one = digits_of("0123456789");
  Digits other = one;
  Digits third = one;
  Ff1{std::vector<std::byte>(16, std::byte{1}), 10}.encrypt(one, {});
  Ff1{std::vector<std::byte>(16, std::byte{2}), 10}.encrypt(other, {});
  Ff1{std::vector<std::byte>(16, std::byte{1}), 10}.encrypt(third, std::vector<std::byte>(1));
  CHECK(one != other);
  CHECK(one != third);
}

TEST_CASE("domains that are too small are refused, and digits that are none") {
  const std::vector<std::byte> key(32);
  CHECK(Ff1{key, 10}.least_digits() == 6);
  CHECK(Ff1{key, 2}.least_digits() == 20);
  CHECK(Ff1{key, 16}.least_digits() == 5);
  CHECK(Ff1{key, 62}.least_digits() == 4);
  CHECK(Ff1{key, 65536}.least_digits() == 2);
  Digits few = digits_of("12345");
  CHECK_THROWS_AS((Ff1{key, 10}.encrypt(few, {})), Error);
  Digits wrong = digits_of("12345a");
  CHECK_THROWS_AS((Ff1{key, 10}.decrypt(wrong, {})), Error);
  CHECK_THROWS_AS((Ff1{key, 1}), Error);
  CHECK_THROWS_AS((Ff1{key, 65537}), Error);
  CHECK_THROWS_AS((Ff1{std::vector<std::byte>(15), 10}), Error);
}

}  // namespace trackier::crypto
