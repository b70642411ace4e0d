#pragma once
/// The programs that come with PostgreSQL, found by the version they are needed for.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace trackier::postgres {

struct ToolSearch {
  std::filesystem::path directory;          ///< look here alone, e.g. /opt/postgresql/bin
  std::vector<std::filesystem::path> path;  ///< the directories of PATH; looked at last
  std::filesystem::path usr = "/usr";       ///< where distributions install: Debian's
                                            ///< lib/postgresql/15/bin, the pgsql-15/bin of the PGDG
};

enum class ToolVersion : bool {
  at_least,  ///< clients: pg_dump reads servers older than itself, never newer ones
  exactly,   ///< what works on a data directory: postgres, initdb, pg_controldata
};

struct Tool {
  std::filesystem::path path;
  std::string version;  ///< "15.18"
  int major = 0;
};

/// The tool `name` for a server of version `server_major`; the nearest version where several fit.
/// Each candidate is asked for its --version. Throws Error{Code::unavailable} when there is none.
Tool find_tool(std::string_view name, int server_major, const ToolSearch& search,
               ToolVersion version = ToolVersion::at_least);

}  // namespace trackier::postgres
