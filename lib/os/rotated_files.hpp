#pragma once
/// The files that rotation made of a log, told by their names.

#include <filesystem>
#include <string>
#include <vector>

#include "os/file.hpp"

namespace trackier::os {

struct RotatedFile {
  std::filesystem::path path;
  std::string suffix;  ///< what tells its age
  FileStatus status;
  bool compressed = false;  ///< by its name, .gz or .zst
};

/// What is beside `log` as log.N, log-DATE or log.DATE; of a symbolic link what is named as the
/// file it leads to but for the digits, that file included. Oldest first; what is there plain and
/// compressed is the plain one.
std::vector<RotatedFile> rotated_files(FileSystem& files, const std::filesystem::path& log);

}  // namespace trackier::os
