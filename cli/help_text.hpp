#pragma once
/// What -h and --help print, made from the table of the command line.

#include <string>

#include "args.hpp"

namespace trackier::cli {

/// Usage and the command's own options: one screen.
std::string brief_help(const CommandPath& path);

/// All of it: what the command does, the options common to all commands, examples, where the manual
/// is.
std::string full_help(const CommandPath& path);

}  // namespace trackier::cli
