#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <map>
#include <numeric>
#include <string_view>

#include "backup/schedule_text.hpp"
#include "backup/schedule_words.hpp"
#include "backup/slots.hpp"

// systemd; schedule_text.cpp is for cron.
namespace trackier::backup {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Path = std::filesystem::path;

constexpr minutes hour{60};
constexpr minutes day{24 * 60};

constexpr std::size_t longest_unit_name = 255;  // systemd.unit(5)

/// A word of a unit file: systemd.service(5), COMMAND LINES, and systemd.unit(5), SPECIFIERS.
std::string unit_word(std::string_view text) {
  if (is_plain(text)) {
    return std::string{text};
  }
  std::string word = "\"";
  for (const char each : text) {
    if (each == '"' || each == '\\') {
      word += '\\';
    } else if (each == '%') {
      word += '%';
    }
    word += each;
  }
  return word + '"';
}

/// An argument in ExecStart=, where variables are filled in as well (not in the program's path).
std::string argument_word(std::string_view text) {
  std::string word = unit_word(text);
  for (std::size_t at = word.find('$'); at != std::string::npos; at = word.find('$', at + 2)) {
    word.insert(at, 1, '$');
  }
  return word;
}

std::string exec_line(const ScheduledSource& source, const ScheduleOptions& options) {
  std::string line;
  for (const std::string& word : backup_command(source, options)) {
    line += line.empty() ? unit_word(word) : " " + argument_word(word);
  }
  return line;
}

std::string path_words(const std::vector<Path>& paths, std::string_view prefix = {}) {
  std::string words;
  for (const Path& path : paths) {
    words += fmt::format("{}{}", words.empty() ? "" : " ",
                         unit_word(fmt::format("{}{}", prefix, path.native())));
  }
  return words;
}

std::string unit_name(const std::string& source, std::string_view suffix) {
  std::string name = "trackier-ctl-backup-";
  for (const char each : source) {
    name += is_among(each, ":_.-") ? std::string{each}
                                   : fmt::format("\\x{:02x}", static_cast<unsigned char>(each));
  }
  name += suffix;
  if (name.size() > longest_unit_name) {
    throw refused("the name is too long for a unit of systemd", source);
  }
  return name;
}

/// In text that is read as a whole: a description.
std::string unit_text(std::string_view text) {
  std::string result;
  for (const char each : text) {
    result += each;
    if (each == '%') {
      result += '%';
    }
  }
  return result;
}

/// When every slot begins: systemd.time(7), CALENDAR EVENTS. Of periods that do not divide a day
/// each day is one, and --if-due does the rest.
std::string calendar_lines(minutes period) {
  if (period >= day) {
    return period == 7 * day ? "OnCalendar=Mon *-*-* 00:00:00 UTC\n"
                             : "OnCalendar=*-*-* 00:00:00 UTC\n";
  }
  // After this many hours, a part of a day, the minutes repeat.
  const auto cycle = std::lcm(period.count(), hour.count()) / hour.count();
  std::map<minutes::rep, std::string> minutes_of;  // by hour within the cycle
  for (minutes begin{0}; begin.count() < cycle * 60; begin += period) {
    std::string& list = minutes_of[begin.count() / 60];
    list += fmt::format("{}{:02}", list.empty() ? "" : ",", begin.count() % 60);
  }
  std::string lines;
  for (const auto& [first, list] : minutes_of) {
    const std::string hours = cycle == 1    ? "*"
                              : cycle == 24 ? fmt::format("{:02}", first)
                                            : fmt::format("{:02}/{}", first, cycle);
    lines += fmt::format("OnCalendar=*-*-* {}:{}:00 UTC\n", hours, list);
  }
  return lines;
}

bool is_root(const ScheduleOptions& options) {
  return !options.user || *options.user == "root";
}

bool is_below(const Path& path, std::initializer_list<std::string_view> directories) {
  const std::string text = path.lexically_normal().native() + "/";
  return std::ranges::any_of(
      directories, [&text](std::string_view directory) { return text.starts_with(directory); });
}

/// Whether a service with its own /tmp would look for `path` in vain.
bool is_in_tmp(const Path& path) {
  return is_below(path, {"/tmp/", "/var/tmp/"});
}

/// What ProtectHome= hides: systemd.exec(5).
bool is_in_home(const Path& path) {
  return is_below(path, {"/home/", "/root/", "/run/user/"});
}

/// Root's passwords and keys may be in /root, where nothing here names them.
bool needs_home(const ScheduleOptions& options) {
  return is_root(options) || is_in_home(options.program) ||
         (options.config && is_in_home(*options.config)) ||
         std::ranges::any_of(options.writable, is_in_home) ||
         std::ranges::any_of(options.readable, is_in_home);
}

std::string files_section(const ScheduleOptions& options) {
  std::vector<Path> readable;
  std::ranges::copy_if(options.readable, std::back_inserter(readable), [&](const Path& path) {
    return std::ranges::find(options.writable, path) == options.writable.end();
  });
  const bool needs_tmp = std::ranges::any_of(options.writable, is_in_tmp) ||
                         std::ranges::any_of(options.readable, is_in_tmp);
  std::string lines =
      fmt::format("# It writes here and nowhere else.\nProtectSystem=strict\nProtectHome={}\n",
                  needs_home(options) ? "read-only" : "yes");
  if (!options.writable.empty()) {
    lines += fmt::format("ReadWritePaths={}\n", path_words(options.writable));
  }
  if (!readable.empty()) {
    lines += fmt::format("ReadOnlyPaths={}\n", path_words(readable, "-"));
  }
  lines += needs_tmp
               ? "# One of these paths is in a directory for temporary files.\nPrivateTmp=no\n"
               : "PrivateTmp=yes\n";
  return lines;
}

std::string powers_section(const ScheduleOptions& options) {
  if (!is_root(options)) {
    return fmt::format(
        "# This user must be able to read the databases; it gets no power to do more, and sees "
        "files of\n"
        "# others as nobody's.\n"
        "User={}\nCapabilityBoundingSet=\nPrivateUsers=yes\n",
        *options.user);
  }
  return "# Of root's powers only that to read what belongs to others, as databases do. It can "
         "write\n"
         "# root's own files alone, so the store and the state have to be root's.\n"
         "CapabilityBoundingSet=CAP_DAC_READ_SEARCH\n";
}

constexpr std::string_view server_network = R"(
# The server is reached by a socket or over the network; nothing else is spoken.
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
)";

