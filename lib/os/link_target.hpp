#pragma once
/// Where a symbolic link leads.

#include <filesystem>

namespace trackier::os {

/// The path without any link in it, be the last name there or not; as it is when it cannot be
/// looked up.
std::filesystem::path link_target(const std::filesystem::path& path);

}  // namespace trackier::os
