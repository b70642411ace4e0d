#pragma once
/// The generation of a keyring that was used last on this machine, so that an older one is
/// recognised. trackier-keyring(5), ROLLBACK. Of interest inside this area only.

#include <cstdint>
#include <filesystem>

#include "envelope/format.hpp"
#include "os/file.hpp"

namespace trackier::keyring {

/// DIRECTORY/keyring-ID.seen
std::filesystem::path seen_path(const std::filesystem::path& directory, const envelope::FileId& id);

/// 0 when there is no such file. Throws Error{Code::data} when it is damaged.
std::uint64_t read_seen(os::FileSystem& files, const std::filesystem::path& directory,
                        const envelope::FileId& id);

/// In place of the one before, synced.
void write_seen(os::FileSystem& files, const std::filesystem::path& directory,
                const envelope::FileId& id, std::uint64_t generation);

}  // namespace trackier::keyring
