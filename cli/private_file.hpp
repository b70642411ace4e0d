#pragma once
/// Files for their owner's eyes.

#include <filesystem>
#include <vector>

#include "context.hpp"

namespace trackier::cli {

struct PrivateFileOptions {
  bool replace = false;
  std::vector<std::filesystem::path> inputs;  ///< what was read: never replaced
};

/// Writes a file that appears whole, 0600. Throws Error{Code::cannot_create} when it would replace
/// an input or a keyring, and what os::ReplaceFile throws.
void write_private_file(Context& context, const std::filesystem::path& path, Bytes bytes,
                        const PrivateFileOptions& options);

/// Throws Error{Code::cannot_create} when the file is there and is a keyring: nothing but the
/// keyring's own verbs replaces one, whatever is forced.
void refuse_keyring(Context& context, const std::filesystem::path& path);

}  // namespace trackier::cli
