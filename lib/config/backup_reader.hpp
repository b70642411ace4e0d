#pragma once
/// What is backed up, and where to, as settings say it. Of interest inside this area only.

#include <vector>

#include "config/document.hpp"
#include "config/origins.hpp"
#include "config/settings.hpp"

namespace trackier::config {

/// The section [backup].
Backup read_backup(Table& root, Origins& origins);

/// All [[source]], and [retention], which they begin with. settings: the tenants.
std::vector<Source> read_sources(Table& root, const Settings& settings, Origins& origins);

}  // namespace trackier::config
