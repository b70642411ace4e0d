#include "postgres/scratch_restore.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/text.hpp"
#include "os/file.hpp"
#include "os/whole_file.hpp"
#include "postgres/connection.hpp"

namespace trackier::postgres {
namespace {

constexpr int has_tablespaces_in_place = 15;

/// What pg_dumpall writes, a statement a line, for another place: the superuser is there, and
/// tablespaces must not be where they were.
std::string for_scratch(std::string_view globals, const std::string& superuser, int major) {
  constexpr std::string_view tablespace = "CREATE TABLESPACE ";
  constexpr std::string_view location = " LOCATION '";
  std::string made;
  while (!globals.empty()) {
    const std::size_t end = std::min(globals.find('\n'), globals.size() - 1) + 1;
    const std::string_view line = globals.substr(0, end);
    globals.remove_prefix(end);
    const bool is_superuser = line == fmt::format("CREATE ROLE {};\n", superuser) ||
                              line == fmt::format("CREATE ROLE \"{}\";\n", superuser);
    if (is_superuser || line.starts_with("\\restrict") || line.starts_with("\\unrestrict")) {
      continue;
    }
    if (!line.starts_with(tablespace)) {
      made += line;
    } else if (major >= has_tablespaces_in_place) {
      made += line.substr(0, line.rfind(location));
      made += " LOCATION '';\n";
    }
  }
  return made;
}

bool is_missing_here(std::string_view said) {
  return said.find("extension \"") != std::string_view::npos &&
         said.find("is not available") != std::string_view::npos;
}

/// What pg_restore or psql says went wrong, and the beginning of the definition it was at; details
/// and context, which quote rows, are left out.
std::string essence_of(std::string_view complaints) {
  constexpr std::size_t most = 300;
  constexpr std::size_t most_of_command = 80;
  const auto after = [&](std::string_view mark) {
    const std::size_t at = complaints.find(mark);
    if (at == std::string_view::npos) {
      return std::string_view{};
    }
    return complaints.substr(at + mark.size(), complaints.find('\n', at) - at - mark.size());
  };
  const std::string_view error = after("error: ");
  std::string made = printable(error.empty() ? after("ERROR:  ") : error, most);
  const std::string_view command = after("Command was: ");
  if (command.starts_with("CREATE ") || command.starts_with("ALTER ")) {
    made += fmt::format(" ({})", printable(command, most_of_command));
  }
  return made;
}

/// A new cluster has two databases of its own, and the dump may be of one so named.
void make_way(const std::string& database, const std::string& maintenance) {
  Connection connection{{.conninfo = maintenance}};
  if (database == "template1") {
    connection.execute("ALTER DATABASE template1 IS_TEMPLATE false");
  }
  if (database == "postgres" || database == "template1") {
    connection.execute("DROP DATABASE " + database);
  }
}

void run(const ScratchServer& server, std::string_view name, std::vector<std::string> arguments) {
  const ScratchOptions& options = server.options();
  const Tool tool = find_cluster_tool(name, options.data, options.tools);
  const os::Printed printed = run_cluster_tool(tool, options, std::move(arguments));
  if (printed.ended.well()) {
    return;
  }
  const std::string& said = printed.ended.complaints;
  require_room_for(said);
  if (is_missing_here(said)) {
    throw Error{Code::unavailable, essence_of(said), "install the extension on this host"};
  }
  std::string essence = essence_of(said);
  throw Error{Code::verdict,
              fmt::format("{}: {}", name, essence.empty() ? printed.ended.manner() : essence)};
}

}  // namespace

void restore_into(const ScratchServer& server, const ScratchRestore& restore) {
  constexpr std::size_t most_globals = std::size_t{64} << 20U;
  const ScratchOptions& options = server.options();
  const auto path = options.directory / "globals.sql";
  {
    const std::string text = for_scratch(os::read_whole(os::posix(), restore.globals, most_globals),
                                         options.superuser, major_of(options.data));
    os::posix().remove(path);
    const auto file = os::posix().create_exclusive(path, 0600);
    if (!file) {
      throw Error{Code::cannot_create, fmt::format("{} exists", printable(path.native()))};
    }
    file->write(as_bytes(text));
    if (options.account) {
      file->set_owner(options.account->uid, options.account->gid);
    }
  }
  const std::string maintenance =
      server.conninfo(restore.database == "postgres" ? "template1" : "postgres");
  make_way(restore.database, maintenance);
  run(server, "psql",
      {"--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1",
       "--dbname=" + maintenance, "--file=" + path.native()});
  std::vector<std::string> arguments{"--exit-on-error", "--no-password", "--create",
                                     "--dbname=" + maintenance};
  if (restore.jobs > 1) {
    arguments.push_back(fmt::format("--jobs={}", restore.jobs));
  }
  arguments.push_back(restore.dump.native());
  run(server, "pg_restore", std::move(arguments));
}

}  // namespace trackier::postgres
