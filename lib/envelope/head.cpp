#include "envelope/head.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trackier::envelope {
namespace {

Error refuse(const std::string& name, const std::string& why, const std::string& hint = {}) {
  return Error{Code::data, fmt::format("{}: {}", name, why), hint};
}

/// What both blocks say of the payload is said for life.
bool agree_on_the_payload(const Block& left, const Block& right) {
  return left.format == right.format && left.id == right.id &&
         left.plain_bytes == right.plain_bytes && left.metadata == right.metadata;
}

Error why_none_is_good(const Head& head, const std::string& name) {
  const auto has = [&head](BlockFault fault) {
    return std::ranges::any_of(head.blocks,
                               [fault](const ParsedBlock& each) { return each.fault == fault; });
  };
  if (has(BlockFault::version)) {
    return refuse(name, "an envelope of a later version", "a newer trackier-ctl opens it");
  }
  for (const ParsedBlock& each : head.blocks) {
    if (each.fault == BlockFault::malformed) {
      return refuse(name, fmt::format("the head is malformed: {}", each.why));
    }
  }
  if (has(BlockFault::checksum)) {
    return refuse(name, "both blocks of the head are damaged",
                  "a copy of the file, or of its first 8 KiB, mends it");
  }
  return refuse(name, "not an envelope");
}

}  // namespace

bool Head::is_settled() const {
  return order.size() == 2 && bytes[0] == bytes[1];
}

Head parse_head(Bytes bytes, const std::string& name, Format format) {
  Head head;
  if (bytes.size() != head_bytes) {
    const ParsedBlock first = parse_block(bytes.first(std::min(bytes.size(), block_bytes)));
    throw refuse(name, first.fault == BlockFault::not_ours ? "not an envelope"
                                                           : "the envelope is cut short");
  }
  for (std::size_t i = 0; i < head.blocks.size(); ++i) {
    const Bytes block = bytes.subspan(i * block_bytes, block_bytes);
    std::ranges::copy(block, head.bytes[i].begin());
    head.blocks[i] = parse_block(block);
    if (head.is_good(i)) {
      head.order.push_back(i);
    }
  }
  if (head.order.empty()) {
    throw why_none_is_good(head, name);
  }
  if (head.order.size() == 2) {
    const Block& a = head.blocks[0].block;
    const Block& b = head.blocks[1].block;
    if (!agree_on_the_payload(a, b) ||
        (a.sequence == b.sequence && head.bytes[0] != head.bytes[1])) {
      throw refuse(name, "the two blocks of the head contradict each other");
    }
    if (b.sequence > a.sequence) {
      std::ranges::reverse(head.order);
    }
  }
  if (head.current().format != format) {
    throw format == Format::envelope ? refuse(name, "a keyring, not an envelope of data")
                                     : refuse(name, "an envelope of data, not a keyring");
  }
  return head;
}

}  // namespace trackier::envelope
