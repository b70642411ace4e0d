#pragma once
/// The keys of a chain, all made from one. trackier-store(5), KEYS.

#include "crypto/mac.hpp"
#include "crypto/secret.hpp"

namespace trackier::backup {

struct ChainKeys {
  /// chain_key: 32 bytes, kept.
  explicit ChainKeys(crypto::Secret chain_key);

  crypto::Secret chain;    ///< packs derive theirs from it
  crypto::Secret tag;      ///< of Tagger
  crypto::Secret gear;     ///< of Chunker
  crypto::MacKey chunk;    ///< of chunk_id
  crypto::MacKey content;  ///< of digests of what is in a database
};

}  // namespace trackier::backup
