#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "core/error.hpp"
#include "core/text.hpp"
#include "os/file.hpp"
#include "os/program.hpp"
#include "postgres/logical_dump.hpp"
#include "postgres/tool_run.hpp"

namespace trackier::postgres {
namespace {

constexpr std::size_t most_contents = 256 * 1024 * 1024;  // a line for each object

/// Tables, views and sequences of people, not those that extensions brought.
constexpr const char* user_tables =
    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p', 'f', 'm', 'v', 'S') "
    "AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
    "AND n.nspname !~ '^pg_(toast|temp)' "
    "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass "
    "AND d.objid = c.oid AND d.deptype = 'e')";

void check_archive(const std::filesystem::path& path) {
  const auto status = os::posix().status(path);
  if (!status || status->kind != os::FileStatus::Kind::regular) {
    throw Error{Code::no_input,
                fmt::format("there is no regular file {}", printable(path.native()))};
  }
}

/// A line of the contents without the two numbers in front: "3351; 1259 16385 TABLE public t owner"
/// -> "TABLE public t owner"; empty for a comment, which begins with a semicolon.
std::string_view entry_in(std::string_view line) {
  if (line.empty() || line.front() == ';') {
    return {};
  }
  for (int number = 0; number < 3; ++number) {
    const std::size_t space = line.find(' ');
    line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  }
  return line;
}

Restored count_entries(std::string_view contents) {
  Restored counts;
  while (!contents.empty()) {
    const std::size_t end = std::min(contents.find('\n'), contents.size());
    const std::string_view entry = entry_in(contents.substr(0, end));
    if (!entry.empty()) {
      ++counts.entries;
    }
    if (entry.starts_with("TABLE DATA ")) {
      ++counts.filled_tables;
    } else if (entry.starts_with("TABLE ") && !entry.starts_with("TABLE ATTACH ")) {
      ++counts.tables;
    }
    contents.remove_prefix(std::min(end + 1, contents.size()));
  }
  return counts;
}

Restored contents_of(const Tool& tool, const RestoreOptions& options) {
  const os::Printed listed = os::run_program(
      tool_program(tool, options.target, {"--list", "--", options.archive.native()}),
      most_contents);
  if (!listed.ended.well()) {
    throw Error{Code::data, fmt::format("{} is no dump: {}", printable(options.archive.native()),
                                        listed.ended.last_line())};
  }
  return count_entries(listed.output);
}

}  // namespace

Restored restore_logical(const RestoreOptions& options) {
  check_archive(options.archive);
  Connection connection{options.target.connection};
  const Tool tool = find_tool("pg_restore", connection.server_major(), options.target.tools);
  const Restored restored = contents_of(tool, options);
  if (!options.create && options.require_empty && connection.value(user_tables) != "0") {
    throw Error{Code::cannot_create,
                fmt::format("the database {} has tables in it", printable(connection.database())),
                "restore into a database that is new or empty"};
  }
  std::vector<std::string> arguments{"--exit-on-error", "--no-password",
                                     "--dbname=" + connection.conninfo()};
  if (options.create) {
    arguments.emplace_back("--create");
  }
  if (options.jobs > 1) {
    arguments.push_back(fmt::format("--jobs={}", options.jobs));
  }
  arguments.emplace_back("--");
  arguments.push_back(options.archive.native());
  const os::Printed printed =
      os::run_program(tool_program(tool, options.target, std::move(arguments)), most_contents);
  expect_success(tool, printed.ended);
  return restored;
}

}  // namespace trackier::postgres
