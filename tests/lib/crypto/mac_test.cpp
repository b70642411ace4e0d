#include "crypto/mac.hpp"

#include <doctest/doctest.h>
#include <openssl/hmac.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "support/hex.hpp"

namespace trackier::crypto {
namespace {

using test::from_hex;
using test::to_hex;

std::string mac_of(std::string_view key, std::string_view message) {
  return to_hex(MacKey{as_bytes(key)}.mac(as_bytes(message)));
}

/// OpenSSL's one-shot HMAC, another implementation than ours.
std::string reference(std::string_view key, std::string_view message) {
  std::string digest(32, '\0');
  unsigned length = 0;
  const auto* const in = reinterpret_cast<const unsigned char*>(message.data());
  REQUIRE(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), in, message.size(),
               reinterpret_cast<unsigned char*>(digest.data()), &length) != nullptr);
  REQUIRE(length == 32);
  return to_hex(as_bytes(digest));
}

TEST_CASE("RFC 4231, test cases 1 to 7") {
  struct Case {
    std::string key;
    std::string message;
    std::string mac;
  };
  const std::vector<Case> cases{
      {std::string(20, '\x0b'), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {from_hex("0102030405060708090a0b0c0d0e0f10111213141516171819"), std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {std::string(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than block-size data. The "
       "key needs to be hashed before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const Case& each : cases) {
    CHECK(mac_of(each.key, each.message) == each.mac);
  }
  // Test case 5 gives the first 128 bits only.
  CHECK(mac_of(std::string(20, '\x0c'), "Test With Truncation")
            .starts_with("a3b6167473100ee06e0c796c2955552b"));
}

TEST_CASE("any key and message around the block boundaries agree with OpenSSL's HMAC") {
  for (const std::size_t key :
       {0UL, 1UL, 31UL, 32UL, 63UL, 64UL, 65UL, 127UL, 128UL, 129UL, 1000UL}) {
    for (std::size_t message = 0; message <= 200; ++message) {
      const std::string key_bytes(key, 'k');
      const std::string message_bytes(message, 'm');
      REQUIRE(mac_of(key_bytes, message_bytes) == reference(key_bytes, message_bytes));
    }
  }
}

TEST_CASE("any key and any message agree with OpenSSL's HMAC") {
  const auto bytes = rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  CHECK(rc::check("HMAC", [&] {
    const std::string key = *bytes;
    const std::string message = *bytes;
    RC_ASSERT(mac_of(key, message) == reference(key, message));
  }));
}

TEST_CASE("a message of a megabyte has the right length in its padding") {
  const std::string message(1'000'003, 'x');
  CHECK(mac_of("key", message) == reference("key", message));
}

TEST_CASE("a message in pieces has the MAC of the whole, however it is cut") {
  const MacKey key{as_bytes("key")};
  for (std::size_t size = 0; size <= 200; ++size) {
    const std::string message(size, 'm');
    const Bytes whole = as_bytes(message);
    for (std::size_t cut = 0; cut <= size; ++cut) {
      REQUIRE(key.mac_joined({whole.first(cut), {}, whole.subspan(cut)}) == key.mac(whole));
    }
  }
  CHECK(key.mac_joined({}) == key.mac({}));
}

TEST_CASE("a key is used again and again, and copies agree") {
  const MacKey key{as_bytes("key")};
  const MacKey copy = key;
  const Mac first = key.mac(as_bytes("message"));
  CHECK(key.mac(as_bytes("other")) != first);
  CHECK(key.mac(as_bytes("message")) == first);
  CHECK(copy.mac(as_bytes("message")) == first);
}

}  // namespace
}  // namespace trackier::crypto
