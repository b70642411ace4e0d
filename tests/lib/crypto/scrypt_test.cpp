#include "crypto/scrypt.hpp"

#include <doctest/doctest.h>

#include "support/errors.hpp"
#include "support/hex.hpp"

namespace trackier::crypto {
namespace {

using test::to_hex;

TEST_CASE("RFC 7914, section 12, the example with r = 8 and p = 1 that needs 16 MiB") {
  // Of 64 bytes; the first half does not depend on how many are wanted (PBKDF2, RFC 8018, 5.2).
  CHECK(to_hex(scrypt(as_bytes("pleaseletmein"), as_bytes("SodiumChloride"), 14).bytes()) ==
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
}

TEST_CASE("passphrase, salt and cost each make another key") {
  const auto key = [](std::string_view passphrase, std::string_view salt, unsigned log_n) {
    return to_hex(scrypt(as_bytes(passphrase), as_bytes(salt), log_n).bytes());
  };
  const std::string one = key("passphrase", "salt", 4);
  CHECK(one.size() == 64);
  CHECK(key("passphrase", "salt", 4) == one);
  CHECK(key("passphrasf", "salt", 4) != one);
  CHECK(key("passphrase", "salu", 4) != one);
  CHECK(key("passphrase", "salt", 5) != one);
  CHECK(key("", "salt", 4) != key("", "", 4));
  CHECK(key("x", "", 1) != key("", "x", 1));
}

TEST_CASE("a cost out of range is our mistake") {
  for (const unsigned log_n : {0U, 21U, 64U}) {
    CHECK(test::error_of([&] { return scrypt({}, {}, log_n); }).code() == Code::bug);
  }
}

}  // namespace
}  // namespace trackier::crypto