constexpr std::string_view no_network = R"(
# A database in a file: it talks to nobody.
PrivateNetwork=yes
RestrictAddressFamilies=none
IPAddressDeny=any
)";

constexpr std::string_view service_rest = R"(NoNewPrivileges=yes
PrivateDevices=yes
PrivateMounts=yes
PrivateIPC=yes
ProtectProc=invisible
# Which start of the host this is, is told by /proc/sys/kernel/random/boot_id.
ProcSubset=all
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
# What is asked for nevertheless, as another owner of a file, is refused and ends nothing.
SystemCallErrorNumber=EPERM
UMask=0077
# No core dump that could hold a key.
LimitCORE=0

# It gives way to whatever else the machine does.
Nice=10
IOSchedulingClass=idle
)";

std::string service_text(const ScheduledSource& source, ScheduleOptions options) {
  options.writable.insert(options.writable.end(), source.writable.begin(), source.writable.end());
  std::string text = fmt::format(
      "# Made by: trackier-ctl schedule systemd\n\n"
      "[Unit]\n"
      "Description=Back up {} with trackier-ctl\n"
      "Documentation=man:trackier-ctl-backup(1) man:trackier-ctl-hardening(7)\n"
      "{}",
      unit_text(source.name),
      source.server ? "Wants=network-online.target\n"
                      "After=network-online.target postgresql.service\n"
                    : "");
  std::vector<Path> mounts = options.writable;
  mounts.insert(mounts.end(), options.readable.begin(), options.readable.end());
  if (!mounts.empty()) {
    text += fmt::format("RequiresMountsFor={}\n", path_words(mounts));
  }
  const seconds period{source.period};
  text += fmt::format(
      "# A run that failed is tried again, twice, each time after an eighth of the period.\n"
      "StartLimitIntervalSec={}\n"
      "StartLimitBurst=3\n\n"
      "[Service]\n"
      "Type=oneshot\n"
      "ExecStart={}\n"
      "# 75: another run holds the lock. That is counted, and shows as a late or missing slot "
      "when\n"
      "# it cost one; by itself it is no failure, and a second attempt would find the same.\n"
      "SuccessExitStatus=75\n"
      "Restart=on-failure\n"
      "RestartSec={}\n"
      "# Wrong settings, damaged data or a missing key do not mend themselves.\n"
      "RestartPreventExitStatus=64 65 70 77 78\n\n",
      (period / 2).count(), exec_line(source, options), (period / 8).count());
  text += powers_section(options) + "\n" + files_section(options);
  text += source.server ? server_network : no_network;
  text += service_rest;
  return text;
}

std::string timer_text(const ScheduledSource& source) {
  const seconds most_delay = std::min(seconds{120}, seconds{source.period} / 10);
  return fmt::format(
      "# Made by: trackier-ctl schedule systemd\n\n"
      "[Unit]\n"
      "Description=Back up {} every {}\n"
      "Documentation=man:trackier-ctl-backup(1)\n\n"
      "[Timer]\n"
      "# Slots are in UTC.\n"
      "{}"
      "# Catch up after the machine was off; --if-due knows whether there is something to catch "
      "up.\n"
      "Persistent=yes\n"
      "# Hosts do not start all at once, and each always after the same delay.\n"
      "RandomizedDelaySec={}\n"
      "FixedRandomDelay=yes\n"
      "AccuracySec=1s\n\n"
      "[Install]\n"
      "WantedBy=timers.target\n",
      unit_text(source.name), period_text(source.period), calendar_lines(source.period),
      most_delay.count());
}

}  // namespace

std::vector<UnitFile> systemd_units(std::span<const ScheduledSource> sources,
                                    const ScheduleOptions& options) {
  check_schedule(sources, options);
  std::vector<UnitFile> units;
  for (const ScheduledSource& source : sources) {
    units.push_back({unit_name(source.name, ".service"), service_text(source, options)});
    units.push_back({unit_name(source.name, ".timer"), timer_text(source)});
  }
  return units;
}

}  // namespace trackier::backup
