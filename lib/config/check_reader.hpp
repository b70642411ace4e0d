#pragma once
/// What the host is checked for, as settings say it. Of interest inside this area only.

#include "config/document.hpp"
#include "config/origins.hpp"
#include "config/settings.hpp"

namespace trackier::config {

/// The section [check].
Check read_check(Table& root, Origins& origins);

}  // namespace trackier::config
