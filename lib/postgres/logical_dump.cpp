#include "postgres/logical_dump.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "core/error.hpp"
#include "core/text.hpp"
#include "os/program.hpp"
#include "postgres/tool_run.hpp"

namespace trackier::postgres {
namespace {

constexpr std::string_view magic = "PGDMP";
constexpr std::size_t most_globals = 64 * 1024 * 1024;

}  // namespace

LogicalDump::LogicalDump(const LogicalOptions& options)
    : connection_(options.connection),
      tool_(find_tool("pg_dump", connection_.server_major(), options.tools)) {
  connection_.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  const std::string snapshot = connection_.value("SELECT pg_export_snapshot()");
  program_ = std::make_unique<os::RunningProgram>(
      tool_program(tool_, options,
                   {"--format=custom", "--compress=0", "--no-password", "--lock-wait-timeout=60s",
                    "--snapshot=" + snapshot, "--dbname=" + connection_.conninfo()}));
}

LogicalDump::~LogicalDump() = default;

std::size_t LogicalDump::read(MutBytes into) {
  const std::size_t count = program_->output().read(into);
  for (const char letter : as_text(into.first(count)).substr(0, magic_bytes)) {
    if (begin_size_ < begin_.size()) {
      begin_.at(begin_size_++) = letter;
    }
  }
  ended_ = ended_ || count == 0;
  return count;
}

void LogicalDump::expect_whole() {
  if (!ended_) {
    throw Error{Code::bug, "a dump was to be finished before its end"};
  }
  if (is_whole_) {
    return;
  }
  expect_success(tool_, program_->finish());
  if (std::string_view{begin_.data(), begin_size_} != magic) {
    throw Error{Code::unavailable,
                fmt::format("what {} has written is no dump", printable(tool_.path.native()))};
  }
  is_whole_ = true;
}

void LogicalDump::finish() {
  expect_whole();
  connection_.execute("COMMIT");
}

std::string dump_globals(const LogicalOptions& options) {
  const Connection connection{options.connection};
  const Tool tool = find_tool("pg_dumpall", connection.server_major(), options.tools);
  const os::Printed printed = os::run_program(
      tool_program(tool, options,
                   {"--globals-only", "--no-role-passwords", "--no-password",
                    "--database=" + connection.database(), "--dbname=" + connection.conninfo()}),
      most_globals);
  expect_success(tool, printed.ended);
  // Its last line, which it does not get to when it fails.
  if (printed.output.find("PostgreSQL database cluster dump complete") == std::string::npos) {
    throw Error{Code::unavailable,
                fmt::format("what {} has written is cut short", printable(tool.path.native()))};
  }
  return printed.output;
}

}  // namespace trackier::postgres
