#pragma once
/// Lengths of time on the command line.

#include <chrono>
#include <string>

namespace trackier::cli {

/// option: "--budget", for the error. Throws Error{Code::usage}.
std::chrono::seconds duration_of(const std::string& text, const char* option);

}  // namespace trackier::cli
