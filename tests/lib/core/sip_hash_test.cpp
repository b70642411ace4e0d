#include "core/sip_hash.hpp"

#include <doctest/doctest.h>

#include <array>

namespace trackier {
namespace {

TEST_CASE("SipHash-2-4 gives the values of its authors") {
  HashKey key{};
  for (unsigned i = 0; i < key.size(); ++i)
    key[i] = std::byte(i);
  CHECK(sip_hash(key, {}) == 0x726fdb47dd0e0e31U);  // vectors.h of the reference implementation
  CHECK(sip_hash(key, Bytes{key}.first(1)) == 0x74f839c593dc67fdU);
  CHECK(sip_hash(key, Bytes{key}.first(8)) == 0x93f5f5799a932462U);
  CHECK(sip_hash(key, Bytes{key}.first(15)) == 0xa129ca6149be45e5U);  // the paper, appendix A
}

}  // namespace
}  // namespace trackier
