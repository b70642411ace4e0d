#pragma once
/// Completion scripts of shells, made from the table of the command line.

#include <string>

#include "args.hpp"

namespace trackier::cli {

std::string bash_completion(const Command& program);
std::string zsh_completion(const Command& program);
std::string fish_completion(const Command& program);

}  // namespace trackier::cli
