#include "risk/value_hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace trackier::risk {

ValueHash::ValueHash(const HashKey& key) {
  for (std::uint64_t i = 0; i < words; ++i) {
    secret_[i] = sip_hash(key, std::as_bytes(std::span{&i, 1}));
  }
}

std::uint64_t ValueHash::operator()(std::string_view value) const noexcept {
  return XXH3_64bits_withSecret(value.data(), value.size(), secret_.data(), sizeof secret_);
}

}  // namespace trackier::risk
