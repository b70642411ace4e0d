#include "report_evidence.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "check_subjects.hpp"
#include "core/text.hpp"
#include "report/cited.hpp"
#include "report/judge.hpp"

namespace trackier::cli {
namespace {

using report::Item;
using report::ItemSpec;
using report::Kind;
using report::Line;

bool is_in_period(const audit::Record& record, const report::Report& report) {
  const Time at = report::second_of(record);
  return at >= report.from && at < report.to;
}

/// Runs of some commands, and of checks: each is a line.
Item recorded_item(const ItemSpec& spec, const ReportLog& log, const report::Report& report) {
  Item item = empty_item(spec);
  for (const auto& [record, line] : log.records()) {
    if (!is_in_period(record, report)) {
      continue;
    }
    if (spec.kind == Kind::checks) {
      if (auto found = report::check_line(spec.id, record)) {
        item.lines.push_back(*std::move(found));
      }
    } else if (report::belongs(spec.id, record)) {
      item.lines.push_back(report::run_line(record));
    }
  }
  // What nobody had to do in a period does not count as not looked at.
  item.is_owed = spec.kind == Kind::checks || spec.id == "anon.runs";
  return item;
}

Item age_item(Context& context, const ItemSpec& spec, const report::Report& report) {
  Item item = empty_item(spec);
  item.most = static_cast<std::uint64_t>(context.settings().check.key_days.count());
  for (const check::KeyStanding& each : keys_to_check(context)) {
    if (!each.since) {
      item.problem =
          item.problem.empty() ? printable(each.name) + ": " + each.problem : item.problem;
    } else if (*each.since < report.to) {
      item.lines.push_back(
          report::age_line(printable(each.name), *each.since, *item.most, report.to));
    }
  }
  std::ranges::stable_sort(item.lines, {}, [](const Line& each) { return *each.at; });
  return item;
}

Item intact_item(const ItemSpec& spec, const ReportLog& log, const report::Report& report) {
  Item item = empty_item(spec);
  if (std::ranges::any_of(log.records(),
                          [&](const auto& each) { return is_in_period(each.record, report); })) {
    item.lines.push_back(report::intact_line(log.size()));
  }
  return item;
}

Item anchor_item(Context& context, const ItemSpec& spec, const ReportLog& log,
                 const report::Report& report) {
  Item item = empty_item(spec);
  if (const auto& anchor = log.anchor()) {
    item.lines.push_back(
        report::anchor_line(anchor->size, log.size(), anchor->witnesses, anchor->seen, report.to));
  } else if (!context.settings().audit.witnesses.empty()) {
    item.lines.push_back({.subject = "witnesses",
                          .state = "missing",
                          .remark = "no checkpoint of enough witnesses is of before the end of the "
                                    "period"});
  }
  return item;
}

/// Each operation has an outcome, or a record that it did not come to one, or is open still.
Item ending_item(const ItemSpec& spec, const ReportLog& log, const report::Report& report) {
  Item item = empty_item(spec);
  std::uint64_t begun = 0;
  std::uint64_t ended = 0;
  for (const auto& [record, line] : log.records()) {
    if (!is_in_period(record, report)) {
      continue;
    }
    begun += record.phase == audit::Phase::intent ? 1U : 0U;
    ended += record.phase == audit::Phase::outcome ? 1U : 0U;
    if (record.phase == audit::Phase::recover) {
      item.lines.push_back({.subject = record.operation,
                            .state = "recovered",
                            .at = report::second_of(record),
                            .record = record.seq});
    }
  }
  if (begun > 0) {
    const std::size_t recovered = item.lines.size();
    item.lines.insert(
        item.lines.begin(),
        Line{.subject = "operations",
             .state = "holds",
             .value = begun,
             .remark = fmt::format("{} began, {} ended, of {} it is on record that they did not",
                                   begun, ended, recovered)});
  }
  return item;
}

void add(report::Report& report, std::vector<Item> items) {
  std::ranges::move(items, std::back_inserter(report.items));
}

void gather(Context& context, const ItemSpec& spec, const ReportLog& log, report::Report& report) {
  if (spec.id == "backup.slots") {
    add(report, slot_items(context, log, report));
  } else if (spec.id == "restore.drill") {
    add(report, drill_items(context, log, report));
  } else if (spec.id == "crypto.backups") {
    report.items.push_back(encryption_item(context, report));
  } else if (spec.id == "key.age") {
    report.items.push_back(age_item(context, spec, report));
  } else if (spec.id == "breach.48h") {
    report.items.push_back(incident_item(context, report));
  } else if (spec.id == "breach.exercise") {
    report.items.push_back(exercise_item(context, report));
  } else if (spec.id == "audit.intact") {
    report.items.push_back(intact_item(spec, log, report));
  } else if (spec.id == "audit.anchor") {
    report.items.push_back(anchor_item(context, spec, log, report));
  } else if (spec.id == "audit.endings") {
    report.items.push_back(ending_item(spec, log, report));
  } else if (spec.kind == Kind::settings) {
    report.items.push_back(settings_item(context, spec));
  } else {
    report.items.push_back(recorded_item(spec, log, report));
  }
}

}  // namespace

Item empty_item(const ItemSpec& spec, const std::string& subject) {
  return {.id = std::string{spec.id},
          .subject = subject,
          .kind = spec.kind,
          .about = report::about_of(spec)};
}

void gather_evidence(Context& context, const ReportLog& log, report::Report& report) {
  for (const ItemSpec& spec : report::item_specs()) {
    gather(context, spec, log, report);
  }
  for (Item& each : report.items) {
    report::judge(each, report);
  }
}

Time evidence_since(Context& context, Time from, Time to) {
  return std::min(from, to - context.settings().check.drill_days);
}

}  // namespace trackier::cli
