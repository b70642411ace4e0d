// The command that looks at the host the way the promises need it.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "check/clock.hpp"
#include "check/confinement.hpp"
#include "check/logrotate.hpp"
#include "check/memory.hpp"
#include "check/ssh.hpp"
#include "check_subjects.hpp"
#include "commands.hpp"
#include "config/names.hpp"
#include "core/text.hpp"
#include "durations.hpp"
#include "json_line.hpp"
#include "keyring_access.hpp"
#include "net/https_probe.hpp"
#include "os/process.hpp"

namespace trackier::cli {
namespace {

using Json = nlohmann::ordered_json;
using check::Finding;
using check::Findings;
using check::Status;

struct Options {
  std::vector<std::string> names;
  bool list = false;
  std::optional<std::string> max_age;
  bool json = false;
};

/// The ids that are asked for: by themselves, by their group; all without any.
std::set<std::string> wanted_ids(const std::vector<std::string>& names) {
  std::set<std::string> ids;
  std::vector<std::string> known;
  for (const check::Check& each : check::all_checks()) {
    const std::string group{check::group_of(each.id)};
    if (known.empty() || std::ranges::find(known, group) == known.end()) {
      known.push_back(group);
    }
    known.emplace_back(each.id);
    const bool is_named = std::ranges::any_of(
        names, [&](const std::string& name) { return name == each.id || name == group; });
    if (names.empty() || is_named) {
      ids.emplace(each.id);
    }
  }
  for (const std::string& name : names) {
    if (std::ranges::find(known, name) == known.end()) {
      const auto near = closest(name, known);
      throw Error{
          Code::usage, fmt::format("there is no check {}", printable(name)),
          near ? fmt::format("did you mean {}?", *near) : "trackier-ctl check --list names all"};
    }
  }
  return ids;
}

int list(Context& context, const std::set<std::string>& ids, bool json) {
  for (const check::Check& each : check::all_checks()) {
    if (!ids.contains(std::string{each.id})) {
      continue;
    }
    context.out().result(json ? json_line(Json{{"check", each.id}, {"probes", each.probes}})
                              : fmt::format("{:22}  {}\n", each.id, each.probes));
  }
  return 0;
}

Findings backups(Context& context, const Options& options) {
  check::BackupLimits limits{.age = {}, .drill = context.settings().check.drill_days};
  if (options.max_age) {
    limits.age = duration_of(*options.max_age, "--max-age");
  }
  const std::string& store = context.settings().backup.store;
  return check::check_backups(backups_to_check(context), limits,
                              store.empty() ? "the store" : printable(store), now());
}

Findings endpoints(Context& context) {
  const auto stop = context.interrupt().token();
  return check::check_endpoints(
      endpoints_to_check(context),
      [&stop](const net::ProbeRequest& request) { return net::probe(request, stop); }, now());
}

Findings ssh(Context& context, const check::Host& host) {
  const config::Check& settings = context.settings().check;
  return check::check_ssh(host, {.accounts = settings.ssh_accounts, .from = settings.ssh_from});
}

Findings confinement(Context& context) {
  return check::check_confinement([&context] {
    os::ProbedConfinement probed;
    context.interrupt().without_waiter([&probed] { probed = os::probe_confinement(); });
    return probed;
  });
}

struct Group {
  std::string_view name;
  std::function<Findings()> look;
};

Findings look(Context& context, const Options& options, const std::set<std::string>& ids) {
  const check::Host host{.files = context.files(), .user = ::geteuid()};
  const std::array<Group, 10> groups{{
      {"files", [&] { return check::check_files(host, files_to_check(context)); }},
      {"memory", [&] { return check::check_memory(host, check::core_limit()); }},
      {"confinement", [&] { return confinement(context); }},
      {"clock", [&] { return check::check_clock(host, check::kernel_clock()); }},
      {"postgres", [&] { return check::check_postgres(postgres_to_check(context)); }},
      {"endpoints", [&] { return endpoints(context); }},
      {"ssh", [&] { return ssh(context, host); }},
      {"backups", [&] { return backups(context, options); }},
      {"keys",
       [&] {
         return check::check_keys(keys_to_check(context), context.settings().check.key_days, now());
       }},
      {"logrotate",
       [&] {
         return check::check_logrotate(host, context.environment().state_directory() / "audit");
       }},
  }};
  Findings findings;
  for (const Group& group : groups) {
    const bool is_wanted = std::ranges::any_of(
        ids, [&](const std::string& id) { return check::group_of(id) == group.name; });
    if (!is_wanted) {
      continue;
    }
    for (Finding& each : group.look()) {
      if (ids.contains(each.id)) {
        findings.push_back(std::move(each));
      }
    }
  }
  check::sort_worst_first(findings);
  return findings;
}

void tell(Context& context, const Finding& finding, bool json) {
  if (json) {
    context.out().result(
        json_line(Json{{"check", finding.id},
                       {"subject", finding.subject.empty() ? Json() : Json(finding.subject)},
                       {"status", check::to_text(finding.status)},
                       {"probed", finding.probed},
                       {"found", finding.found},
                       {"cure", finding.cure.empty() ? Json() : Json(finding.cure)}}));
    return;
  }
  context.out().result(fmt::format("{:14}  {}{}{}: {} [{}]{}{}\n", check::to_text(finding.status),
                                   finding.id, finding.subject.empty() ? "" : " ", finding.subject,
                                   finding.found, finding.probed,
                                   finding.cure.empty() ? "" : "; cure: ", finding.cure));
}

/// "2 fail, 1 not_checked, 14 pass".
std::string counted(const Findings& findings) {
  std::string text;
  for (std::size_t i = 0; i < static_cast<std::size_t>(check::status_count); ++i) {
    const auto status = static_cast<Status>(i);
    const auto count = std::ranges::count(findings, status, &Finding::status);
    if (count > 0) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, check::to_text(status));
    }
  }
  return text;
}

