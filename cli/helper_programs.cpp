#include "helper_programs.hpp"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "core/text.hpp"
#include "os/program.hpp"
#include "os/whole_file.hpp"

namespace trackier::cli {
namespace {

constexpr std::size_t most_text = std::size_t{4} << 20U;

std::filesystem::path write_text(Context& context, const std::filesystem::path& path,
                                 const std::string& text) {
  const auto file = context.files().create_exclusive(path, 0600);
  file->write(as_bytes(text));
  return path;
}

/// The program has the terminal until it ends.
void run_in_terminal(const std::string& command_line, const std::filesystem::path& file,
                     char* const* environment) {
  std::string shell = "sh";
  std::string option = "-c";
  std::string script = command_line + " \"$1\"";
  std::string argument = file.native();
  std::array<char*, 6> arguments{shell.data(), option.data(),   script.data(),
                                 shell.data(), argument.data(), nullptr};
  pid_t child = 0;
  const int failed =
      ::posix_spawn(&child, "/bin/sh", nullptr, nullptr, arguments.data(), environment);
  if (failed != 0) {
    throw Error{Code::no_input, fmt::format("the editor: {}", errno_text(failed))};
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw Error{Code::verdict, fmt::format("the editor {} failed", printable(command_line)),
                "the draft is as it was; EDITOR names another"};
  }
}

}  // namespace

PrivateDirectory::PrivateDirectory(const std::filesystem::path& within) {
  std::string name = (within / "trackier-ctl.XXXXXX").native();
  if (::mkdtemp(name.data()) == nullptr) {
    throw Error{Code::cannot_create, fmt::format("no directory can be made in {}: {}",
                                                 printable(within.native()), errno_text(errno))};
  }
  path_ = name;
}

PrivateDirectory::~PrivateDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string edited_by_person(Context& context, const std::string& text, const std::string& name) {
  const PrivateDirectory place{context.environment().temporary};
  const auto file = write_text(context, place.path() / (name + ".md"), text);
  run_in_terminal(context.environment().editor, file, context.environment().variables);
  return os::read_whole(context.files(), file, most_text);
}

std::string difference(Context& context, const NamedText& from, const NamedText& to) {
  constexpr const char* program = "/usr/bin/diff";
  if (!context.files().status(program)) {
    throw Error{Code::unavailable, "diff is not installed", "install the package diffutils"};
  }
  const PrivateDirectory place{context.environment().temporary};
  const auto one = write_text(context, place.path() / "from", from.text);
  const auto other = write_text(context, place.path() / "to", to.text);
  const os::Printed printed =
      os::run_program({.program = program,
                       .arguments = {"-u", "--label", from.name, "--label", to.name, "--",
                                     one.native(), other.native()},
                       .environment = {"LC_ALL=C.UTF-8"},
                       .directory = {}},
                      most_text);
  if (printed.ended.status > 1 || printed.ended.signal != 0) {
    throw Error{Code::io, fmt::format("diff: {}", printed.ended.manner())};
  }
  return printed.output;
}

}  // namespace trackier::cli
