#include "crypto/ed25519.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

#include "support/errors.hpp"
#include "support/hex.hpp"

namespace trackier::crypto {
namespace {

using test::array_from_hex;
using test::from_hex;
using test::to_hex;

TEST_CASE("RFC 8032, section 7.1, tests 1 to 3") {
  struct Case {
    const char* private_key;
    const char* public_key;
    const char* message;
    const char* signature;
  };
  for (const Case& each : {
           Case{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
                "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
           Case{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
                "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
           Case{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290"
                "ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
       }) {
    const Secret key = Secret::copy_of(array_from_hex<32>(each.private_key));
    const std::string message = from_hex(each.message);
    CHECK(to_hex(ed25519_public(key)) == each.public_key);
    CHECK(to_hex(sign(key, as_bytes(message))) == each.signature);
    CHECK(verify(array_from_hex<32>(each.public_key), as_bytes(message),
                 array_from_hex<64>(each.signature)));
  }
}

TEST_CASE("what is signed verifies, another message does not") {
  const auto bytes = rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  const Secret key = new_ed25519_key();
  const Ed25519Public known = ed25519_public(key);
  const Ed25519Public stranger = ed25519_public(new_ed25519_key());
  CHECK(rc::check("signatures", [&] {
    const std::string message = *bytes;
    const Signature signature = sign(key, as_bytes(message));
    RC_ASSERT(verify(known, as_bytes(message), signature));
    RC_ASSERT(!verify(known, as_bytes(message + '\0'), signature));
    RC_ASSERT(!verify(stranger, as_bytes(message), signature));
  }));
}

TEST_CASE("any flipped bit of the signature or the key is noticed") {
  const Secret key = new_ed25519_key();
  const Ed25519Public known = ed25519_public(key);
  const Signature signature = sign(key, as_bytes("message"));
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    Signature changed = signature;
    changed[bit / 8] ^= std::byte{1} << bit % 8;
    CHECK_FALSE(verify(known, as_bytes("message"), changed));
  }
  for (std::size_t bit = 0; bit < known.size() * 8; ++bit) {
    Ed25519Public changed = known;
    changed[bit / 8] ^= std::byte{1} << bit % 8;
    CHECK_FALSE(verify(changed, as_bytes("message"), signature));
  }
  CHECK(verify(known, as_bytes("message"), signature));
}

// RFC 8032, section 5.1.7: S has to be less than L, or S + L would be a second signature.
TEST_CASE("a signature has one form only") {
  const Secret key = new_ed25519_key();
  Signature signature = sign(key, as_bytes("message"));
  const auto order =
      array_from_hex<32>("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    carry += std::to_integer<unsigned>(signature[32 + i]) + std::to_integer<unsigned>(order[i]);
    signature[32 + i] = static_cast<std::byte>(carry);
    carry >>= 8U;
  }
  CHECK(carry == 0);
  CHECK_FALSE(verify(ed25519_public(key), as_bytes("message"), signature));
}

TEST_CASE("a key of another size is our mistake") {
  for (const std::size_t size : {0UL, 31UL, 33UL, 64UL}) {
    CHECK(test::error_of([&] { return ed25519_public(Secret{size}); }).code() == Code::bug);
    CHECK(test::error_of([&] { return sign(Secret{size}, {}); }).code() == Code::bug);
  }
}

}  // namespace
}  // namespace trackier::crypto
