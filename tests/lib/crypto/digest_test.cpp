#include "crypto/digest.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <utility>

#include "support/errors.hpp"
#include "support/hex.hpp"

namespace trackier::crypto {
namespace {

using test::to_hex;

TEST_CASE("SHA-256 of NIST's examples") {
  CHECK(to_hex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(to_hex(sha256(as_bytes("abc"))) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(to_hex(sha256(as_bytes(std::string(1'000'000, 'a')))) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("a message in pieces has the digest of the whole") {
  const auto bytes = rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  CHECK(rc::check("pieces", [&] {
    std::string whole;
    Sha256 digest;
    for (const std::string& piece : *rc::gen::container<std::vector<std::string>>(bytes)) {
      digest.add(as_bytes(piece));
      whole += piece;
    }
    RC_ASSERT(digest.finish() == sha256(as_bytes(whole)));
  }));
}

TEST_CASE("a digest can be moved while it is made") {
  Sha256 first;
  first.add(as_bytes("a"));
  Sha256 second{std::move(first)};
  second.add(as_bytes("b"));
  Sha256 third;
  third.add(as_bytes("something else"));
  third = std::move(second);
  third.add(as_bytes("c"));
  CHECK(third.finish() == sha256(as_bytes("abc")));
}

TEST_CASE("a finished digest is finished") {
  Sha256 digest;
  CHECK(digest.finish() == sha256({}));
  CHECK(test::error_of([&] { return digest.finish(); }).code() == Code::bug);
  CHECK(test::error_of([&] { digest.add(as_bytes("late")); }).code() == Code::bug);
}

}  // namespace
}  // namespace trackier::crypto
