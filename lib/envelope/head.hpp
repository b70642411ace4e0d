#pragma once
/// The first 8 KiB of an envelope: two blocks that say the same, except in the middle of a rewrap.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/error.hpp"
#include "envelope/block.hpp"

namespace trackier::envelope {

struct Head {
  std::array<BlockBytes, 2> bytes{};  ///< A and B as read
  std::array<ParsedBlock, 2> blocks{};

  /// Indexes of the good blocks, the one that holds first. At least one.
  std::vector<std::size_t> order;

  [[nodiscard]] bool is_good(std::size_t block) const {
    return blocks[block].fault == BlockFault::none;
  }
  [[nodiscard]] const Block& current() const { return blocks[order.front()].block; }
  /// Both blocks are good and equal: no rewrap is under way, nothing is damaged.
  [[nodiscard]] bool is_settled() const;
};

/// Reads and checks the 8192 bytes of a head, needing no key. name: what errors call the file, made
/// printable. Throws Error{Code::data}: not an envelope; a later version; both blocks damaged;
/// malformed; the blocks contradict each other; not of `format`.
Head parse_head(Bytes bytes, const std::string& name, Format format = Format::envelope);

}  // namespace trackier::envelope
