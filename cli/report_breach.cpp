// What incidents give a report: when each was detected, and when customers heard of it.
#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "incident_desk.hpp"
#include "report/cited.hpp"
#include "report/judge.hpp"
#include "report_evidence.hpp"

namespace trackier::cli {
namespace {

using report::Item;
using report::Line;

constexpr std::string_view promise = "promise.customer48";

/// Calls `look` with each incident as it stood before `to`; one whose timeline is broken is the
/// item's problem.
template <typename Look>
void each_incident(Context& context, Time to, Item& item, Look look) {
  if (!has_incidents(context)) {
    return;
  }
  try {
    IncidentDesk desk{context};
    for (const std::string& name : desk.timeline().incidents()) {
      incident::Chain chain = desk.chain(name);
      if (chain.bad) {
        throw Error{Code::data, fmt::format("the timeline of {} is broken at entry {}",
                                            printable(name), chain.bad->seq)};
      }
      const auto end = std::ranges::find_if(
          chain.entries, [&](const auto& each) { return each.entry.recorded.wall >= to; });
      chain.entries.erase(end, chain.entries.end());
      if (!chain.entries.empty()) {
        look(desk, incident::incident_of(chain.entries));
      }
    }
  } catch (const os::Interrupted&) {
    throw;
  } catch (const Error& error) {
    item.problem = error.what();
  }
}

}  // namespace

Item incident_item(Context& context, const report::Report& report) {
  Item item = empty_item(report::spec_of("breach.48h"));
  item.is_owed = false;
  each_incident(context, report.to, item, [&](IncidentDesk& desk, const auto& incident) {
    if (incident.opened.is_drill) {
      return;
    }
    const Time detected = incident.anchor("detected").value_or(incident.entry.at.time);
    const auto states = incident::duties_of(incident, desk.law(), true);
    const auto state =
        std::ranges::find_if(states, [](const auto& each) { return each.duty->id == promise; });
    const auto due = state == states.end() ? std::nullopt : state->due_at();
    if (detected >= report.to || (due.value_or(detected) < report.from && detected < report.from)) {
      return;
    }
    Line line{.subject = printable(incident.id), .state = "not sent"};
    const bool is_decided =
        incident.state == "dismissed" ||
        (state != states.end() && state->progress == incident::Progress::not_due);
    if (is_decided || !due) {
      line.state = is_decided ? "none to tell" : "no deadline";
    } else {
      const auto sent = state->progress == incident::Progress::sent ? state->sent_at : std::nullopt;
      line = report::incident_line(line.subject, *due, sent, report.to);
    }
    line.remark = fmt::format("detected {}", to_rfc3339(detected));
    item.lines.push_back(std::move(line));
  });
  return item;
}

Item exercise_item(Context& context, const report::Report& report) {
  Item item = empty_item(report::spec_of("breach.exercise"));
  each_incident(context, report.to, item, [&](IncidentDesk&, const auto& incident) {
    const Time held = incident.entry.at.time;
    if (incident.opened.is_drill && held < report.to &&
        held >= report.to - report::exercise_validity) {
      item.lines.push_back(
          {.subject = printable(incident.id), .state = printable(incident.state), .at = held});
    }
  });
  std::ranges::stable_sort(item.lines, {}, [](const Line& each) { return *each.at; });
  return item;
}

}  // namespace trackier::cli
