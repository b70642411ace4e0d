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

}  // namespace trackier::os
