// Project Wycheproof's vectors, read where they are (see support/shared_data.hpp).

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "crypto/hkdf.hpp"
#include "crypto/mac.hpp"
#include "support/errors.hpp"
#include "support/hex.hpp"
#include "support/shared_data.hpp"

namespace trackier::crypto {
namespace {

using test::from_hex;
using test::to_hex;

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

}  // namespace
}  // namespace trackier::crypto
