#pragma once
/// Half of a head: 4096 bytes of text with its own checksum. trackier-envelope(5), BLOCK.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "crypto/mac.hpp"
#include "crypto/secret.hpp"
#include "envelope/format.hpp"
#include "envelope/stanza.hpp"

namespace trackier::envelope {

/// Its bytes as they stand in the file.
using BlockBytes = std::array<std::byte, block_bytes>;

struct Block {
  Format format = Format::envelope;
  std::uint32_t sequence = 1;  ///< of two valid blocks the higher one holds
  FileId id{};
  std::optional<std::uint64_t> plain_bytes;  ///< length of the payload's plaintext, where known
  std::string metadata;                      ///< the "%" line without "% "; empty: none
  std::vector<Stanza> stanzas;               ///< 1 to 24
  crypto::Mac mac{};                         ///< under the data key

  friend bool operator==(const Block&, const Block&) = default;
};

/// Why a block is none.
enum class BlockFault : std::uint8_t {
  none,
  not_ours,   ///< the first line is not that of an envelope
  checksum,   ///< torn or damaged; says nothing of intent
  malformed,  ///< the checksum is right, the text breaks a rule
  version,    ///< an envelope of a later version
};

struct ParsedBlock {
  BlockFault fault = BlockFault::none;
  std::string why;  ///< for `malformed`: which rule, e.g. "stanza 3 has an empty argument"
  Block block;      ///< when there is no fault
};

/// Strict: every rule of trackier-envelope(5); accepts nothing that to_bytes() would not write.
/// Needs no key. Reads exactly 4096 bytes.
ParsedBlock parse_block(Bytes bytes);

/// The block's text with its MAC under `data_key`, padding and checksum. Throws Error{Code::bug}
/// for more stanzas than fit or arguments that break the rules.
BlockBytes to_bytes(const Block& block, const crypto::Secret& data_key);

/// Whether the MAC is right under `data_key`. bytes: those the block was parsed from.
[[nodiscard]] bool is_authentic(Bytes bytes, const Block& block, const crypto::Secret& data_key);

}  // namespace trackier::envelope
