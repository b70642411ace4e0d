#include "backup/chain_keys.hpp"

#include "crypto/hkdf.hpp"

namespace trackier::backup {
namespace {

constexpr std::size_t key_bytes = 32;

crypto::Secret derived(const crypto::Secret& chain, std::string_view purpose) {
  return crypto::hkdf_sha256(chain.bytes(), {}, as_bytes(purpose), key_bytes);
}

}  // namespace

ChainKeys::ChainKeys(crypto::Secret chain_key)
    : chain(std::move(chain_key)),
      tag(derived(chain, "trackier-store/1 tag")),
      gear(derived(chain, "trackier-store/1 gear")),
      chunk(derived(chain, "trackier-store/1 chunk").bytes()),
      content(derived(chain, "trackier-store/1 content").bytes()) {}

}  // namespace trackier::backup
