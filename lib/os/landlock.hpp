#pragma once
/// Landlock by its system calls, for which the C library has no names. Of interest inside this area
/// only; see landlock(7).

#include <span>

#include "os/confinement.hpp"

namespace trackier::os {

/// The version ("ABI") of the kernel; 0 where it has none, it is switched off, or a filter around
/// this process does not let us ask.
unsigned landlock_version();

/// Keeps the calling thread and those it begins to `reaches`. version: 1 to landlock_version().
/// Needs no_new_privs. Throws Error{Code::unavailable}.
void restrict_files(std::span<const Reach> reaches, unsigned version);

}  // namespace trackier::os
