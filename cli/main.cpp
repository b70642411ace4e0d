// From the process to a command and back: the one place where errors become words and exit
// statuses.
#include <fmt/format.h>
#include <sys/resource.h>

#include <exception>
#include <new>
#include <vector>

#include "audit_trail.hpp"
#include "commands.hpp"
#include "context.hpp"
#include "core/text.hpp"
#include "help_text.hpp"
#include "os/terminal.hpp"

namespace trackier::cli {
namespace {

/// Keys are in memory during a run: no core file is to hold them.
void forbid_core_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_CORE, &limit) == 0) {
    limit.rlim_cur = 0;
    setrlimit(RLIMIT_CORE, &limit);
  }
}

int run_command(const Parsed& parsed, Context& context) {
  const CommandPath& path = parsed.path;
  if (context.common().version) {
    context.out().result("trackier-ctl " TRACKIER_VERSION "\n");
    return 0;
  }
  if (context.common().help || context.common().brief_help) {
    context.out().result(context.common().help ? full_help(path) : brief_help(path));
    return 0;
  }
  if (!path.back()->action()) {
    write_error_stream(brief_help(path));
    return static_cast<int>(Code::usage);
  }
  return run_recorded(parsed, context);
}

/// Runs what the arguments ask for. A signal or a closed pipe is told by the return value as the
/// negative number of the signal to die of.
int run(std::vector<std::string> arguments) {
  const Environment environment = Environment::of_process();
  os::Interrupt interrupt;
  const bool terminal = os::is_terminal(os::Stream::error);
  Progress progress{false};
  CommonOptions common;
  Output before{{.colour = terminal && !environment.no_color, .attended = terminal}, progress};
  const Command all = program();
  const auto failed = [&](const Error& error) {
    before.error(error);
    return static_cast<int>(error.code());
  };
  try {
    const Parsed parsed = parse(all, common, std::move(arguments));
    Progress drawn{terminal && !common.quiet};
    interrupt.on_inquiry([&drawn] { drawn.answer(); });
    Output out{{.quiet = common.quiet,
                .verbose = common.verbose,
                .colour = terminal && !environment.no_color,
                .attended = terminal},
               drawn};
    Context context{{.program = all,
                     .common = common,
                     .environment = environment,
                     .files = os::posix(),
                     .interrupt = interrupt,
                     .out = out,
                     .progress = drawn}};
    const int status = run_command(parsed, context);
    drawn.clear();
    interrupt.on_inquiry({});
    if (const auto signal = interrupt.signal()) {
      return -*signal;
    }
    out.finish();
    return status;
  } catch (const os::BrokenPipe&) {
    return -SIGPIPE;
  } catch (const Error& error) {
    if (const auto signal = interrupt.signal()) {
      return -*signal;
    }
    return failed(error);
  } catch (const std::bad_alloc&) {
    return failed(Error{Code::io, "no memory left"});
  } catch (const std::exception& error) {
    return failed(Error{Code::bug, fmt::format("unexpected: {}", printable(error.what())),
                        "this is a mistake of the program; please report it"});
  }
}

}  // namespace
}  // namespace trackier::cli

int main(int argc, char** argv) {
  try {
    trackier::os::occupy_standard_descriptors();
    trackier::cli::forbid_core_files();
    const int status =
        trackier::cli::run(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
    if (status < 0) {
      trackier::os::die_of(-status);
    }
    return status;
  } catch (const std::exception& error) {
    trackier::cli::write_error_stream(fmt::format("trackier-ctl: error: {}\n", error.what()));
    return static_cast<int>(trackier::Code::bug);
  }
}
