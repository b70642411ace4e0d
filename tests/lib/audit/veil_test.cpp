#include "audit/veil.hpp"

#include <doctest/doctest.h>

#include "audit/record.hpp"
#include "core/error.hpp"
#include "support/errors.hpp"
#include "support/memory_fs.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::audit {
namespace {

using test::error_of;

TEST_CASE("a value is hidden under the key as HMAC-SHA-256 has it") {
  // RFC 4231, test case 2: key "Jefe", "what do ya want for nothing?".
  const Veil veil{crypto::Secret::copy_of(as_bytes("Jefe"))};
  CHECK(veil.hide("what do ya want for nothing?") == "hmac:5bdcc146bf60754e6a042426089575c7");
  CHECK(is_word(veil.hide("alice@example.com\n")));
  CHECK(veil.hide("alice") != veil.hide("alice "));
}

TEST_CASE("the key is made once, for its owner alone") {
  const test::TemporaryDirectory directory;
  const auto path = directory / "veil.key";
  const crypto::Secret made = veil_key(os::posix(), path);
  CHECK(made.size() == 32);
  CHECK(veil_key(os::posix(), path) == made);
  CHECK(os::posix().status(path)->mode == 0600);
  CHECK(directory.names() == std::vector<std::string>{"veil.key"});
}

TEST_CASE("a key that others may read, or that is none, is refused") {
  const test::TemporaryDirectory directory;
  const auto open_to_all = directory.write("open", std::string(32, 'k'), 0644);
  CHECK(error_of([&] { veil_key(os::posix(), open_to_all); }).code() == Code::no_permission);
  const auto too_short = directory.write("short", "key");
  CHECK(error_of([&] { veil_key(os::posix(), too_short); }).code() == Code::data);
}

}  // namespace
}  // namespace trackier::audit
