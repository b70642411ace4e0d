#include "crypto/uuid.hpp"

#include <doctest/doctest.h>

#include "core/hexadecimal.hpp"

namespace trackier::crypto {
namespace {

TEST_CASE("the UUID of a name is that of RFC 9562, appendix A.4") {
  Uuid dns{};
  CHECK(from_hexadecimal("6ba7b8109dad11d180b400c04fd430c8", dns));
  CHECK(to_text(uuid_of(dns, "www.example.com")) == "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

}  // namespace
}  // namespace trackier::crypto
