// The command that prints what to install so that backups are taken.
#include <fmt/format.h>

#include "backup/schedule_text.hpp"
#include "backup_sources.hpp"
#include "commands.hpp"
#include "core/text.hpp"
#include "os/file.hpp"
#include "os/replace_file.hpp"

namespace trackier::cli {
namespace {

struct Options {
  std::vector<std::string> sources;
  std::optional<std::string> user;
  std::optional<std::string> program;
  std::optional<std::string> directory;
  bool force = false;
};

backup::ScheduleOptions schedule_options(Context& context, const Options& options) {
  std::error_code error;
  backup::ScheduleOptions made{
      .program = options.program ? std::filesystem::path{*options.program}
                                 : std::filesystem::read_symlink("/proc/self/exe", error),
      .user = options.user,
      .host = host_name()};
  const config::Settings& settings = context.settings();
  if (!settings.file.empty()) {
    made.config = std::filesystem::absolute(settings.file);
  }
  made.writable = {store_path(context, {}), context.environment().state_directory()};
  return made;
}

std::vector<backup::ScheduledSource> scheduled(Context& context, const Options& options) {
  std::vector<backup::ScheduledSource> made;
  for (const auto& source : sources_named(context, options.sources)) {
    const bool server = source.kind == config::Source::Kind::postgres;
    made.push_back({.name = source.name, .period = source.every, .server = server});
    if (!server) {
      // SQLite makes the index of a write-ahead log beside the database.
      made.back().writable.push_back(std::filesystem::path{source.path}.parent_path());
    }
  }
  return made;
}

void add_options(Command& command, const std::shared_ptr<Options>& options) {
  command.positionals("SOURCE", options->sources, "names from the settings; all without any");
  command.option("--user", options->user, "NAME", "whom backups run as");
  command.option("--program", options->program, "FILE", "the program; otherwise this one")
      .offers(Offer::files);
}

Command make_cron() {
  auto options = std::make_shared<Options>();
  Command command{"cron", "print lines for cron"};
  command.about("With --user a file for /etc/cron.d, without it lines for crontab -e.");
  add_options(command, options);
  command.example("trackier-ctl schedule cron --user backup > /etc/cron.d/trackier-ctl");
  command.run([options](Context& context) {
    context.out().result(
        backup::crontab(scheduled(context, *options), schedule_options(context, *options)));
    return 0;
  });
  return command;
}

Command make_systemd() {
  auto options = std::make_shared<Options>();
  Command command{"systemd", "print hardened units for systemd"};
  command.about(
      "A service and a timer for each source, one after another; with --out-dir as files to\n"
      "be copied to /etc/systemd/system.");
  add_options(command, options);
  command.option("--out-dir", options->directory, "DIR", "write the units as files into DIR")
      .offers(Offer::directories);
  command.flag("--force", options->force, "replace units that are there");
  command.example("trackier-ctl schedule systemd --user backup --out-dir /etc/systemd/system");
  command.run([options](Context& context) {
    const auto units =
        backup::systemd_units(scheduled(context, *options), schedule_options(context, *options));
    constexpr unsigned readable = 0644;
    for (const auto& unit : units) {
      if (options->directory) {
        os::ReplaceFile file{context.files(),
                             std::filesystem::path{*options->directory} / unit.name,
                             {.replace = options->force, .mode = readable}};
        file.write(as_bytes(unit.text));
        file.finish();
      } else {
        context.out().result(fmt::format("# {}\n{}\n", unit.name, unit.text));
      }
    }
    return 0;
  });
  return command;
}

}  // namespace

Command schedule() {
  Command command{"schedule", "print what to install so that backups are taken"};
  command.about(
      "Nothing is installed. Both start trackier-ctl backup --if-due, which does nothing when\n"
      "the slot has its backup: what was missed is made up for, and nothing is done twice.");
  command.add(make_cron());
  command.add(make_systemd());
  return command;
}

}  // namespace trackier::cli