/// The worst of each check.
std::map<std::string, Status> by_id(const Findings& findings) {
  std::map<std::string, Status> worst;
  for (const Finding& each : findings) {
    const auto [known, is_new] = worst.emplace(each.id, each.status);
    known->second = std::min(known->second, each.status);
  }
  return worst;
}

int run(Context& context, const Options& options) {
  const auto ids = wanted_ids(options.names);
  if (options.list) {
    return list(context, ids, options.json);
  }
  if (options.max_age) {
    static_cast<void>(duration_of(*options.max_age, "--max-age"));
  }
  static_cast<void>(context.settings());  // wrong ones are told before anything is looked at
  const Findings findings = look(context, options, ids);
  for (const Finding& each : findings) {
    tell(context, each, options.json);
  }
  if (!options.json) {
    context.out().result(counted(findings) + "\n");
  }
  for (const auto& [id, status] : by_id(findings)) {
    context.record(id, std::string{check::to_text(status)});
  }
  const bool nothing_passed = std::ranges::count(findings, Status::pass, &Finding::status) == 0;
  if (nothing_passed) {
    context.out().warning("nothing has passed: this proves nothing");
  }
  return static_cast<int>(check::is_well(findings) ? Code::ok : Code::verdict);
}

}  // namespace

Command check() {
  auto options = std::make_shared<Options>();
  Command command{"check", "look at the host the way the promises need it"};
  command.about(
      "Says of files, memory, confinement, clock, PostgreSQL, endpoints, sshd, backups, keys and\n"
      "log rotation what was probed, what was found, and how to cure it; the worst first. What\n"
      "does not exist or could not be looked at never counts as a pass. What was found is\n"
      "recorded. Exit 1 unless something passed, and all else is not applicable.");
  command.positionals("CHECK", options->names,
                      "ids or groups, as --list has them; all, without any");
  command.flag("--list", options->list, "print the checks and what each probes; look at nothing");
  command.option("--max-age", options->max_age, "TIME",
                 "how old the newest backup may be: 90m; otherwise as its schedule wants");
  command.flag("--json", options->json, "print a line of JSON for each");
  command.example("trackier-ctl check --list");
  command.example("trackier-ctl check files postgres.plaintext");
  command.run([options](Context& context) {
    os::forbid_inspection();
    return run(context, *options);
  });
  return command;
}

}  // namespace trackier::cli
