#pragma once
/// Other programs.

#include <string>

#include "core/bytes.hpp"

namespace trackier::os {

/// Runs `/bin/sh -c line`, reads what it prints into `output`, and returns how many bytes that was.
/// The command reads nothing (standard input is /dev/null), complains to our standard error, and
/// begins with default signal handling and no descriptor of ours. environment: as of execve; null
/// for an empty one. Throws Error{Code::no_input} when it cannot be started, prints more than
/// `output` holds, or ends otherwise than with status 0; Interrupted when a signal asks the run to
/// end, the command being ended before.
std::size_t output_of_command(const std::string& line, char* const* environment, MutBytes output);

/// From here on no other process of the user can look into the memory of this one, as a debugger
/// does, and the kernel writes no core file (PR_SET_DUMPABLE). Root can still look. For runs that
/// hold keys. Does nothing in builds with a sanitizer, whose search for leaks looks in the same
/// way.
void forbid_inspection() noexcept;

}  // namespace trackier::os
