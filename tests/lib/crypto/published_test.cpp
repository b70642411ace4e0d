// Vectors that NIST and others published, read where they are (see support/shared_data.hpp).
// Wycheproof's are in wycheproof_test.cpp.

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "crypto/aes_gcm.hpp"
#include "crypto/digest.hpp"
#include "crypto/hkdf.hpp"
#include "crypto/mac.hpp"
#include "crypto/scrypt.hpp"
#include "crypto/shamir.hpp"
#include "crypto/x25519.hpp"
#include "lib/crypto/records.hpp"
#include "support/hex.hpp"
#include "support/shared_data.hpp"

namespace trackier::crypto {
namespace {

using test::array_from_hex;
using test::from_hex;
using test::Record;
using test::records_in;
using test::to_hex;

std::string lower(std::string digits) {
  for (char& digit : digits) {
    digit = static_cast<char>(digit >= 'A' && digit <= 'F' ? digit - 'A' + 'a' : digit);
  }
  return digits;
}

TEST_CASE("NIST's vectors for sealing with AES-256-GCM") {
  const auto path = test::shared_data("vectors/nist-cavp/gcmEncryptExtIV256.iv96-tag128.rsp");
  if (!path) {
    return;
  }
  int count = 0;
  for (const Record& each : records_in(*path, "Count")) {
    CAPTURE(each.at("Key"));
    AesGcm cipher{array_from_hex<32>(each.at("Key"))};
    const std::string plain = from_hex(each.at("PT"));
    const std::string associated = from_hex(each.at("AAD"));
    std::vector<std::byte> sealed(plain.size() + 16);
    cipher.seal(array_from_hex<12>(each.at("IV")), as_bytes(plain), sealed, as_bytes(associated));
    CHECK(to_hex(sealed) == each.at("CT") + each.at("Tag"));
    ++count;
  }
  CHECK(count == 375);
}

TEST_CASE("NIST's vectors for opening with AES-256-GCM, half of them forged") {
  const auto path = test::shared_data("vectors/nist-cavp/gcmDecrypt256.iv96-tag128.rsp");
  if (!path) {
    return;
  }
  int genuine = 0;
  int forged = 0;
  for (const Record& each : records_in(*path, "Count")) {
    CAPTURE(each.at("Key"));
    AesGcm cipher{array_from_hex<32>(each.at("Key"))};
    const std::string sealed = from_hex(each.at("CT") + each.at("Tag"));
    const std::string associated = from_hex(each.at("AAD"));
    std::vector<std::byte> plain(sealed.size() - 16);
    const bool opened = cipher.open(array_from_hex<12>(each.at("IV")), as_bytes(sealed), plain,
                                    as_bytes(associated));
    CHECK(opened == !each.contains("FAIL"));
    if (opened) {
      CHECK(to_hex(plain) == each.at("PT"));
    }
    (opened ? genuine : forged) += 1;
  }
  CHECK(genuine == 184);
  CHECK(forged == 191);
}

TEST_CASE("HKDF-SHA-256 of RFC 5869, and 1,200 bytes of it") {
  for (const char* const name : {"rfc-5869-HKDF-SHA256.txt", "hkdf-generated.txt"}) {
    const auto path = test::shared_data(std::string{"vectors/rfc/"} + name);
    if (!path) {
      return;
    }
    int count = 0;
    for (const Record& each : records_in(*path, "COUNT")) {
      const std::string key = from_hex(each.at("IKM"));
      const std::string salt = from_hex(each.at("salt"));
      const std::string info = from_hex(each.at("info"));
      const std::size_t length = std::stoul(each.at("L"));
      CHECK(to_hex(hkdf_sha256(as_bytes(key), as_bytes(salt), as_bytes(info), length).bytes()) ==
            each.at("OKM"));
      ++count;
    }
    CHECK(count >= 1);
  }
}

TEST_CASE("HMAC-SHA-256 of RFC 4231") {
  const auto path = test::shared_data("vectors/rfc/rfc-4231-sha256.txt");
  if (!path) {
    return;
  }
  int count = 0;
  for (const Record& each : records_in(*path, "Len")) {
    const std::string key = from_hex(each.at("Key"));
    const std::string message = from_hex(each.at("Msg"));
    const Bytes halves = as_bytes(message);
    const MacKey mac{as_bytes(key)};
    CHECK(to_hex(mac.mac(as_bytes(message))) == each.at("MD"));
    CHECK(to_hex(mac.mac_joined({halves.first(halves.size() / 2),
                                 halves.subspan(halves.size() / 2)})) == each.at("MD"));
    ++count;
  }
  CHECK(count >= 6);
}

TEST_CASE("X25519 of RFC 7748") {
  const auto path = test::shared_data("vectors/rfc/rfc7748.txt");
  if (!path) {
    return;
  }
  int count = 0;
  for (const Record& each : records_in(*path, "COUNT")) {
    const auto scalar = array_from_hex<32>(each.at("INPUT_SCALAR"));
    const auto shared = x25519(Secret::copy_of(scalar), array_from_hex<32>(each.at("INPUT_U")));
    REQUIRE(shared.has_value());
    CHECK(to_hex(shared->bytes()) == each.at("OUTPUT_U"));
    ++count;
  }
  CHECK(count == 3);
}

/// Checks those vectors that have our r and p and need at most 16 MiB; returns how many.
/// names: of N, r, p and the output.
int check_scrypt(const std::vector<Record>& records, const std::vector<std::string>& names,
                 const auto& passphrase_of, const auto& salt_of) {
  int count = 0;
  for (const Record& each : records) {
    const auto n = std::stoul(each.at(names[0]));
    if (n > (1UL << 14U) || each.at(names[1]) != "8" || each.at(names[2]) != "1") {
      continue;
    }
    CAPTURE(each.at(names[3]));
    const std::string passphrase = passphrase_of(each);
    const std::string salt = salt_of(each);
    const auto log_n = static_cast<unsigned>(std::countr_zero(n));
    const std::string derived = to_hex(scrypt(as_bytes(passphrase), as_bytes(salt), log_n).bytes());
    // Outputs of other lengths begin the same: the last step is PBKDF2.
    const std::string expected = lower(each.at(names[3]));
    const std::size_t common = std::min(derived.size(), expected.size());
    CHECK(derived.substr(0, common) == expected.substr(0, common));
    ++count;
  }
  return count;
}

TEST_CASE("scrypt of RFC 7914") {
  const auto path = test::shared_data("vectors/rfc/scrypt.txt");
  if (!path) {
    return;
  }
  const auto field = [](const char* name) {
    return [name](const Record& record) { return record.at(name); };
  };
  CHECK(check_scrypt(records_in(*path, "COUNT"), {"N", "r", "p", "DERIVED_KEY"}, field("PASSWORD"),
                     field("SALT")) == 1);
}

TEST_CASE("Botan's scrypt vectors") {
  const auto path = test::shared_data("vectors/botan/scrypt.vec");
  if (!path) {
    return;
  }
  CHECK(check_scrypt(
            records_in(*path, "Passphrase"), {"N", "R", "P", "Output"},
            [](const Record& record) { return record.at("Passphrase"); },
            [](const Record& record) { return from_hex(record.at("Salt")); }) >= 2);
}

/// Shares of draft-mcgrew-tss: identifier (16 bytes), hash (1), threshold (1), length (2), x, y.
/// A hash of the secret, when there is one, is shared behind it.
std::vector<ShamirPoint> tss_points(const std::string& shares) {
  std::vector<ShamirPoint> points;
  std::istringstream list{shares};
  for (std::string share; std::getline(list, share, ',');) {
    const std::string bytes = from_hex(share);
    REQUIRE(bytes.size() > 21);
    points.push_back({.x = static_cast<std::uint8_t>(bytes[20]),
                      .y = Secret::copy_of(as_bytes(bytes).subspan(21))});
  }
  return points;
}

/// The first `threshold` points, which are taken out of `points`.
std::vector<ShamirPoint> take(std::vector<ShamirPoint>& points, const Record& record) {
  const long threshold = std::stol(record.at("M"));
  std::vector<ShamirPoint> taken;
  std::move(points.begin(), points.begin() + threshold, std::back_inserter(taken));
  points.erase(points.begin(), points.begin() + threshold);
  return taken;
}

// SLIP-39's shares are words of a list that is not part of its vectors: shamir_test.cpp restates
// some.
TEST_CASE("Botan's shared secrets: any share follows from enough others, and so does the secret") {
  const auto path = test::shared_data("vectors/botan/tss_generation.vec");
  if (!path) {
    return;
  }
  int count = 0;
  for (const Record& each : records_in(*path, "Input")) {
    CAPTURE(each.at("Shares"));
    std::vector<ShamirPoint> others = tss_points(each.at("Shares"));
    const std::vector<ShamirPoint> enough = take(others, each);
    const std::string input = lower(each.at("Input"));
    std::string expected = input;
    if (each.at("Hash") == "SHA-256") {
      expected += to_hex(sha256(as_bytes(from_hex(input))));
    }
    const std::string secret = to_hex(shamir_interpolate(enough).bytes());
    CHECK(secret.substr(0, expected.size()) == expected);
    CHECK((secret.size() == expected.size() || each.at("Hash") == "SHA-1"));
    for (const ShamirPoint& other : others) {
      CHECK(to_hex(shamir_interpolate(enough, other.x).bytes()) == to_hex(other.y.bytes()));
    }
    ++count;
  }
  CHECK(count >= 6);
}

TEST_CASE("Botan's recovered secrets, and one from a share that was changed") {
  const auto path = test::shared_data("vectors/botan/tss_recovery.vec");
  if (!path) {
    return;
  }
  int valid = 0;
  int invalid = 0;
  for (const Record& each : records_in(*path, "M")) {
    CAPTURE(each.at("Shares"));
    std::vector<ShamirPoint> others = tss_points(each.at("Shares"));
    const std::string secret = to_hex(shamir_interpolate(take(others, each)).bytes());
    const std::string recovered = lower(each.at("Recovered"));
    if (each.at("section") == "[Valid]") {
      CHECK(secret.starts_with(recovered));
      ++valid;
    } else {  // the hash behind the secret, which is the sharer's business, does not agree
      const std::string hash = to_hex(sha256(as_bytes(from_hex(recovered))));
      CHECK(secret.starts_with(recovered));
      CHECK(secret.substr(recovered.size()) != hash);
      ++invalid;
    }
  }
  CHECK(valid >= 3);
  CHECK(invalid == 1);
}

}  // namespace
}  // namespace trackier::crypto
