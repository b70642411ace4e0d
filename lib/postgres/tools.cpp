#include "postgres/tools.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/error.hpp"
#include "core/text.hpp"
#include "os/file.hpp"
#include "os/program.hpp"
#include "os/signals.hpp"

namespace trackier::postgres {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_version_bytes = 1000;

/// Debian has these in the package of the server, the others in that of the client.
constexpr std::array<std::string_view, 10> server_tools{
    "initdb", "oid2name",  "pg_archivecleanup", "pg_checksums", "pg_controldata",
    "pg_ctl", "pg_rewind", "pg_waldump",        "pgbench",      "postgres"};

/// The number a text begins with; none when there is no such.
std::optional<int> leading_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end != text.data() ? std::optional{number} : std::nullopt;
}

/// Version directories under lib/postgresql, from `major` on.
std::vector<int> installed_majors(const fs::path& directory, int major) {
  std::vector<int> majors{major};
  const auto status = os::posix().status(directory);
  if (status && status->kind == os::FileStatus::Kind::directory) {
    for (const fs::path& entry : os::posix().list(directory)) {
      const std::optional<int> found = leading_number(entry.native());
      if (found && *found > major && std::to_string(*found) == entry.native()) {
        majors.push_back(*found);
      }
    }
  }
  std::ranges::sort(majors);
  return majors;
}

std::vector<fs::path> directories(const ToolSearch& search, int major) {
  if (!search.directory.empty()) {
    return {search.directory};
  }
  std::vector<fs::path> found;
  for (const int each : installed_majors(search.usr / "lib/postgresql", major)) {
    found.push_back(search.usr / "lib/postgresql" / std::to_string(each) / "bin");
  }
  found.push_back(search.usr / fmt::format("pgsql-{}/bin", major));
  for (const fs::path& each : search.path) {
    if (each.is_absolute()) {  // what "." has is anybody's
      found.push_back(each);
    }
  }
  return found;
}

/// "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)" -> "15.18"; empty for anything else.
std::string version_in(std::string_view output) {
  constexpr std::string_view before = "(PostgreSQL) ";
  const std::size_t at = output.find(before);
  if (at == std::string_view::npos) {
    return {};
  }
  const std::string_view rest = output.substr(at + before.size());
  return std::string{rest.substr(0, rest.find_first_of(" \n"))};
}

/// None for what is no such program, or does not run.
std::optional<Tool> look_at(const fs::path& path) {
  const auto status = os::posix().status(path);
  if (!status || status->kind != os::FileStatus::Kind::regular || (status->mode & 0111U) == 0) {
    return std::nullopt;
  }
  try {
    const os::Printed printed = os::run_program(
        {.program = path,
         .arguments = {"--version"},
         .environment = {"LC_ALL=C", "PATH=/usr/bin:/bin"}},  // Debian's pg_dump is a Perl script
        most_version_bytes);
    const std::string version = version_in(printed.output);
    const std::optional<int> major = leading_number(version);
    if (!printed.ended.well() || !major) {
      return std::nullopt;
    }
    return Tool{.path = path, .version = version, .major = *major};
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error&) {
    return std::nullopt;  // a file of another machine, for instance: as good as none
  }
}

}  // namespace

Tool find_tool(std::string_view name, int server_major, const ToolSearch& search,
               ToolVersion version) {
  std::string others;
  for (const fs::path& directory : directories(search, server_major)) {
    const std::optional<Tool> tool = look_at(directory / name);
    if (tool && (version == ToolVersion::exactly ? tool->major == server_major
                                                 : tool->major >= server_major)) {
      return *tool;
    }
    if (tool) {
      others += fmt::format("{}{} is {}", others.empty() ? "; " : ", ",
                            printable(tool->path.native()), printable(tool->version));
    }
  }
  const bool is_server = std::ranges::find(server_tools, name) != server_tools.end();
  throw Error{Code::unavailable,
              fmt::format("there is no {} {}{}{}{}", name, server_major,
                          version == ToolVersion::exactly ? "" : " or later",
                          search.directory.empty()
                              ? std::string{}
                              : fmt::format(" in {}", printable(search.directory.native())),
                          others),
              fmt::format("apt-get install postgresql-{}{}, or name the directory it is in",
                          is_server ? "" : "client-", server_major)};
}

}  // namespace trackier::postgres
