#pragma once
/// Small envelopes, for what looks at or opens them.

#include <memory>
#include <string>
#include <vector>

#include "envelope/block.hpp"
#include "envelope/head.hpp"
#include "envelope/recipient.hpp"
#include "envelope/seal.hpp"
#include "support/streams.hpp"

namespace trackier::test {

inline std::string sealed_for(const envelope::Recipients& recipients, std::string plain = "hello") {
  MemorySource source{std::move(plain)};
  MemorySink sink;
  envelope::seal_stream(source, sink, recipients, envelope::Origin::random(), {}, {}, {});
  return sink.content();
}

inline std::string text_of(const envelope::BlockBytes& block) {
  return std::string{as_text(block)};
}

/// A block for these recipients, as a rewrap would write it.
inline std::string block_for(const envelope::Recipients& recipients, const envelope::FileId& id,
                             std::uint32_t sequence, const crypto::Secret& data_key) {
  envelope::Block block{.sequence = sequence, .id = id};
  for (const auto& recipient : recipients) {
    for (const envelope::Stanza& stanza : recipient->wrap(data_key, id)) {
      block.stanzas.push_back(stanza);
    }
  }
  return text_of(envelope::to_bytes(block, data_key));
}

}  // namespace trackier::test
