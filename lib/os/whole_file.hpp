#pragma once
/// Small files, read as a whole.

#include <cstddef>
#include <filesystem>
#include <string>

#include "os/file.hpp"

namespace trackier::os {

/// What follows in `file`, up to its end. name: what the error calls it, printable. Throws
/// Error{Code::data} when that is more than `most` bytes.
std::string read_whole(File& file, std::size_t most, const std::string& name);

/// The same of a file by its name. Throws Error{Code::no_input} when there is none.
std::string read_whole(FileSystem& files, const std::filesystem::path& path, std::size_t most);

}  // namespace trackier::os
