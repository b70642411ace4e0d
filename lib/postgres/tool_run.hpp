#pragma once
/// How the tools of PostgreSQL are started and judged. Of interest inside this area only.

#include <string>
#include <vector>

#include "os/program.hpp"
#include "postgres/logical_dump.hpp"

namespace trackier::postgres {

/// The tool with the environment of the options, but in English, so that what it says can be
/// judged.
os::ProgramOptions tool_program(const Tool& tool, const LogicalOptions& options,
                                std::vector<std::string> arguments);

/// Throws when a tool did not end well: the last line of its complaints that says "error", for the
/// lines after it quote statements and rows.
void expect_success(const Tool& tool, const os::Ended& ended);

}  // namespace trackier::postgres
