#pragma once
/// The audit log, as settings say it. Of interest inside this area only.

#include "config/document.hpp"
#include "config/origins.hpp"
#include "config/settings.hpp"

namespace trackier::config {

/// The section [audit], with [[audit.witness]] and [[audit.host]].
Audit read_audit(Table& root, Origins& origins);

}  // namespace trackier::config
