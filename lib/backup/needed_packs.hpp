#pragma once
/// What a backup cannot be restored without. Of interest inside this area only.

#include <vector>

#include "backup/map.hpp"
#include "store/manifest.hpp"

namespace trackier::backup {

/// The packs that the places of a map are in: some of those the backup before needed, and all of
/// `written`, which has the map. In ascending order.
std::vector<store::Generation> needed_packs(const Map& map,
                                            const std::vector<store::Generation>& before,
                                            const store::Generation& written);

}  // namespace trackier::backup
