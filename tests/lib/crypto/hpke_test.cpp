#include "crypto/hpke.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <atomic>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "crypto/random.hpp"
#include "support/errors.hpp"
#include "support/hex.hpp"

namespace trackier::crypto {
namespace {

using test::array_from_hex;
using test::from_hex;
using test::to_hex;

Secret secret(std::string_view digits) {
  return Secret::copy_of(array_from_hex<32>(digits));
}

// The first message in base mode of this suite, in the file of vectors published with RFC 9180.
// Its associated data is "Count-0" where ours is empty: the ciphertext is the same, the tag is not.
TEST_CASE("the published vector: enc and ciphertext agree, and with them all the keys") {
  const std::string info = from_hex("4f6465206f6e2061204772656369616e2055726e");
  const std::string plain = "Beauty is truth, truth beauty";
  const Secret ephemeral =
      secret("179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11");
  const Secret private_key =
      secret("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d");
  const X25519Public recipient = x25519_public(private_key);
  CHECK(to_hex(recipient) == "430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c");
  const HpkeMessage message = hpke_seal_with(ephemeral, recipient, as_bytes(info), as_bytes(plain));
  CHECK(to_hex(message.encapsulated) ==
        "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256");
  CHECK(to_hex(Bytes{message.sealed}.first(plain.size())) ==
        "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512b");
  const auto opened = hpke_open(private_key, as_bytes(info), message);
  REQUIRE(opened.has_value());
  CHECK(as_text(opened->bytes()) == plain);
}

TEST_CASE("vectors of another implementation") {
  std::ifstream file{TRACKIER_SOURCE_DIR "/tests/vectors/hpke.json"};
  const auto vectors = nlohmann::json::parse(file).at("vectors");
  CHECK(vectors.size() >= 9);
  for (const auto& each : vectors) {
    const auto text = [&](const char* name) { return each.at(name).get<std::string>(); };
    const std::string info = from_hex(text("info"));
    const std::string plain = from_hex(text("plain"));
    const HpkeMessage message =
        hpke_seal_with(secret(text("ephemeral_private")), array_from_hex<32>(text("recipient")),
                       as_bytes(info), as_bytes(plain));
    CHECK(to_hex(message.encapsulated) == text("encapsulated"));
    CHECK(to_hex(message.sealed) == text("sealed"));
    const auto opened = hpke_open(secret(text("recipient_private")), as_bytes(info), message);
    REQUIRE(opened.has_value());
    CHECK(to_hex(opened->bytes()) == text("plain"));
  }
}

TEST_CASE("what is sealed to a key opens with it, for the same purpose alone") {
  const auto bytes = rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  const Secret key = new_x25519_key();
  const Secret stranger = new_x25519_key();
  const X25519Public recipient = x25519_public(key);
  CHECK(rc::check("there and back", [&] {
    const std::string info = *bytes;
    const std::string plain = *bytes;
    const HpkeMessage message = hpke_seal(recipient, as_bytes(info), as_bytes(plain));
    const auto opened = hpke_open(key, as_bytes(info), message);
    RC_ASSERT(opened.has_value());
    RC_ASSERT(as_text(opened->bytes()) == plain);
    RC_ASSERT(!hpke_open(key, as_bytes(info + "x"), message).has_value());
    RC_ASSERT(!hpke_open(stranger, as_bytes(info), message).has_value());
  }));
}

TEST_CASE("the same message is never sealed to the same bytes") {
  const X25519Public recipient = x25519_public(new_x25519_key());
  const HpkeMessage one = hpke_seal(recipient, {}, as_bytes("plain"));
  const HpkeMessage other = hpke_seal(recipient, {}, as_bytes("plain"));
  CHECK(one.encapsulated != other.encapsulated);
  CHECK(one.sealed != other.sealed);
}

TEST_CASE("any flipped bit and any cut is noticed") {
  const Secret key = new_x25519_key();
  const HpkeMessage message = hpke_seal(x25519_public(key), as_bytes("info"), as_bytes("plain"));
  const auto opens = [&](const HpkeMessage& changed) {
    return hpke_open(key, as_bytes("info"), changed).has_value();
  };
  for (std::size_t bit = 0; bit < message.sealed.size() * 8; ++bit) {
    HpkeMessage changed = message;
    changed.sealed[bit / 8] ^= std::byte{1} << bit % 8;
    CHECK_FALSE(opens(changed));
  }
  // The last bit too: X25519 ignores it, but the key is derived from the bytes as they are.
  for (std::size_t bit = 0; bit < message.encapsulated.size() * 8; ++bit) {
    HpkeMessage changed = message;
    changed.encapsulated[bit / 8] ^= std::byte{1} << bit % 8;
    CHECK_FALSE(opens(changed));
  }
  for (std::size_t size = 0; size < message.sealed.size(); ++size) {
    HpkeMessage changed = message;
    changed.sealed.resize(size);
    CHECK_FALSE(opens(changed));
  }
  CHECK(opens(message));
}

TEST_CASE("points of low order are refused by both sides") {
  X25519Public zero{};
  CHECK(test::error_of([&] { return hpke_seal(zero, {}, as_bytes("plain")); }).code() ==
        Code::data);
  const Secret key = new_x25519_key();
  HpkeMessage message = hpke_seal(x25519_public(key), {}, as_bytes("plain"));
  message.encapsulated = zero;
  CHECK_FALSE(hpke_open(key, {}, message).has_value());
}

TEST_CASE("several threads seal and open at once") {
  const Secret key = new_x25519_key();
  const X25519Public recipient = x25519_public(key);
  std::atomic<int> opened = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < 50; ++round) {
          const Secret plain = random_secret(32);
          const auto back = hpke_open(key, {}, hpke_seal(recipient, {}, plain.bytes()));
          opened += back && *back == plain ? 1 : 0;
        }
      });
    }
  }
  CHECK(opened == 200);
}

}  // namespace
}  // namespace trackier::crypto
