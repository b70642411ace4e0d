#include "backup/schedule_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string_view>

#include "backup/schedule_words.hpp"
#include "backup/slots.hpp"

// Cron; schedule_units.cpp is for systemd.
namespace trackier::backup {
namespace {

using std::chrono::minutes;

/// MAX_COMMAND of Vixie cron, from which Debian's is made, without its final zero.
constexpr std::size_t longest_command = 999;

/// A word for the shell that cron hands on unchanged. Cron ends the command at a "%" without a
/// backslash, and not every cron takes the backslash away again; outside quotes the shell does.
std::string cron_word(std::string_view text) {
  if (text.find('\\') != std::string_view::npos) {
    throw refused("cron programs disagree about backslashes", text, "use systemd, or rename it");
  }
  if (is_plain(text)) {
    return std::string{text};
  }
  std::string word;
  bool in_quotes = false;
  for (const char each : text) {
    const bool bare = each == '%' || each == '\'';
    if (bare == in_quotes) {
      word += '\'';
      in_quotes = !in_quotes;
    }
    word += bare ? std::string{'\\', each} : std::string{each};
  }
  return in_quotes ? word + '\'' : word;
}

std::string cron_command(const ScheduledSource& source, const ScheduleOptions& options) {
  std::string line;
  for (const std::string& word : backup_command(source, options)) {
    line += (line.empty() ? "" : " ") + cron_word(word);
  }
  return line;
}

/// FNV-1a, 64 bits: the same everywhere and for ever, which std::hash is not.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char each : text) {
    hash = (hash ^ static_cast<unsigned char>(each)) * 0x100000001b3;
  }
  return hash;
}

/// Every how many minutes cron starts a source: a part of an hour, so that no line names an hour
/// (slots are in UTC, cron's hours are local), and of the period, and of half of it wherever that
/// goes. Then one start lies in the first half of every slot, also where local time is half an hour
/// or 45 minutes off UTC, and the next makes up for one that failed.
unsigned cron_step(minutes period) {
  const auto whole = static_cast<unsigned>(period.count());
  const unsigned step = std::gcd(whole, 60U);
  return 2 * step > whole && step % 2 == 0 ? step / 2 : step;
}

std::string cron_minutes(const ScheduledSource& source, const std::string& host) {
  const unsigned step = cron_step(source.period);
  // Early enough that the backup is taken in the first half, never at minute 0, when everybody else
  // starts.
  const bool is_half = 2 * step <= static_cast<unsigned>(source.period.count());
  const unsigned choices = std::max(1U, is_half ? step * 2 / 3 : step / 3);
  const auto first =
      1 + static_cast<unsigned>(hash_of(host + '\n' + source.name) % std::uint64_t{choices});
  std::string list;
  for (unsigned minute = first; minute < 60; minute += step) {
    list += fmt::format("{}{}", list.empty() ? "" : ",", minute);
  }
  return list;
}

constexpr std::string_view cron_d_head =
    R"(# Backups by trackier-ctl. Install with
#   trackier-ctl schedule cron > /etc/cron.d/trackier-ctl
# A file there whose name has a dot in it is not read.
)";
constexpr std::string_view crontab_head =
    R"(# Backups by trackier-ctl. Add these lines with crontab -e; "crontab FILE" would replace all others.
)";
constexpr std::string_view cron_explanation =
    R"(#
# --if-due does nothing when the slot has its backup. So lines start more often than backups are
# due: cron does not make up for the time a machine was off, and the next start does, as it does
# for one that failed. No line names an hour, since slots are in UTC and cron goes by local time.
# Minutes are made from the names of host and source, that not everything starts at once.
)";

}  // namespace

std::string crontab(std::span<const ScheduledSource> sources, const ScheduleOptions& options) {
  check_schedule(sources, options);
  std::string text{options.user ? cron_d_head : crontab_head};
  text += cron_explanation;
  const std::string user = options.user ? *options.user + " " : std::string{};
  for (const ScheduledSource& source : sources) {
    const std::string command = cron_command(source, options);
    const std::string after_boot = "sleep 60; " + command;
    if (after_boot.size() > longest_command) {
      throw refused("the line would be too long for cron", source.name);
    }
    const bool is_short = source.period <= minutes{60};
    text += fmt::format(
        "\n# {}: every {}{}\n{} * * * * {}{}\n", source.name, period_text(source.period),
        is_short ? "; also a minute after the machine started, when databases are up" : "",
        cron_minutes(source, options.host), user, command);
    if (is_short) {
      text += fmt::format("@reboot {}{}\n", user, after_boot);
    }
  }
  return text;
}

}  // namespace trackier::backup
