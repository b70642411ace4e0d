// What the store of backups gives a report: slots, restores, how backups are encrypted.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "audit/search.hpp"
#include "audit_log.hpp"
#include "backup/slots.hpp"
#include "backup_sources.hpp"
#include "core/text.hpp"
#include "report/cited.hpp"
#include "report_evidence.hpp"
#include "store/removal.hpp"
#include "verify_drill.hpp"

namespace trackier::cli {
namespace {

using report::Item;
using report::Line;

constexpr std::string_view ok_code = "ok";
constexpr std::string_view busy_code = "busy";

/// The sources of the settings, and those that the store alone has backups of the period from: what
/// is due of these nobody knows.
struct Sources {
  std::vector<config::Source> due;
  std::vector<std::string> unknown;
  std::string problem;
};

Sources sources_of(Context& context) {
  Sources made{.due = context.settings().sources};
  try {
    for (const std::string& each : open_store(context, {}).sources()) {
      if (std::ranges::find(made.due, each, &config::Source::name) == made.due.end()) {
        made.unknown.push_back(each);
      }
    }
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error& error) {
    made.problem = error.what();
  }
  return made;
}

/// All that was ever taken of a source before a moment, whether or not it is still there: what
/// retention removes later changes no report.
struct Taken {
  struct Backup {
    std::string digest;
    Time at;
  };
  std::vector<backup::TakenBackup> all;
  std::map<std::string, Backup> by_id;
  std::optional<Time> since;
  std::string problem;
};

Taken taken_of(Context& context, const store::SourceDirectory& source, Time to) {
  Taken made;
  const auto add = [&](const std::string& id, const std::string& digest, Time slot, Time at,
                       bool damaged) {
    if (at < to && made.by_id.emplace(id, Taken::Backup{.digest = digest, .at = at}).second) {
      made.all.push_back({.slot = slot, .id = id, .taken = at, .damaged = damaged});
      made.since = std::min(made.since.value_or(at), at);
    }
  };
  const auto listing = source.list();
  for (const auto& [manifest, signer, digest, received] : listing.manifests) {
    add(manifest.id, digest, manifest.slot, manifest.taken, manifest.damaged);
  }
  for (const auto& each : store::list_removals(context.files(), source).removed) {
    add(printable(each.id), printable(each.digest), each.slot, each.taken, each.damaged);
  }
  if (!listing.unreadable.empty()) {
    made.problem = fmt::format("{} manifests cannot be read: {}", listing.unreadable.size(),
                               listing.unreadable.front().why);
  }
  return made;
}

/// Runs of backup that were about the source, as the audit log has them.
std::vector<backup::Attempt> attempts_of(Context& context, const ReportLog& log,
                                         const std::string& source) {
  std::map<audit::OperationId, backup::Attempt> open;
  std::vector<backup::Attempt> attempts;
  const std::string hidden = audit_veil(context).hide(source);
  for (const auto& [record, line] : log.records()) {
    if (record.operation != "backup") {
      continue;
    }
    if (record.phase == audit::Phase::intent) {
      const bool names_any = std::ranges::any_of(record.args, [](const auto& each) {
        return each.first == "source" || each.first.starts_with("source.");
      });
      if (!names_any || audit::has_value(record, hidden)) {
        open.emplace(record.id, backup::Attempt{.started = report::second_of(record)});
      }
      continue;
    }
    const auto found = open.find(record.id);
    if (found == open.end()) {
      continue;
    }
    backup::Attempt attempt = found->second;
    if (record.result) {
      using Outcome = backup::Attempt::Outcome;
      attempt.ended = report::second_of(record);
      attempt.outcome = record.result->code == ok_code     ? Outcome::done
                        : record.result->code == busy_code ? Outcome::busy
                                                           : Outcome::failed;
      attempt.message = fmt::format("a run ended with {}", record.result->code);
    }
    attempts.push_back(std::move(attempt));
    open.erase(found);
  }
  for (auto& [id, attempt] : open) {
    attempts.push_back(std::move(attempt));
  }
  return attempts;
}

void add_slots(Context& context, const ReportLog& log, const report::Report& report,
               const config::Source& source, Item& item) {
  const Taken taken = taken_of(context, open_store(context, {}).source(source.name), report.to);
  item.every = source.every;
  item.since = taken.since;
  item.problem = taken.problem;
  const auto attempts = attempts_of(context, log, source.name);
  const auto account = backup::account(taken.all, attempts,
                                       {.period = source.every,
                                        .from = report.from,
                                        .to = backup::slot_of(report.to, source.every),
                                        .since = taken.since,
                                        .now = report.to});
  for (const backup::SlotAccount& slot : account.slots) {
    Line line{.subject = to_rfc3339(slot.slot),
              .state = std::string{backup::to_text(slot.state)},
              .remark = slot.reason};
    if (slot.backup) {
      const Taken::Backup& backup = taken.by_id.at(*slot.backup);
      line.at = backup.at;
      line.digest = backup.digest;
      line.record = log.record_of("backup", "backup", backup.digest);
      if (!line.record && slot.state != backup::SlotState::damaged) {
        line.state = "unrecorded";
        line.remark += line.remark.empty() ? "no run of backup in the audit log names it"
                                           : "; no run of backup in the audit log names it";
      }
    }
    item.lines.push_back(std::move(line));
  }
}

/// One for each source, made by `fill`; what fails is the item's problem.
template <typename Fill>
std::vector<Item> items_of_sources(Context& context, std::string_view id, Fill fill) {
  const report::ItemSpec& spec = report::spec_of(id);
  const Sources sources = sources_of(context);
  std::vector<Item> items;
  for (const config::Source& each : sources.due) {
    Item item = empty_item(spec, printable(each.name));
    try {
      fill(each, item);
    } catch (const os::Interrupted&) {
      throw;
    } catch (const Error& error) {
      item.lines.clear();
      item.problem = error.what();
    }
    items.push_back(std::move(item));
  }
  for (const std::string& each : sources.unknown) {
    Item item = empty_item(spec, printable(each));
    item.problem =
        "the store has backups, and the settings no source of this name: what is due is "
        "not known";
    items.push_back(std::move(item));
  }
  if (items.empty()) {
    items.push_back(empty_item(spec));
    items.front().problem = sources.problem;
  }
  return items;
}

}  // namespace

std::vector<Item> slot_items(Context& context, const ReportLog& log, const report::Report& report) {
  return items_of_sources(context, "backup.slots", [&](const config::Source& source, Item& item) {
    add_slots(context, log, report, source, item);
  });
}

std::vector<Item> drill_items(Context& context, const ReportLog& log,
                              const report::Report& report) {
  return items_of_sources(context, "restore.drill", [&](const config::Source& source, Item& item) {
    const auto directory = open_store(context, {}).source(source.name);
    const auto listing = proof_directory(context, directory).list();
    if (!listing.unreadable.empty()) {
      item.problem = fmt::format("{} proofs cannot be read: {}", listing.unreadable.size(),
                                 listing.unreadable.front().why);
    }
    item.most = static_cast<std::uint64_t>(context.settings().check.drill_days.count());
    const Time since = evidence_since(context, report.from, report.to);
    for (const auto& [proof, signer, digest, received] : listing.proofs) {
      if (proof.finished < since || proof.finished >= report.to ||
          proof.level < proof::Level::restore) {
        continue;
      }
      constexpr std::size_t shown = 8;
      Line line{.subject = fmt::format("backup {}, level {}", proof.backup.substr(0, shown),
                                       proof::name_of(proof.level)),
                .state = std::string{proof::words_of(proof.verdict)},
                .at = proof.finished,
                .digest = digest,
                .record = log.record_of("verify", "proof", digest)};
      if (proof.rto) {
        line.value = static_cast<std::uint64_t>(proof.rto->count());
      }
      item.lines.push_back(std::move(line));
    }
  });
}

Item encryption_item(Context& context, const report::Report& report) {
  Item item = empty_item(report::spec_of("crypto.backups"));
  const Sources sources = sources_of(context);
  item.problem = sources.problem;
  if (!item.problem.empty()) {
    return item;
  }
  std::vector<std::string> names = sources.unknown;
  std::ranges::transform(sources.due, std::back_inserter(names), &config::Source::name);
  std::ranges::sort(names);
  for (const std::string& name : names) {
    const Taken taken = taken_of(context, open_store(context, {}).source(name), report.to);
    const auto count = std::ranges::count_if(
        taken.all, [&](const auto& each) { return each.taken >= report.from; });
    if (count > 0) {
      item.lines.push_back(
          {.subject = printable(name),
           .state = "as promised",
           .value = static_cast<std::uint64_t>(count),
           .remark = fmt::format("{} backups of format trackier-backup/1, which is sealed by "
                                 "AES-256-GCM and nothing else",
                                 count)});
    }
  }
  return item;
}

}  // namespace trackier::cli
