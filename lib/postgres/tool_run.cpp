#include "postgres/tool_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "core/error.hpp"
#include "core/text.hpp"
#include "postgres/server_error.hpp"

namespace trackier::postgres {
namespace {

constexpr std::size_t most_complaint = 500;

bool is_about_language(std::string_view variable) {
  return variable.starts_with("LC_") || variable.starts_with("LANG=") ||
         variable.starts_with("LANGUAGE=");
}

std::string essential_line(const os::Ended& ended) {
  const std::string_view text = ended.complaints;
  const std::size_t at = text.rfind("error: ");
  if (at == std::string_view::npos) {
    return ended.last_line();
  }
  const std::size_t begin = text.rfind('\n', at) + 1;  // npos + 1 is 0
  return printable(text.substr(begin, text.find('\n', at) - begin), most_complaint);
}

}  // namespace

os::ProgramOptions tool_program(const Tool& tool, const LogicalOptions& options,
                                std::vector<std::string> arguments) {
  os::ProgramOptions program{.program = tool.path, .arguments = std::move(arguments)};
  std::ranges::copy_if(options.environment, std::back_inserter(program.environment),
                       [](const std::string& variable) { return !is_about_language(variable); });
  program.environment.emplace_back("LC_ALL=C");
  return program;
}

void expect_success(const Tool& tool, const os::Ended& ended) {
  if (ended.well()) {
    return;
  }
  const std::string line = essential_line(ended);
  const Code code = code_of_tool(ended.complaints);
  throw Error{code,
              line.empty() ? fmt::format("{} {}", printable(tool.path.native()), ended.manner())
                           : fmt::format("{} ({})", line, ended.manner()),
              code == Code::no_permission
                  ? "GRANT pg_read_all_data TO the role (PostgreSQL 14 and later), and BYPASSRLS "
                    "where tables have policies; large objects are read by their owner or a "
                    "superuser alone, or by who was granted each"
                  : ""};
}

}  // namespace trackier::postgres
