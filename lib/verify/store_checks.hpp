#pragma once
/// What can be said of a backup as it lies in the store: its place among the others, its packs.
/// The levels `chain` and `structure`. Of interest inside this area only.

#include <stop_token>

#include "backup/restore.hpp"
#include "core/time.hpp"
#include "os/file.hpp"
#include "store/directory.hpp"
#include "verify/recorder.hpp"

namespace trackier::verify {

/// Of the source as a whole, for a backup hangs on those before it. No key is needed.
void check_chain(Recorder& recorder, os::FileSystem& files, const store::SourceDirectory& source,
                 const store::Listing& listing, const store::Manifest& manifest, Time now);

/// Every pack is what its name says. No key is needed.
bool check_packs(Recorder& recorder, os::FileSystem& files, const store::SourceDirectory& source,
                 const store::Manifest& manifest, unsigned workers, const std::stop_token& stop);

/// Every pack can be opened, and everything the map names is in one.
bool check_map(Recorder& recorder, os::FileSystem& files, const store::SourceDirectory& source,
               const store::Manifest& manifest, const crypto::Secret& chain_key,
               const std::stop_token& stop);

}  // namespace trackier::verify
