#include "envelope/rewrap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "core/error.hpp"
#include "envelope/stanza_rules.hpp"

namespace trackier::envelope {
namespace {

bool names_one_of(const Stanza& stanza, const std::vector<KeyId>& ids) {
  const bool has_id =
      stanza.type == hpke_type || stanza.type == kek_type || stanza.type == officer_type;
  KeyId id{};
  return has_id && parse_id(stanza.arguments.front(), id) &&
         std::ranges::find(ids, id) != ids.end();
}

bool has(const Block& block, const KeyId& id) {
  return std::ranges::any_of(block.stanzas,
                             [&id](const Stanza& each) { return names_one_of(each, {id}); });
}

bool is_as_planned(const Block& block, const RewrapPlan& plan) {
  return std::ranges::none_of(
             block.stanzas,
             [&plan](const Stanza& each) { return names_one_of(each, plan.old_ids); }) &&
         std::ranges::all_of(plan.new_ids, [&block](const KeyId& id) { return has(block, id); });
}

Block planned(const Block& old, const RewrapPlan& plan, const crypto::Secret& data_key,
              const std::string& name) {
  if (old.sequence == std::numeric_limits<std::uint32_t>::max()) {
    throw Error{Code::data, fmt::format("{}: its head was rewritten as often as it can be", name),
                "encrypt it anew"};
  }
  Block block = old;
  ++block.sequence;
  std::erase_if(block.stanzas,
                [&plan](const Stanza& each) { return names_one_of(each, plan.old_ids); });
  for (std::size_t i = 0; i < plan.recipients.size(); ++i) {
    if (!has(block, plan.new_ids[i])) {
      std::ranges::move(plan.recipients[i]->wrap(data_key, block.id),
                        std::back_inserter(block.stanzas));
    }
  }
  return block;
}

}  // namespace

RewrapState rewrap_state(const Head& head, const RewrapPlan& plan) {
  if (!is_as_planned(head.current(), plan)) {
    return RewrapState::rewrite;
  }
  return head.is_settled() ? RewrapState::done : RewrapState::scrub;
}

Rewrap::Rewrap(const Head& head, const RewrapPlan& plan, const Identities& identities,
               const std::string& name) {
  const Unlocked unlocked = unlock(head, identities, name);
  const bool is_current = unlocked.block == head.order.front();
  if (is_current && rewrap_state(head, plan) != RewrapState::rewrite) {
    bytes_ = head.bytes[unlocked.block];
    target_ = unlocked.block;
    new_is_there_ = true;
    return;
  }
  bytes_ = to_bytes(planned(head.blocks[unlocked.block].block, plan, unlocked.data_key, name),
                    unlocked.data_key);
  if (!is_current) {
    throw Error{
        Code::data,
        fmt::format("{}: the block that holds does not open with these keys, an older one does",
                    name),
        "it was moved to keys that are not here, or changed by someone"};
  }
  target_ = 1 - unlocked.block;  // the one that holds stays until the new one is on the disk
}

void Rewrap::write_new(os::File& file) const {
  if (!new_is_there_) {
    file.write_at(target_ * block_bytes, bytes_);
  }
}

void Rewrap::scrub(os::File& file) const {
  file.write_at((1 - target_) * block_bytes, bytes_);
}

}  // namespace trackier::envelope
