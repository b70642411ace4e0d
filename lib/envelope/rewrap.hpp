#pragma once
/// Other recipients for an envelope that exists, in place, its payload untouched: the block that
/// does not hold is written, synced, and the old one overwritten with it, synced. At every instant
/// one good block stands. trackier-envelope(5), REWRAP.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "envelope/head.hpp"
#include "envelope/identity.hpp"
#include "envelope/recipient.hpp"
#include "os/file.hpp"

namespace trackier::envelope {

/// What becomes of the stanzas: those for `old_ids` go, those of `recipients` come; others stay.
/// A recipient that is there already (same key id) in the block that holds is not added again.
struct RewrapPlan {
  std::vector<KeyId> old_ids;
  std::vector<KeyId> new_ids;  ///< of `recipients`, in their order
  Recipients recipients;
};

enum class RewrapState : std::uint8_t {
  done,     ///< both blocks are as planned: nothing to do
  scrub,    ///< the block that holds is as planned; the other is still the old one, or damaged
  rewrite,  ///< neither is
};

/// Says what a file needs. No key is needed.
RewrapState rewrap_state(const Head& head, const RewrapPlan& plan);

/// One file under way. The caller syncs between the steps (many files with one syncfs).
class Rewrap {
 public:
  /// Opens the block that holds with `identities` and makes the new one; or, for
  /// RewrapState::scrub, takes the one that holds, which has to open too. Writes nothing. Throws as
  /// unlock does, and Error{Code::data} when only the older block opens.
  Rewrap(const Head& head, const RewrapPlan& plan, const Identities& identities,
         const std::string& name);

  /// Writes the new block over the one that does not hold.
  void write_new(os::File& file) const;
  /// After a sync: writes it over the old one too. After another sync the file has moved.
  void scrub(os::File& file) const;

 private:
  BlockBytes bytes_{};
  std::size_t target_ = 0;  ///< the block written first
  bool new_is_there_ = false;
};

}  // namespace trackier::envelope
