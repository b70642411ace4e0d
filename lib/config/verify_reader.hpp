#pragma once
/// What backups are held against, and where, as settings say it. Of interest inside this area only.

#include <vector>

#include "config/document.hpp"
#include "config/origins.hpp"
#include "config/settings.hpp"

namespace trackier::config {

/// The section [verify].
Verify read_verify(Table& root, Origins& origins);

/// All [[source.expect]] of a source.
std::vector<Expectation> read_expectations(Table& source);

}  // namespace trackier::config
