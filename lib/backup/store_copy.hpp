#pragma once
/// A second store with the same backups: another disk, another place. Every object is verified
/// while it is copied and appears complete; manifests come last. Run again, it goes on where it
/// was.

#include <cstdint>
#include <functional>
#include <stop_token>

#include "os/file.hpp"
#include "store/directory.hpp"

namespace trackier::backup {

struct CopyResult {
  std::size_t backups = 0;  ///< that came
  std::uint64_t bytes = 0;
  std::size_t broken = 0;  ///< that could not be copied whole, and were left out
};

struct CopyEvents {
  std::function<void(const std::string&)> warn;
  std::function<void(std::uint64_t)> progressed;  ///< bytes so far
};

/// Copies what `to` does not have of a source: packs, the envelopes of chains, holds, records of
/// removals, manifests. The caller has Lock::read of `from` and Lock::write of `to`. A pack that is
/// missing or not what its name says costs the backups that need it.
CopyResult copy_source(os::FileSystem& files, const store::SourceDirectory& from,
                       const store::SourceDirectory& to, const CopyEvents& events,
                       const std::stop_token& stop);

}  // namespace trackier::backup
