#pragma once
/// A restored data directory of PostgreSQL, made ready to be started without disturbing the
/// cluster it was taken from.

#include <filesystem>
#include <string>
#include <vector>

#include "os/file.hpp"

namespace trackier::backup {

/// Puts tablespaces behind links and turns archiving and replication off. directory: where it is
/// now. place: where it will be. details: of the backup's map. aside: what is appended to the names
/// of tablespaces that are there already and are put aside; empty: they are not. Returns what
/// whoever starts it should know, a line each. Throws Error{Code::data} when details are not those
/// of a cluster.
std::vector<std::string> prepare_data_directory(os::FileSystem& files,
                                                const std::filesystem::path& directory,
                                                const std::filesystem::path& place,
                                                const std::string& details,
                                                const std::string& aside = {});

}  // namespace trackier::backup
