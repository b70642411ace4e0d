#pragma once
/// Times and lengths of time on the command line.

#include <chrono>
#include <optional>
#include <string>

#include "core/time.hpp"

namespace trackier::cli {

/// option: "--budget", for the error. Throws Error{Code::usage}.
std::chrono::seconds duration_of(const std::string& text, const char* option);

/// A moment in RFC 3339, where one was given. option: "--since", for the error. Throws
/// Error{Code::usage}.
std::optional<Time> time_in(const std::optional<std::string>& text, const char* option);

}  // namespace trackier::cli
