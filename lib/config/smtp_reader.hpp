#pragma once
/// The mail server, as settings say it. Of interest inside this area only.

#include "config/document.hpp"
#include "config/origins.hpp"
#include "config/settings.hpp"

namespace trackier::config {

/// The section [smtp].
Smtp read_smtp(Table& root, Origins& origins);

}  // namespace trackier::config
