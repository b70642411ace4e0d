#pragma once
/// Locks of other runs, waited for.

#include <chrono>
#include <filesystem>
#include <memory>
#include <stop_token>

#include "os/file.hpp"

namespace trackier::os {

/// Holds the lock file until what is returned is destroyed; made, with `mode`, when it is not
/// there. None when another run has it for longer than `patience`, or `stop` asks for the end
/// meanwhile.
std::unique_ptr<File> lock_with_patience(FileSystem& files, const std::filesystem::path& path,
                                         unsigned mode, std::chrono::milliseconds patience,
                                         const std::stop_token& stop);

}  // namespace trackier::os
