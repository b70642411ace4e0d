// Project Wycheproof's vectors, read where they are (see support/shared_data.hpp).

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "crypto/aes_gcm.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/hkdf.hpp"
#include "crypto/mac.hpp"
#include "crypto/x25519.hpp"
#include "support/errors.hpp"
#include "support/hex.hpp"
#include "support/shared_data.hpp"

namespace trackier::crypto {
namespace {

using test::array_from_hex;
using test::from_hex;
using test::to_hex;

MutBytes writable(std::string& text) {
  return std::as_writable_bytes(std::span{text});
}

nlohmann::json test_groups_in(const std::filesystem::path& path) {
  std::ifstream file{path};
  return nlohmann::json::parse(file).at("testGroups");
}

TEST_CASE("Wycheproof's HMAC-SHA-256 vectors, valid and invalid") {
  const auto path = test::shared_data("vectors/wycheproof/hmac_sha256_test.json");
  if (!path) {
    return;
  }
  int valid = 0;
  int invalid = 0;
  for (const auto& group : test_groups_in(*path)) {
    const std::size_t digits = group.at("tagSize").get<std::size_t>() / 4;
    for (const auto& each : group.at("tests")) {
      CAPTURE(each.at("tcId").get<int>());
      const std::string key = from_hex(each.at("key").get<std::string>());
      const std::string message = from_hex(each.at("msg").get<std::string>());
      const std::string mac =
          to_hex(MacKey{as_bytes(key)}.mac(as_bytes(message))).substr(0, digits);
      const bool same = mac == each.at("tag").get<std::string>();
      const bool expected = each.at("result").get<std::string>() == "valid";
      CHECK(same == expected);
      (expected ? valid : invalid) += 1;
    }
  }
  CHECK(valid >= 60);
  CHECK(invalid >= 60);
}

TEST_CASE("Wycheproof's HKDF-SHA-256 vectors, valid and invalid") {
  const auto path = test::shared_data("vectors/wycheproof/hkdf_sha256_test.json");
  if (!path) {
    return;
  }
  int valid = 0;
  int invalid = 0;
  for (const auto& group : test_groups_in(*path)) {
    for (const auto& each : group.at("tests")) {
      CAPTURE(each.at("tcId").get<int>());
      const std::string key = from_hex(each.at("ikm").get<std::string>());
      const std::string salt = from_hex(each.at("salt").get<std::string>());
      const std::string info = from_hex(each.at("info").get<std::string>());
      const auto size = each.at("size").get<std::size_t>();
      const auto derive = [&] {
        return to_hex(hkdf_sha256(as_bytes(key), as_bytes(salt), as_bytes(info), size).bytes());
      };
      if (each.at("result").get<std::string>() == "valid") {
        CHECK(derive() == each.at("okm").get<std::string>());
        ++valid;
      } else {  // an output that is too long
        CHECK(test::error_of(derive).code() == Code::bug);
        ++invalid;
      }
    }
  }
  CHECK(valid >= 70);
  CHECK(invalid >= 1);
}

TEST_CASE("Wycheproof's HKDF-SHA-512 vectors, for the expanding half") {
  const auto path = test::shared_data("vectors/wycheproof/hkdf_sha512_test.json");
  if (!path) {
    return;
  }
  int valid = 0;
  int invalid = 0;
  for (const auto& group : test_groups_in(*path)) {
    for (const auto& each : group.at("tests")) {
      CAPTURE(each.at("tcId").get<int>());
      const std::string key = from_hex(each.at("ikm").get<std::string>());
      const std::string salt = from_hex(each.at("salt").get<std::string>());
      const std::string info = from_hex(each.at("info").get<std::string>());
      const auto size = each.at("size").get<std::size_t>();
      std::array<unsigned char, 64> extracted{};  // RFC 5869, section 2.2
      REQUIRE(HMAC(EVP_sha512(), salt.data(), static_cast<int>(salt.size()),
                   reinterpret_cast<const unsigned char*>(key.data()), key.size(), extracted.data(),
                   nullptr) != nullptr);
      const auto derive = [&] {
        const Bytes pseudorandom = std::as_bytes(std::span{extracted});
        return to_hex(hkdf_expand_sha512(pseudorandom, as_bytes(info), size).bytes());
      };
      if (each.at("result").get<std::string>() == "valid") {
        CHECK(derive() == each.at("okm").get<std::string>());
        ++valid;
      } else {  // an output that is too long
        CHECK(test::error_of(derive).code() == Code::bug);
        ++invalid;
      }
    }
  }
  CHECK(valid >= 70);
  CHECK(invalid >= 3);
}

TEST_CASE("Wycheproof's AES-256-GCM vectors, valid and invalid") {
  const auto path = test::shared_data("vectors/wycheproof/aes_gcm_test.json");
  if (!path) {
    return;
  }
  int valid = 0;
  int invalid = 0;
  for (const auto& group : test_groups_in(*path)) {
    if (group.at("ivSize") != 96 || group.at("tagSize") != 128 || group.at("keySize") != 256) {
      continue;
    }
    for (const auto& each : group.at("tests")) {
      CAPTURE(each.at("tcId").get<int>());
      const auto text = [&](const char* name) { return each.at(name).get<std::string>(); };
      AesGcm cipher{array_from_hex<32>(text("key"))};
      const auto nonce = array_from_hex<12>(text("iv"));
      const std::string associated = from_hex(text("aad"));
      const std::string sealed = from_hex(text("ct") + text("tag"));
      std::string plain(sealed.size() - AesGcm::tag_bytes, 'x');
      const bool opened =
          cipher.open(nonce, as_bytes(sealed), writable(plain), as_bytes(associated));
      if (each.at("result").get<std::string>() == "valid") {
        CHECK(opened);
        CHECK(to_hex(as_bytes(plain)) == text("msg"));
        std::string again(sealed.size(), 'x');
        cipher.seal(nonce, as_bytes(plain), writable(again), as_bytes(associated));
        CHECK(to_hex(as_bytes(again)) == to_hex(as_bytes(sealed)));
        ++valid;
      } else {
        CHECK_FALSE(opened);
        CHECK(plain == std::string(plain.size(), '\0'));
        ++invalid;
      }
    }
  }
  CHECK(valid >= 39);
  CHECK(invalid >= 27);
}

TEST_CASE("Wycheproof's X25519 vectors, with points of low order and not on the curve") {
  const auto path = test::shared_data("vectors/wycheproof/x25519_test.json");
  if (!path) {
    return;
  }
  int agreed = 0;
  int of_low_order = 0;
  for (const auto& group : test_groups_in(*path)) {
    for (const auto& each : group.at("tests")) {
      CAPTURE(each.at("tcId").get<int>());
      const auto text = [&](const char* name) { return each.at(name).get<std::string>(); };
      const auto shared = x25519(Secret::copy_of(array_from_hex<32>(text("private"))),
                                 array_from_hex<32>(text("public")));
      if (text("shared") == std::string(64, '0')) {
        CHECK_FALSE(shared.has_value());
        ++of_low_order;
      } else {
        REQUIRE(shared.has_value());
        CHECK(to_hex(shared->bytes()) == text("shared"));
        ++agreed;
      }
    }
  }
  CHECK(agreed >= 400);
  CHECK(of_low_order >= 20);
}

TEST_CASE("Wycheproof's Ed25519 vectors, valid and invalid") {
  const auto path = test::shared_data("vectors/wycheproof/ed25519_test.json");
  if (!path) {
    return;
  }
  int valid = 0;
  int invalid = 0;
  int of_another_size = 0;
  for (const auto& group : test_groups_in(*path)) {
    const auto key = array_from_hex<32>(group.at("publicKey").at("pk").get<std::string>());
    for (const auto& each : group.at("tests")) {
      CAPTURE(each.at("tcId").get<int>());
      const std::string message = from_hex(each.at("msg").get<std::string>());
      const std::string signature = each.at("sig").get<std::string>();
      const bool expected = each.at("result").get<std::string>() == "valid";
      if (signature.size() != 128) {  // not even a Signature
        CHECK_FALSE(expected);
        ++of_another_size;
        continue;
      }
      CHECK(verify(key, as_bytes(message), array_from_hex<64>(signature)) == expected);
      (expected ? valid : invalid) += 1;
    }
  }
  CHECK(valid >= 88);
  CHECK(invalid >= 40);
  CHECK(of_another_size >= 1);
}

}  // namespace
}  // namespace trackier::crypto
