#pragma once
/// What was removed, when and by which rule: manifests that are gone leave this behind, so that a
/// gap in the sequence is explained and a slot that was taken stays taken. trackier-store(5),
/// REMOVALS.

#include <cstdint>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "crypto/secret.hpp"
#include "os/file.hpp"
#include "store/directory.hpp"

namespace trackier::store {

struct Removed {
  std::uint64_t sequence = 0;
  std::string id;
  std::string digest;  ///< of its manifest
  Time slot;
  Time taken;
  bool damaged = false;
  std::string rule;
};

/// Writes down what is about to be removed, signed.
void record_removal(os::FileSystem& files, const SourceDirectory& source,
                    const std::vector<Removed>& removed, Time now,
                    const crypto::Secret& signing_key);

/// Everything that was ever removed. Records that are not signed as they should be are passed over:
/// `unreadable` counts them.
struct Removals {
  std::vector<Removed> removed;
  std::size_t unreadable = 0;
};
Removals list_removals(os::FileSystem& files, const SourceDirectory& source);

}  // namespace trackier::store
