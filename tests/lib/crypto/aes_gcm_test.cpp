#include "crypto/aes_gcm.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "crypto/random.hpp"
#include "support/errors.hpp"
#include "support/hex.hpp"

namespace trackier::crypto {
namespace {

using test::array_from_hex;
using test::from_hex;
using test::to_hex;

MutBytes writable(std::string& text) {
  return std::as_writable_bytes(std::span{text});
}

std::string sealed(AesGcm& cipher, const AesGcm::Nonce& nonce, const std::string& plain,
                   const std::string& associated = {}) {
  std::string out(plain.size() + AesGcm::tag_bytes, 'x');
  cipher.seal(nonce, as_bytes(plain), writable(out), as_bytes(associated));
  return out;
}

std::optional<std::string> opened(AesGcm& cipher, const AesGcm::Nonce& nonce,
                                  const std::string& message, const std::string& associated = {}) {
  std::string out(message.size() - AesGcm::tag_bytes, 'x');
  if (!cipher.open(nonce, as_bytes(message), writable(out), as_bytes(associated))) {
    CHECK(out == std::string(out.size(), '\0'));
    return std::nullopt;
  }
  return out;
}

AesGcm zero_cipher() {
  return AesGcm{std::array<std::byte, AesGcm::key_bytes>{}};
}

/// McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test cases 13, 14 and 16.
TEST_CASE("the examples of those who made GCM") {
  AesGcm zero = zero_cipher();
  CHECK(to_hex(as_bytes(sealed(zero, {}, ""))) == "530f8afbc74536b9a963b4f1c4cb738b");
  CHECK(to_hex(as_bytes(sealed(zero, {}, std::string(16, '\0')))) ==
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
  AesGcm cipher{
      array_from_hex<32>("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")};
  CHECK(to_hex(as_bytes(
            sealed(cipher, array_from_hex<12>("cafebabefacedbaddecaf888"),
                   from_hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"),
                   from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2")))) ==
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b");
}

TEST_CASE("what is sealed opens, whatever was sealed and opened before under the key") {
  const auto bytes = rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  const Secret key = random_secret(AesGcm::key_bytes);
  AesGcm long_used{key.bytes()};
  AesGcm::Nonce nonce{};
  CHECK(rc::check("there and back", [&] {
    random_bytes(nonce);
    const std::string plain = *bytes;
    const std::string associated = *bytes;
    AesGcm fresh{key.bytes()};
    const std::string message = sealed(long_used, nonce, plain, associated);
    RC_ASSERT(message == sealed(fresh, nonce, plain, associated));
    RC_ASSERT(opened(long_used, nonce, message, associated) == plain);
    RC_ASSERT(!opened(long_used, nonce, message, associated + "x").has_value());
  }));
}

TEST_CASE("lengths around the block and chunk boundaries, in place too") {
  AesGcm cipher = zero_cipher();
  for (const std::size_t size :
       {0UL, 1UL, 15UL, 16UL, 17UL, 255UL, 256UL, 257UL, 16383UL, 16384UL, 16385UL}) {
    CAPTURE(size);
    const std::string plain(size, 'p');
    const std::string message = sealed(cipher, {}, plain, "name");
    std::string place = plain + std::string(AesGcm::tag_bytes, 'x');
    cipher.seal({}, as_bytes(place).first(size), writable(place), as_bytes("name"));
    CHECK(place == message);
    CHECK(cipher.open({}, as_bytes(place), writable(place).first(size), as_bytes("name")));
    CHECK(place.substr(0, size) == plain);
  }
}

TEST_CASE("any flipped bit of message, tag, nonce, associated data or key is noticed") {
  AesGcm cipher = zero_cipher();
  const std::string plain = "plain text of 26 characters";
  const std::string associated = "associated";
  const std::string message = sealed(cipher, {}, plain, associated);
  const auto flipped = [](auto bytes, std::size_t bit) {
    using Element = typename decltype(bytes)::value_type;
    bytes[bit / 8] = static_cast<Element>(static_cast<int>(bytes[bit / 8]) ^ (1 << bit % 8));
    return bytes;
  };
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    CHECK_FALSE(opened(cipher, {}, flipped(message, bit), associated).has_value());
  }
  for (std::size_t bit = 0; bit < associated.size() * 8; ++bit) {
    CHECK_FALSE(opened(cipher, {}, message, flipped(associated, bit)).has_value());
  }
  for (std::size_t bit = 0; bit < AesGcm::nonce_bytes * 8; ++bit) {
    CHECK_FALSE(opened(cipher, flipped(AesGcm::Nonce{}, bit), message, associated).has_value());
  }
  for (std::size_t bit = 0; bit < AesGcm::key_bytes * 8; ++bit) {
    AesGcm other{flipped(std::array<std::byte, AesGcm::key_bytes>{}, bit)};
    CHECK_FALSE(opened(other, {}, message, associated).has_value());
  }
  CHECK(opened(cipher, {}, message, associated) == plain);
}

TEST_CASE("a message cut anywhere is noticed") {
  AesGcm cipher = zero_cipher();
  const std::string message = sealed(cipher, {}, "plain");
  for (std::size_t size = AesGcm::tag_bytes; size < message.size(); ++size) {
    CHECK_FALSE(opened(cipher, {}, message.substr(0, size)).has_value());
  }
  CHECK_FALSE(opened(cipher, {}, message + "x").has_value());
}

TEST_CASE("a cipher can be moved") {
  AesGcm first = zero_cipher();
  const std::string message = sealed(first, {}, "plain");
  AesGcm second{std::move(first)};
  AesGcm third{std::array<std::byte, AesGcm::key_bytes>{std::byte{1}}};
  CHECK_FALSE(opened(third, {}, message).has_value());
  third = std::move(second);
  CHECK(opened(third, {}, message) == "plain");
}

TEST_CASE("sizes that do not fit are our mistake") {
  const auto code_of = [](const auto& action) { return test::error_of(action).code(); };
  for (const std::size_t size : {0UL, 16UL, 31UL, 33UL}) {
    CHECK(code_of([&] { AesGcm{std::vector<std::byte>(size)}; }) == Code::bug);
  }
  AesGcm cipher = zero_cipher();
  std::array<std::byte, 64> out{};
  const MutBytes all{out};
  for (const std::size_t size : {0UL, 15UL, 20UL, 22UL}) {
    CHECK(code_of([&] { cipher.seal({}, as_bytes("plain"), all.first(size)); }) == Code::bug);
  }
  const std::string message = sealed(cipher, {}, "plain");
  for (const std::size_t size : {0UL, 4UL, 6UL, 21UL}) {
    CHECK(code_of([&] { return cipher.open({}, as_bytes(message), all.first(size)); }) ==
          Code::bug);
  }
  CHECK(code_of([&] { return cipher.open({}, as_bytes("15 bytes are no"), {}); }) == Code::bug);
}

}  // namespace
}  // namespace trackier::crypto
