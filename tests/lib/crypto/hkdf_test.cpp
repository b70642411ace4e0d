#include "crypto/hkdf.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

#include "crypto/mac.hpp"
#include "support/errors.hpp"
#include "support/hex.hpp"

namespace trackier::crypto {
namespace {

using test::from_hex;
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

TEST_CASE("the definition of RFC 5869, section 2, written with MacKey, gives the same") {
  const auto bytes = rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  CHECK(rc::check("HKDF", [&] {
    const std::string key = *bytes;
    const std::string salt = *bytes;
    const std::string info = *bytes;
    const auto length = *rc::gen::inRange<std::size_t>(1, 200);
    const MacKey extract{as_bytes(salt)};
    const Mac pseudorandom = extract.mac(as_bytes(key));
    const MacKey expand{pseudorandom};
    std::string output;
    std::string last;
    for (char counter = 1; output.size() < length; ++counter) {
      last += info;
      last += counter;
      const Mac block = expand.mac(as_bytes(last));
      last = as_text(block);
      output += last;
    }
    output.resize(length);
    RC_ASSERT(derived(key, salt, info, length) == to_hex(as_bytes(output)));
  }));
}

}  // namespace
}  // namespace trackier::crypto
