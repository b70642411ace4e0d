#pragma once
/// The items of a report, gathered: from the audit log, the store, the keyring, incidents and
/// settings. What cannot be read is said by the item, and hides no other.

#include <string>
#include <vector>

#include "context.hpp"
#include "report/controls.hpp"
#include "report/report.hpp"
#include "report_log.hpp"

namespace trackier::cli {

/// All of them, judged, into `report`, whose period is set.
void gather_evidence(Context& context, const ReportLog& log, report::Report& report);

/// An item of that spec, without lines.
report::Item empty_item(const report::ItemSpec& spec, const std::string& subject = {});

/// Of each source: backup.slots, restore.drill. One without lines when there is no source.
std::vector<report::Item> slot_items(Context& context, const ReportLog& log,
                                     const report::Report& report);
std::vector<report::Item> drill_items(Context& context, const ReportLog& log,
                                      const report::Report& report);

/// crypto.backups: how many backups of each source were taken in the period.
report::Item encryption_item(Context& context, const report::Report& report);

/// breach.48h and breach.exercise.
report::Item incident_item(Context& context, const report::Report& report);
report::Item exercise_item(Context& context, const report::Report& report);

/// Those about settings in force: profiles, officers, tenants.
report::Item settings_item(Context& context, const report::ItemSpec& spec);

/// How far back the log is needed: drills, and the period itself.
Time evidence_since(Context& context, Time from, Time to);

}  // namespace trackier::cli
