#include "crypto/hkdf.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <rapidcheck.h>

#include <memory>
#include <string>

#include "support/errors.hpp"
#include "support/hex.hpp"

namespace trackier::crypto {
namespace {

using test::to_hex;

std::string derived(const std::string& key, const std::string& salt, const std::string& info,
                    std::size_t length) {
  return to_hex(hkdf_sha256(as_bytes(key), as_bytes(salt), as_bytes(info), length).bytes());
}

/// All bytes from `first` to `last`.
std::string counting(int first, int last) {
  std::string bytes;
  for (int i = first; i <= last; ++i) {
    bytes += static_cast<char>(i);
  }
  return bytes;
}

TEST_CASE("RFC 5869, appendix A.1 to A.3") {
  CHECK(derived(std::string(22, '\x0b'), counting(0x00, 0x0c), counting(0xf0, 0xf9), 42) ==
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  CHECK(derived(counting(0x00, 0x4f), counting(0x60, 0xaf), counting(0xb0, 0xff), 82) ==
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c6"
        "5e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
  CHECK(derived(std::string(22, '\x0b'), "", "", 42) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST_CASE("an empty salt is 32 zero bytes") {
  CHECK(derived("key", "", "info", 32) == derived("key", std::string(32, '\0'), "info", 32));
}

TEST_CASE("a length of nothing or of more than RFC 5869 allows is our mistake") {
  CHECK(hkdf_sha256(as_bytes("k"), {}, {}, 8160).size() == 8160);
  for (const std::size_t length : {0UL, 8161UL}) {
    CHECK(test::error_of([&] { hkdf_sha256(as_bytes("k"), {}, {}, length); }).code() == Code::bug);
  }
}

/// OpenSSL's, another implementation than ours.
std::string openssl_hkdf_sha256(const std::string& key, const std::string& salt,
                                const std::string& info, std::size_t length) {
  const auto bytes = [](const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  const auto size = [](const std::string& text) { return static_cast<int>(text.size()); };
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context{
      EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr), EVP_PKEY_CTX_free};
  REQUIRE(EVP_PKEY_derive_init(context.get()) == 1);
  REQUIRE(EVP_PKEY_CTX_set_hkdf_md(context.get(), EVP_sha256()) == 1);
  REQUIRE(EVP_PKEY_CTX_set1_hkdf_salt(context.get(), bytes(salt), size(salt)) == 1);
  REQUIRE(EVP_PKEY_CTX_set1_hkdf_key(context.get(), bytes(key), size(key)) == 1);
  REQUIRE(EVP_PKEY_CTX_add1_hkdf_info(context.get(), bytes(info), size(info)) == 1);
  std::string derived(length, '\0');
  REQUIRE(EVP_PKEY_derive(context.get(), reinterpret_cast<unsigned char*>(derived.data()),
                          &length) == 1);
  return to_hex(as_bytes(derived));
}

/// By HMAC, another implementation than OpenSSL's HKDF, which is behind ours.
std::string expanded_by_hmac(const std::string& key, const std::string& info, std::size_t length) {
  std::string output;
  std::string last;
  for (char counter = 1; output.size() < length; ++counter) {
    last += info;
    last += counter;
    std::string block(64, '\0');
    REQUIRE(HMAC(EVP_sha512(), key.data(), static_cast<int>(key.size()),
                 reinterpret_cast<const unsigned char*>(last.data()), last.size(),
                 reinterpret_cast<unsigned char*>(block.data()), nullptr) != nullptr);
    last = block;
    output += block;
  }
  output.resize(length);
  return to_hex(as_bytes(output));
}

TEST_CASE("anything derived agrees with OpenSSL's HKDF") {
  const auto bytes = rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  CHECK(rc::check("HKDF", [&] {
    const std::string key = *rc::gen::nonEmpty(bytes);
    const std::string salt = *bytes;
    const std::string info = *bytes;
    const auto length = *rc::gen::inRange<std::size_t>(1, 200);
    RC_ASSERT(derived(key, salt, info, length) == openssl_hkdf_sha256(key, salt, info, length));
  }));
  CHECK(derived("key", "salt", "info", 8160) == openssl_hkdf_sha256("key", "salt", "info", 8160));
}

TEST_CASE("expanding with SHA-512 is as RFC 5869, section 2.3, defines it") {
  const auto bytes = rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  CHECK(rc::check("HKDF-Expand", [&] {
    const std::string key = *rc::gen::nonEmpty(bytes);
    const std::string info = *bytes;
    const auto length = *rc::gen::inRange<std::size_t>(1, 300);
    RC_ASSERT(to_hex(hkdf_expand_sha512(as_bytes(key), as_bytes(info), length).bytes()) ==
              expanded_by_hmac(key, info, length));
  }));
}

TEST_CASE("expanding with SHA-512 has its own longest length") {
  CHECK(hkdf_expand_sha512(as_bytes("k"), {}, 16320).size() == 16320);
  for (const std::size_t length : {0UL, 16321UL}) {
    CHECK(test::error_of([&] { hkdf_expand_sha512(as_bytes("k"), {}, length); }).code() ==
          Code::bug);
  }
}

}  // namespace
}  // namespace trackier::crypto
