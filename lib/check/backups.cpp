#include "check/backups.hpp"

#include <fmt/format.h>

#include "core/duration.hpp"
#include "core/text.hpp"

namespace trackier::check {
namespace {

/// A clock that is a little ahead elsewhere is no reason to doubt; more is.
constexpr std::chrono::seconds most_ahead{300};

/// what: "the newest sound backup was taken", "the last drill that passed has ended".
Finding aged(Finding finding, const std::string& what, Time time, std::chrono::seconds most,
             Time now) {
  if (time > now + most_ahead) {
    finding.status = Status::fail;
    finding.found = fmt::format("{} {}, which is yet to come", what, to_rfc3339(time));
    finding.cure = "set the clocks right";
    return finding;
  }
  const std::chrono::seconds age = now - time;
  finding.status = age <= most ? Status::pass : Status::fail;
  finding.found =
      fmt::format("{} {}, {} ago; {} are allowed", what, to_rfc3339(time),
                  duration_text(std::max(age, std::chrono::seconds{0})), duration_text(most));
  if (finding.status == Status::pass) {
    finding.cure.clear();
  }
  return finding;
}

Finding missing(Finding finding, const std::string& found) {
  finding.status = Status::fail;
  finding.found = found;
  return finding;
}

Finding failed(Finding finding, const std::string& problem) {
  finding.status = Status::error;
  finding.found = problem;
  return finding;
}

}  // namespace

Findings check_backups(const std::vector<BackupStanding>& sources, const BackupLimits& limits,
                       const std::string& where, Time now) {
  Findings findings;
  for (const BackupStanding& each : sources) {
    const std::string name = printable(each.source);
    const Finding age{.id = "backups.age",
                      .subject = name,
                      .probed = "manifests in " + where,
                      .cure = fmt::format("trackier-ctl backup {}; trackier-ctl schedule has it "
                                          "made every hour",
                                          name)};
    const Finding drill{.id = "backups.drill",
                        .subject = name,
                        .probed = "records of drills in " + where,
                        .cure = "trackier-ctl verify " + name};
    if (!each.problem.empty()) {
      findings.push_back(failed(age, each.problem));
      findings.push_back(failed(drill, each.problem));
      continue;
    }
    findings.push_back(each.taken ? aged(age, "the newest sound backup was taken", *each.taken,
                                         limits.age.value_or(each.every + each.every / 2), now)
                                  : missing(age, "there is no sound backup"));
    findings.push_back(each.proved ? aged(drill, "the last drill that passed ended", *each.proved,
                                          limits.drill, now)
                                   : missing(drill, "no backup has been restored in a drill"));
  }
  if (sources.empty()) {
    for (const char* const id : {"backups.age", "backups.drill"}) {
      findings.push_back({.id = id,
                          .status = Status::not_applicable,
                          .probed = "the settings",
                          .found = "the settings name no source"});
    }
  }
  return findings;
}

Findings check_keys(const std::vector<KeyStanding>& keys, std::chrono::days most, Time now) {
  Findings findings;
  for (const KeyStanding& each : keys) {
    if (!each.is_in_use) {
      continue;
    }
    Finding finding{.id = "keys.age", .subject = printable(each.name), .probed = each.probed};
    if (!each.since) {
      finding.status = Status::not_checked;
      finding.found = each.problem;
      finding.cure = each.cure;
    } else {
      finding.cure = "put a new key in its place; trackier-ctl keys rotate does it in the keyring";
      finding = aged(finding, "the key is of", *each.since, most, now);
    }
    findings.push_back(std::move(finding));
  }
  if (findings.empty()) {
    findings.push_back({.id = "keys.age",
                        .status = Status::not_applicable,
                        .probed = "the settings",
                        .found = "there is no keyring, and the settings name no key in a file"});
  }
  return findings;
}

}  // namespace trackier::check
