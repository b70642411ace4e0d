#include "postgres/cluster_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "core/error.hpp"
#include "core/text.hpp"
#include "os/file.hpp"
#include "os/whole_file.hpp"

namespace trackier::postgres {
namespace {

constexpr std::size_t most_lines = 1000;
constexpr int has_database_collation_version = 150000;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty() && lines.size() < most_lines) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) {
      lines.push_back(printable(text.substr(0, end), 300));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// What it has printed, without the program's name in front of each line.
Judged judged(const Tool& tool, const std::string& command, const os::Printed& printed) {
  require_room_for(printed.ended.well() ? "" : printed.ended.complaints + printed.output);
  Judged made{.command = command, .is_sound = printed.ended.well(), .messages = {}, .checked = 0};
  const std::string prefix = tool.path.filename().native() + ": ";
  for (const std::string& text : {printed.ended.complaints, printed.output}) {
    for (std::string& line : lines_of(text)) {
      if (line.starts_with(prefix)) {
        line.erase(0, prefix.size());
      }
      made.messages.push_back(std::move(line));
    }
  }
  return made;
}

/// The number behind a label, "Files scanned:  970".
std::uint64_t number_after(std::string_view text, std::string_view label) {
  const std::size_t at = text.find(label);
  if (at == std::string_view::npos) {
    return 0;
  }
  text.remove_prefix(at + label.size());
  text.remove_prefix(std::min(text.find_first_of("0123456789"), text.size()));
  std::uint64_t number = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') {
      break;
    }
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return number;
}

/// Files that a manifest names, each on a line of its own.
std::uint64_t files_in_manifest(const std::filesystem::path& path) {
  constexpr std::size_t most_bytes = std::size_t{1} << 30U;
  constexpr std::string_view mark = "\"Last-Modified\":";
  const std::string text = os::read_whole(os::posix(), path, most_bytes);
  std::uint64_t count = 0;
  for (std::size_t at = text.find(mark); at != std::string::npos;
       at = text.find(mark, at + mark.size())) {
    ++count;
  }
  return count;
}

}  // namespace

Judged verify_backup(const ScratchOptions& options) {
  const Tool tool = find_cluster_tool("pg_verifybackup", options.data, options.tools);
  Judged made = judged(tool, fmt::format("pg_verifybackup {}", tool.version),
                       run_cluster_tool(tool, options, {options.data.native()}));
  made.checked = files_in_manifest(options.data / "backup_manifest");
  return made;
}

Judged check_relations(const ScratchServer& server, unsigned jobs) {
  const ScratchOptions& options = server.options();
  const Tool tool = find_cluster_tool("pg_amcheck", options.data, options.tools);
  Connection connection{{.conninfo = server.conninfo("template1")}};
  if (connection.value("SELECT count(*) FROM pg_available_extensions WHERE name = 'amcheck'") ==
      "0") {
    throw Error{Code::unavailable, "the extension amcheck is not installed",
                "it comes with postgresql-contrib"};
  }
  constexpr const char* relations =
      "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'm', 't') "
      "OR relkind = 'i' AND relam = (SELECT oid FROM pg_am WHERE amname = 'btree')";
  std::uint64_t count = 0;
  for (const std::string& database : databases_of(connection)) {
    Connection each{{.conninfo = server.conninfo(database)}};
    count += std::stoull(each.value(relations));
  }
  Judged made = judged(
      tool, fmt::format("pg_amcheck {} --all --heapallindexed", tool.version),
      run_cluster_tool(tool, options,
                       {"--all", "--install-missing", "--heapallindexed", "--no-password",
                        fmt::format("--jobs={}", jobs), "--host=" + options.directory.native(),
                        "--port=5432", "--username=" + options.superuser}));
  made.checked = count;
  return made;
}

Judged check_checksums(const ScratchOptions& options) {
  const Tool tool = find_cluster_tool("pg_checksums", options.data, options.tools);
  const os::Printed printed =
      run_cluster_tool(tool, options, {"--check", "--pgdata=" + options.data.native()});
  if (printed.ended.complaints.find("data checksums are not enabled") != std::string::npos) {
    throw Error{Code::unavailable, "the cluster has no checksums",
                "pg_checksums --enable turns them on"};
  }
  Judged made = judged(tool, fmt::format("pg_checksums {} --check", tool.version), printed);
  made.checked = number_after(printed.output, "Blocks scanned:");
  if (made.is_sound) {
    made.messages.clear();
  }
  return made;
}

Collations collations_of(const ScratchServer& server) {
  Connection connection{{.conninfo = server.conninfo("template1")}};
  Collations made;
  if (connection.server_version() >= has_database_collation_version) {
    for (const Row& row : connection.query(
             "SELECT datname, datcollversion, pg_database_collation_actual_version(oid)"
             " FROM pg_database WHERE datcollversion IS DISTINCT FROM"
             " pg_database_collation_actual_version(oid) AND datallowconn")) {
      made.differing.push_back({.name = "database " + row[0].value_or(""),
                                .recorded = row[1].value_or("none"),
                                .actual = row[2].value_or("none")});
    }
  }
  for (const std::string& database : databases_of(connection)) {
    ++made.databases;
    Connection each{{.conninfo = server.conninfo(database)}};
    for (const Row& row : each.query(
             "SELECT collnamespace::regnamespace || '.' || quote_ident(collname), collversion,"
             " pg_collation_actual_version(oid) FROM pg_collation WHERE collversion IS"
             " DISTINCT FROM pg_collation_actual_version(oid)"
             " AND collnamespace <> 'pg_catalog'::regnamespace")) {
      made.differing.push_back(
          {.name = fmt::format("collation {} of {}", row[0].value_or(""), database),
           .recorded = row[1].value_or("none"),
           .actual = row[2].value_or("none")});
    }
  }
  return made;
}

std::map<std::string, std::string> facts_of(Connection& connection) {
  std::map<std::string, std::string> facts{
      {"PostgreSQL", connection.parameter_status("server_version").value_or("")}};
  for (const Row& row : connection.query(
           "SELECT CASE collprovider WHEN 'i' THEN 'ICU collations' ELSE 'libc collations' END,"
           " max(pg_collation_actual_version(oid)) FROM pg_collation"
           " WHERE collprovider IN ('c', 'i') AND collencoding IN (-1, 6) GROUP BY 1")) {
    if (row[1]) {
      facts[row[0].value_or("")] = *row[1];
    }
  }
  return facts;
}

std::vector<std::string> databases_of(Connection& connection) {
  std::vector<std::string> names;
  for (const Row& row : connection.query(
           "SELECT datname FROM pg_database WHERE datallowconn AND datname <> 'template0'"
           " ORDER BY datname COLLATE \"C\"")) {
    names.push_back(row[0].value_or(""));
  }
  return names;
}

}  // namespace trackier::postgres
