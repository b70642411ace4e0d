#include "crypto/x25519.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>

#include "crypto/random.hpp"
#include "support/errors.hpp"
#include "support/hex.hpp"

namespace trackier::crypto {
namespace {

using test::array_from_hex;
using test::to_hex;

Secret secret(std::string_view digits) {
  return Secret::copy_of(array_from_hex<32>(digits));
}

std::string agreed(std::string_view private_key, std::string_view other) {
  const auto shared = x25519(secret(private_key), array_from_hex<32>(other));
  REQUIRE(shared.has_value());
  return to_hex(shared->bytes());
}

TEST_CASE("RFC 7748, section 5.2") {
  CHECK(agreed("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
               "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c") ==
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
  // "After one iteration", "After 1,000 iterations".
  std::string k = "0900000000000000000000000000000000000000000000000000000000000000";
  std::string u = k;
  for (int i = 1; i <= 1000; ++i) {
    std::string next = agreed(k, u);
    u = std::exchange(k, std::move(next));
    if (i == 1) {
      CHECK(k == "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
    }
  }
  CHECK(k == "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

TEST_CASE("RFC 7748, section 6.1") {
  const char* const alice = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
  const char* const bob = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
  const std::string alice_public = to_hex(x25519_public(secret(alice)));
  const std::string bob_public = to_hex(x25519_public(secret(bob)));
  CHECK(alice_public == "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  CHECK(bob_public == "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  CHECK(agreed(alice, bob_public) ==
        "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  CHECK(agreed(bob, alice_public) == agreed(alice, bob_public));
}

TEST_CASE("two people agree, and a third does not") {
  CHECK(rc::check("agreement", [] {
    const Secret one = new_x25519_key();
    const Secret other = new_x25519_key();
    const auto here = x25519(one, x25519_public(other));
    const auto there = x25519(other, x25519_public(one));
    const auto stranger = x25519(new_x25519_key(), x25519_public(one));
    RC_ASSERT((here && there && stranger));
    RC_ASSERT((*here == *there));
    RC_ASSERT(!(*here == *stranger));
  }));
}

TEST_CASE("the exchange gives both at once") {
  const Secret ours = new_x25519_key();
  const X25519Public theirs = x25519_public(new_x25519_key());
  const auto exchange = x25519_exchange(ours, theirs);
  REQUIRE(exchange.has_value());
  CHECK(exchange->ours == x25519_public(ours));
  CHECK(to_hex(exchange->shared.bytes) == to_hex(x25519(ours, theirs)->bytes()));
}

// The points whose order divides 8, and those that are one of them modulo 2^255 - 19.
TEST_CASE("public keys of low order are refused") {
  const Secret key = new_x25519_key();
  for (const char* const point : {
           "0000000000000000000000000000000000000000000000000000000000000000",
           "0100000000000000000000000000000000000000000000000000000000000000",
           "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
           "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
       }) {
    CAPTURE(point);
    CHECK_FALSE(x25519(key, array_from_hex<32>(point)).has_value());
    CHECK_FALSE(x25519_exchange(key, array_from_hex<32>(point)).has_value());
  }
}

TEST_CASE("the bits that clamping sets make no difference") {
  std::array<std::byte, 32> key{};
  random_bytes(key);
  const X25519Public before = x25519_public(Secret::copy_of(key));
  key[0] ^= std::byte{7};
  key[31] ^= std::byte{0x80};
  CHECK(x25519_public(Secret::copy_of(key)) == before);
  key[1] ^= std::byte{1};
  CHECK(x25519_public(Secret::copy_of(key)) != before);
}

TEST_CASE("a key of another size is our mistake") {
  for (const std::size_t size : {0UL, 31UL, 33UL}) {
    CHECK(test::error_of([&] { return x25519_public(Secret{size}); }).code() == Code::bug);
    CHECK(test::error_of([&] { return x25519(Secret{size}, X25519Public{}); }).code() == Code::bug);
  }
}

}  // namespace
}  // namespace trackier::crypto
