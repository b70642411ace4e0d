#pragma once
/// How far a channel has been told what the audit log says. Of interest inside this area only.

#include <cstdint>
#include <filesystem>
#include <optional>

#include "audit/follow.hpp"
#include "os/file.hpp"

namespace trackier::alert {

struct Cursor {
  std::optional<audit::Place> at_once;       ///< the last record that was looked at for events
  std::optional<audit::Place> digest;        ///< the last one that a digest listed
  std::optional<std::uint64_t> damage_told;  ///< after which record the log was told to be broken

  friend bool operator==(const Cursor&, const Cursor&) = default;
};

/// None: there is no file yet. Throws Error{Code::data} for what is no cursor.
std::optional<Cursor> read_cursor(os::FileSystem& files, const std::filesystem::path& path);

/// In place of what is there, durable when it returns.
void write_cursor(os::FileSystem& files, const std::filesystem::path& path, const Cursor& cursor);

}  // namespace trackier::alert
