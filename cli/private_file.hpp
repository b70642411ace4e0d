#pragma once
/// Files for their owner's eyes.

#include <filesystem>

#include "context.hpp"

namespace trackier::cli {

/// Writes a file that appears whole, 0600. Throws what os::ReplaceFile throws.
void write_private_file(Context& context, const std::filesystem::path& path, Bytes bytes,
                        bool replace);

}  // namespace trackier::cli
