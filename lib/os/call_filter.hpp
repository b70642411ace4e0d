#pragma once
/// A seccomp filter, made by libseccomp. Of interest inside this area only.

#include <functional>

namespace trackier::os {

/// Whether the kernel filters system calls, and lets this process ask for it.
bool can_filter_calls();

/// Makes the filter, which takes files to be reachable still, and returns what puts it in force,
/// for all threads. Needs no_new_privs. Throws Error{Code::unavailable}; so does what it returns.
std::function<void()> call_filter();

}  // namespace trackier::os
