#pragma once
/// A dump into a scratch server, with the roles it was taken with.

#include <filesystem>
#include <string>

#include "postgres/scratch_server.hpp"

namespace trackier::postgres {

struct ScratchRestore {
  std::filesystem::path globals;  ///< what pg_dumpall has written
  std::filesystem::path dump;     ///< what pg_dump has written
  std::string database;           ///< of which
  int jobs = 1;
};

/// Makes the roles, then the database under its own name, in place of one that a new cluster has.
/// Tablespaces come to lie inside the cluster. Throws Error{Code::verdict} that names what cannot
/// be restored, Error{Code::unavailable} when a tool, or an extension the dump needs, is not
/// installed here, Error{Code::io} when there is no room.
void restore_into(const ScratchServer& server, const ScratchRestore& restore);

}  // namespace trackier::postgres
