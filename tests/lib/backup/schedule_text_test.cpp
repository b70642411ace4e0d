#include "backup/schedule_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "backup/slots.hpp"
#include "support/errors.hpp"

namespace trackier::backup {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using test::contains;
using test::error_of;

const ScheduleOptions plain{.program = "/usr/bin/trackier-ctl"};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  REQUIRE((text.empty() || text.back() == '\n'));
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string cron(const ScheduledSource& source, const ScheduleOptions& options = plain) {
  return crontab(std::array{source}, options);
}

/// The lines that are no comment.
std::vector<std::string> cron_lines(const ScheduledSource& source,
                                    const ScheduleOptions& options = plain) {
  std::vector<std::string> lines = lines_of(cron(source, options));
  std::erase_if(lines, [](const std::string& line) { return line.empty() || line[0] == '#'; });
  return lines;
}

std::vector<int> cron_minutes(const ScheduledSource& source,
                              const ScheduleOptions& options = plain) {
  std::string list = cron_lines(source, options).at(0);
  REQUIRE(contains(list, " * * * * "));
  list.resize(list.find(' '));
  std::vector<int> found;
  for (std::size_t at = 0; at < list.size(); at = list.find(',', at) + 1) {
    found.push_back(std::stoi(list.substr(at)));
    if (list.find(',', at) == std::string::npos) {
      break;
    }
  }
  return found;
}

/// Service and timer.
std::array<UnitFile, 2> units(const ScheduledSource& source,
                              const ScheduleOptions& options = plain) {
  const std::vector<UnitFile> files = systemd_units(std::array{source}, options);
  REQUIRE(files.size() == 2);
  return {files[0], files[1]};
}

/// Every value that a unit gives to `key`.
std::vector<std::string> values(const UnitFile& unit, std::string_view key) {
  std::vector<std::string> found;
  for (const std::string& line : lines_of(unit.text)) {
    if (line.starts_with(key) && line.substr(key.size()).starts_with("=")) {
      found.push_back(line.substr(key.size() + 1));
    }
  }
  return found;
}

std::string value(const UnitFile& unit, std::string_view key) {
  const std::vector<std::string> all = values(unit, key);
  INFO(key);
  REQUIRE(all.size() == 1);
  return all[0];
}

std::vector<minutes> all_periods() {
  std::vector<minutes> all;
  for (minutes period{1}; period <= days{7}; ++period) {
    if (is_period(period)) {
      all.push_back(period);
    }
  }
  return all;
}

TEST_CASE("an hourly source has two starts an hour, and one after boot") {
  const ScheduledSource shop{"shop", hours{1}};
  const std::vector<std::string> lines = cron_lines(shop);
  REQUIRE(lines.size() == 2);
  const std::vector<int> at = cron_minutes(shop);
  REQUIRE(at.size() == 2);
  CHECK(at[1] == at[0] + 30);
  CHECK(lines[0] == std::to_string(at[0]) + "," + std::to_string(at[1]) +
                        " * * * * /usr/bin/trackier-ctl backup --if-due shop");
  CHECK(lines[1] == "@reboot sleep 60; /usr/bin/trackier-ctl backup --if-due shop");
}

TEST_CASE("a daily source is started every hour") {
  const ScheduledSource shop{"shop", days{1}};
  CHECK(cron_lines(shop).size() == 1);
  CHECK(cron_minutes(shop).size() == 1);
  CHECK(contains(cron(shop), "# shop: every 1d\n"));
}

TEST_CASE("lines of /etc/cron.d name the user and the settings") {
  ScheduleOptions options = plain;
  options.user = "root";
  options.config = "/etc/trackier-ctl/config.toml";
  const std::vector<std::string> lines = cron_lines({"shop", hours{1}}, options);
  REQUIRE(lines.size() == 2);
  CHECK(contains(lines[0],
                 " * * * * root /usr/bin/trackier-ctl --config "
                 "/etc/trackier-ctl/config.toml backup --if-due shop"));
  CHECK(contains(lines[1], "@reboot root sleep 60; /usr/bin/trackier-ctl --config "));
  CHECK(contains(crontab({}, options), "/etc/cron.d"));
  CHECK(contains(crontab({}, plain), "crontab -e"));
}

TEST_CASE("the minute is that of host and source, for ever") {
  ScheduleOptions options = plain;
  std::set<int> seen;
  for (int host = 0; host < 200; ++host) {
    options.host = "host" + std::to_string(host);
    const int minute = cron_minutes({"shop", hours{1}}, options).at(0);
    CHECK(minute >= 1);
    CHECK(minute <= 20);
    seen.insert(minute);
  }
  CHECK(seen.size() == 20);
  // As computed by another implementation of FNV-1a: 1 + hash("h1\nshop") % 20.
  options.host = "h1";
  CHECK(cron_minutes({"shop", hours{1}}, options).at(0) == 9);
}

TEST_CASE("wherever local time is, cron starts every source in the first half of every slot") {
  for (const minutes period : all_periods()) {
    CAPTURE(period.count());
    for (const char* const name : {"a", "shop", "orders", "x1", "x2"}) {
      const std::vector<int> at = cron_minutes({name, period});
      for (const int offset : {0, 15, 30, 45}) {
        CAPTURE(offset);
        const auto starts = [&](minutes moment) {
          const auto local = static_cast<int>((moment.count() + offset) % 60);
          return std::ranges::find(at, local) != at.end();
        };
        for (minutes slot{0}; slot < std::max<minutes>(days{1}, period); slot += period) {
          bool found = false;
          for (minutes moment = slot; moment < slot + period / 2 && !found; ++moment) {
            found = starts(moment);
          }
          REQUIRE(found);
        }
      }
    }
  }
}

TEST_CASE("words for cron pass through cron and shell") {
  ScheduleOptions options = plain;
  options.program = "/opt/100% ours/trackier-ctl";
  const std::string line = cron_lines({"it's $HOME; \"x\" `y`", hours{1}}, options).at(0);
  CHECK(contains(line, R"( * * * * '/opt/100'\%' ours/trackier-ctl' backup --if-due )"
                       R"('it'\''s $HOME; "x" `y`')"));
  CHECK(contains(cron_lines({"%", hours{1}}).at(0), R"(--if-due \%)"));
  CHECK(contains(cron_lines({"%a%", hours{1}}).at(0), R"(--if-due \%'a'\%)"));
  CHECK(contains(cron_lines({"caf\xc3\xa9", hours{1}}).at(0), "--if-due 'caf\xc3\xa9'"));
}

TEST_CASE("what cron cannot say is refused") {
  const auto refuses = [](const ScheduledSource& source, const ScheduleOptions& options,
                          std::string_view part) {
    INFO(part);
    const Error error = error_of([&] { cron(source, options); });
    CHECK(error.code() == Code::config);
    CHECK(contains(error.what(), part));
  };
  refuses({"a\\b", hours{1}}, plain, "cron programs disagree about backslashes: a\\\\b");
  refuses({std::string(1000, 'a'), hours{1}}, plain, "too long for cron");
}

TEST_CASE("neither kind of schedule can name some things") {
  ScheduleOptions options = plain;
  const auto refused = [&](const ScheduledSource& source, std::string_view part) {
    INFO(part);
    const Error first = error_of([&] { cron(source, options); });
    const Error second = error_of([&] { units(source, options); });
    CHECK(first.code() == Code::config);
    CHECK(contains(first.what(), part));
    CHECK(test::message_of(first) == test::message_of(second));
  };
  refused({"a\nb", hours{1}}, "no schedule can name this source: a\\x0Ab");
  refused({"a\rb", hours{1}}, "source: a\\x0Db");
  refused({std::string{"a\0b", 3}, hours{1}}, "source: a\\x00b");
  refused({"a\x7f", hours{1}}, "source: a\\x7F");
  refused({"a\xff", hours{1}}, "source: a\\xFF");
  refused({"\xc3\\\xa9", hours{1}}, "source: \\xC3");
  refused({"", hours{1}}, "source: ");
  refused({"-a", hours{1}}, "source: -a");
  refused({"a", minutes{7}}, "7 minutes are no period: a");
  refused({"a", minutes{0}}, "0 minutes are no period");
  options.program = "trackier-ctl";
  refused({"a", hours{1}}, "the program of a schedule has to be absolute: trackier-ctl");
  options.program = "/usr/bin/tr\nackier";
  refused({"a", hours{1}}, "no schedule can name this program");
  options = plain;
  options.config = "config.toml";
  refused({"a", hours{1}}, "the settings file of a schedule has to be absolute");
  options = plain;
  for (const char* const user : {"", "-u", "a b", "a\nb", "%u", "a:b"}) {
    options.user = user;
    refused({"a", hours{1}}, "no user is called so");
  }
  options = plain;
  options.writable = {"/srv/x\n[Service]"};
  refused({"a", hours{1}}, "no schedule can name this path");
  options.writable = {};
  options.readable = {"relative"};
  refused({"a", hours{1}}, "the path of a schedule has to be absolute: relative");

  const std::array twice{ScheduledSource{"a", hours{1}}, ScheduledSource{"a", days{1}}};
  CHECK(error_of([&] { crontab(twice, plain); }).code() == Code::config);
  CHECK(contains(error_of([&] { systemd_units(twice, plain); }).what(), "the same name: a"));
}

TEST_CASE("every source has a service and a timer") {
  const std::array sources{ScheduledSource{"shop", hours{1}}, ScheduledSource{"orders", days{1}}};
  const std::vector<UnitFile> files = systemd_units(sources, plain);
  REQUIRE(files.size() == 4);
  CHECK(files[0].name == "trackier-ctl-backup-shop.service");
  CHECK(files[1].name == "trackier-ctl-backup-shop.timer");
  CHECK(files[2].name == "trackier-ctl-backup-orders.service");
  CHECK(files[3].name == "trackier-ctl-backup-orders.timer");
  CHECK(systemd_units({}, plain).empty());
  CHECK(value(files[0], "ExecStart") == "/usr/bin/trackier-ctl backup --if-due shop");
  CHECK(value(files[0], "Type") == "oneshot");
  CHECK(value(files[0], "Description") == "Back up shop with trackier-ctl");
  CHECK(value(files[1], "Description") == "Back up shop every 1h");
  CHECK(value(files[1], "Persistent") == "yes");
  CHECK(value(files[1], "WantedBy") == "timers.target");
}

TEST_CASE("the service is kept to what it needs") {
  ScheduleOptions options = plain;
  options.writable = {"/srv/backups", "/var/lib/trackier-ctl"};
  options.readable = {"/var/lib/shop", "/srv/backups"};
  const UnitFile service = units({"shop", hours{1}}, options)[0];
  for (const char* const line : {"NoNewPrivileges=yes",
                                 "ProtectSystem=strict",
                                 "ProtectHome=read-only",
                                 "PrivateTmp=yes",
                                 "ProtectKernelLogs=yes",
                                 "ProtectKernelModules=yes",
                                 "ProtectKernelTunables=yes",
                                 "RestrictAddressFamilies=none",
                                 "PrivateNetwork=yes",
                                 "IPAddressDeny=any",
                                 "PrivateMounts=yes",
                                 "ProtectProc=invisible",
                                 "LockPersonality=yes",
                                 "MemoryDenyWriteExecute=yes",
                                 "RestrictRealtime=yes",
                                 "RestrictSUIDSGID=yes",
                                 "SystemCallFilter=@system-service",
                                 "SystemCallFilter=~@privileged @resources",
                                 "SystemCallErrorNumber=EPERM",
                                 "CapabilityBoundingSet=CAP_DAC_READ_SEARCH",
                                 "UMask=0077",
                                 "Nice=10",
                                 "IOSchedulingClass=idle",
                                 "SuccessExitStatus=75",
                                 "ReadWritePaths=/srv/backups /var/lib/trackier-ctl",
                                 "ReadOnlyPaths=-/var/lib/shop"}) {
    INFO(line);
    CHECK(contains(service.text, std::string{"\n"} + line + "\n"));
  }
  CHECK(value(service, "RequiresMountsFor") ==
        "/srv/backups /var/lib/trackier-ctl /var/lib/shop /srv/backups");
  CHECK(values(service, "User").empty());
  CHECK(values(service, "PrivateUsers").empty());  // root would lose sight of others' databases
  CHECK(values(service, "Wants").empty());
}

TEST_CASE("a server is reached over the network") {
  ScheduledSource source{"clicks", hours{1}};
  source.server = true;
  const UnitFile service = units(source)[0];
  CHECK(value(service, "RestrictAddressFamilies") == "AF_UNIX AF_INET AF_INET6");
  CHECK(values(service, "PrivateNetwork").empty());
  CHECK(values(service, "IPAddressDeny").empty());
  CHECK(value(service, "Wants") == "network-online.target");
}

TEST_CASE("a source writes what is its own, and not what is another's") {
  ScheduleOptions options = plain;
  options.writable = {"/srv/backups"};
  std::array sources{ScheduledSource{"shop", hours{1}}, ScheduledSource{"orders", hours{1}}};
  sources[0].writable = {"/srv/shop"};
  const std::vector<UnitFile> files = systemd_units(sources, options);
  CHECK(value(files.at(0), "ReadWritePaths") == "/srv/backups /srv/shop");
  CHECK(value(files.at(2), "ReadWritePaths") == "/srv/backups");
  sources[1].writable = {"srv/orders"};
  CHECK(error_of([&] { systemd_units(sources, options); }).code() == Code::config);
}

TEST_CASE("another user gets none of root's powers") {
  ScheduleOptions options = plain;
  options.user = "backup";
  const UnitFile service = units({"shop", hours{1}}, options)[0];
  CHECK(value(service, "User") == "backup");
  CHECK(value(service, "CapabilityBoundingSet").empty());
  CHECK(value(service, "PrivateUsers") == "yes");
  options.user = "root";
  CHECK(value(units({"shop", hours{1}}, options)[0], "CapabilityBoundingSet") ==
        "CAP_DAC_READ_SEARCH");
}

TEST_CASE("a path in /tmp is not hidden from the service") {
  ScheduleOptions options = plain;
  for (const char* const path :
       {"/tmp/shop.db", "/var/tmp/x/shop.db", "/srv/../tmp/shop.db", "/tmp"}) {
    options.readable = {path};
    CHECK(value(units({"shop", hours{1}}, options)[0], "PrivateTmp") == "no");
  }
  options.readable = {"/tmpfs/shop.db"};
  CHECK(value(units({"shop", hours{1}}, options)[0], "PrivateTmp") == "yes");
}

TEST_CASE("homes are hidden from a user who has nothing there") {
  ScheduleOptions options = plain;
  const auto home = [&options] {
    return value(units({"shop", hours{1}}, options)[0], "ProtectHome");
  };
  CHECK(home() == "read-only");  // root's passwords may be in /root
  options.user = "backup";
  CHECK(home() == "yes");
  for (const char* const path : {"/home/backup/state", "/root/x", "/srv/../home", "/run/user/7"}) {
    options.writable = {path};
    CHECK(home() == "read-only");
  }
  options.writable = {"/homes/backup"};
  CHECK(home() == "yes");
  options.config = "/home/backup/.config/trackier-ctl/config.toml";
  CHECK(home() == "read-only");
}

TEST_CASE("names and paths are quoted for systemd") {
  ScheduleOptions options = plain;
  options.program = "/opt/100% $x/trackier-ctl";
  options.config = "/etc/a \"b\"\\c.toml";
  options.writable = {"/srv/my store", "/srv/50%"};
  const auto [service, timer] = units({"my 100% $shop@1", hours{1}}, options);
  CHECK(service.name == R"(trackier-ctl-backup-my\x20100\x25\x20\x24shop\x401.service)");
  CHECK(timer.name == R"(trackier-ctl-backup-my\x20100\x25\x20\x24shop\x401.timer)");
  CHECK(
      value(service, "ExecStart") ==
      R"("/opt/100%% $x/trackier-ctl" --config "/etc/a \"b\"\\c.toml" backup --if-due "my 100%% $$shop@1")");
  CHECK(value(service, "ReadWritePaths") == R"("/srv/my store" "/srv/50%%")");
  CHECK(value(service, "Description") == "Back up my 100%% $shop@1 with trackier-ctl");
  CHECK(contains(units({"$$a$", hours{1}})[0].text, R"(--if-due "$$$$a$$")"));
  CHECK(units({"a\\x20b/\xc3\xa9", hours{1}})[0].name ==
        R"(trackier-ctl-backup-a\x5cx20b\x2f\xc3\xa9.service)");
}

TEST_CASE("a name can be too long for a unit") {
  const std::size_t others = std::string_view{"trackier-ctl-backup-.service"}.size();
  CHECK(units({std::string(255 - others, 'a'), hours{1}})[0].name.size() == 255);
  CHECK(error_of([&] {
          units({std::string(256 - others, 'a'), hours{1}});
        }).code() == Code::config);
}

TEST_CASE("the delay is two minutes, and less for short periods") {
  CHECK(value(units({"a", minutes{15}})[1], "RandomizedDelaySec") == "90");
  CHECK(value(units({"a", minutes{20}})[1], "RandomizedDelaySec") == "120");
  CHECK(value(units({"a", days{7}})[1], "RandomizedDelaySec") == "120");
}

TEST_CASE("retries end in the first half of a slot") {
  for (const minutes period : all_periods()) {
    const UnitFile service = units({"a", period})[0];
    const std::chrono::seconds pause{std::stoll(value(service, "RestartSec"))};
    const std::chrono::seconds interval{std::stoll(value(service, "StartLimitIntervalSec"))};
    const int starts = std::stoi(value(service, "StartLimitBurst"));
    CHECK((starts - 1) * pause + std::chrono::minutes{2} < period / 2);
    // The next slot's start is not refused for them.
    CHECK(interval + std::chrono::minutes{2} < period);
    // And a fourth start in a row is.
    CHECK(starts * pause < interval);
  }
}

TEST_CASE("the calendar of common periods") {
  const auto calendar = [](minutes period) {
    return values(units({"a", period})[1], "OnCalendar");
  };
  using Lines = std::vector<std::string>;
  CHECK((calendar(minutes{15}) == Lines{"*-*-* *:00,15,30,45:00 UTC"}));
  CHECK((calendar(minutes{30}) == Lines{"*-*-* *:00,30:00 UTC"}));
  CHECK((calendar(hours{1}) == Lines{"*-*-* *:00:00 UTC"}));
  CHECK((calendar(minutes{90}) == Lines{"*-*-* 00/3:00:00 UTC", "*-*-* 01/3:30:00 UTC"}));
  CHECK((calendar(hours{6}) == Lines{"*-*-* 00/6:00:00 UTC"}));
  CHECK((calendar(days{1}) == Lines{"*-*-* 00:00:00 UTC"}));
  CHECK((calendar(days{3}) == Lines{"*-*-* 00:00:00 UTC"}));
  CHECK((calendar(days{7}) == Lines{"Mon *-*-* 00:00:00 UTC"}));
}

/// The minutes of a day that one calendar line of ours names.
std::vector<int> minutes_named(const std::string& line) {
  REQUIRE(line.starts_with("*-*-* "));
  REQUIRE(line.ends_with(":00 UTC"));
  const std::string clock = line.substr(6, line.size() - 13);
  const std::size_t colon = clock.find(':');
  const std::size_t slash = clock.find('/');
  const bool any_hour = clock[0] == '*';
  const int first = any_hour ? 0 : std::stoi(clock);
  const int step = any_hour                     ? 1
                   : slash == std::string::npos ? 24
                                                : std::stoi(clock.substr(slash + 1));
  std::vector<int> found;
  for (int hour = first; hour < 24; hour += step) {
    for (std::size_t at = colon; at != std::string::npos; at = clock.find(',', at + 1)) {
      found.push_back(60 * hour + std::stoi(clock.substr(at + 1)));
    }
  }
  return found;
}

TEST_CASE("a timer fires when slots begin, and at no other time") {
  for (const minutes period : all_periods()) {
    if (period > days{1}) {
      continue;
    }
    CAPTURE(period.count());
    std::vector<int> named;
    for (const std::string& line : values(units({"a", period})[1], "OnCalendar")) {
      const std::vector<int> more = minutes_named(line);
      named.insert(named.end(), more.begin(), more.end());
    }
    std::ranges::sort(named);
    std::vector<int> slots;
    for (minutes slot{0}; slot < days{1}; slot += period) {
      slots.push_back(static_cast<int>(slot.count()));
    }
    CHECK((named == slots));
  }
}

}  // namespace
}  // namespace trackier::backup
