#pragma once
/// Whether the kernel keeps a run that reads what others wrote to what it was asked for.

#include <functional>

#include "check/finding.hpp"
#include "os/confinement.hpp"

namespace trackier::check {

/// probe: as os::probe_confinement.
Findings check_confinement(const std::function<os::ProbedConfinement()>& probe);

}  // namespace trackier::check
