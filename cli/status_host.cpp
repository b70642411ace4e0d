// How the host stands: keys, audit log, alerts, incidents, disks.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "alert_channel.hpp"
#include "audit/checkpoints.hpp"
#include "audit/segments.hpp"
#include "audit/tail.hpp"
#include "audit_log.hpp"
#include "backup_sources.hpp"
#include "breach.hpp"
#include "check_subjects.hpp"
#include "core/duration.hpp"
#include "core/text.hpp"
#include "incident_desk.hpp"
#include "status_part.hpp"

namespace trackier::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view look_closer = "trackier-ctl audit verify";
constexpr std::string_view anchor_it = "trackier-ctl audit anchor";

std::chrono::seconds since(Time time) {
  return std::max(std::chrono::seconds{0}, now() - time);
}

void add_anchor(Context& context, StatusPart& part, std::uint64_t records) {
  constexpr std::chrono::minutes most{75};
  if (context.settings().audit.witnesses.empty()) {
    part.found += ", no witness";
    return;
  }
  const auto kept = audit::kept_checkpoints(context.files(), audit_directory(context));
  if (kept.empty()) {
    return add_found(part, "never anchored", false, anchor_it);
  }
  const audit::Anchor anchor =
      audit::check_anchor(audit::parse_note(kept.back()), audit_policy(context));
  if (!anchor.seen || anchor.checkpoint.size > records) {
    return add_found(part, "the last anchor does not fit", false, look_closer);
  }
  const std::uint64_t unanchored = records - anchor.checkpoint.size;
  part.details["anchored"] = to_rfc3339(*anchor.seen);
  part.details["unanchored"] = unanchored;
  part.metrics.push_back({.name = "audit_anchored_timestamp_seconds",
                          .labels = {},
                          .value = static_cast<double>(anchor.seen->time_since_epoch().count())});
  part.metrics.push_back(
      {.name = "audit_unanchored_records", .labels = {}, .value = static_cast<double>(unanchored)});
  add_found(
      part,
      fmt::format("anchored {} ago, {} since", duration_text(since(*anchor.seen)), unanchored),
      since(*anchor.seen) <= most, anchor_it);
}

StatusPart part_of(Context& context, const AlertChannel& channel) {
  constexpr std::chrono::minutes at_once{5};
  constexpr std::chrono::hours digest{2};
  const alert::Pending waiting =
      alert_outbox(context, channel).pending(now(), context.interrupt().token());
  StatusPart made{.part = "alerts", .subject = channel.name};
  made.details = {{"at_once", waiting.at_once},
                  {"digest", waiting.digest},
                  {"oldest", waiting.oldest() ? Json(audit::to_text(*waiting.oldest())) : Json()}};
  for (const auto& [kind, count] :
       {std::pair{"at_once", waiting.at_once}, std::pair{"digest", waiting.digest}}) {
    made.metrics.push_back({.name = "alerts_waiting",
                            .labels = {{"channel", channel.name}, {"kind", kind}},
                            .value = static_cast<double>(count)});
  }
  const auto waits = [&](std::uint64_t count, const char* what,
                         const std::optional<audit::Milliseconds>& oldest,
                         std::chrono::seconds most) {
    if (oldest) {
      const auto age = since(std::chrono::floor<std::chrono::seconds>(*oldest));
      add_found(made, fmt::format("{} {} wait, for {}", count, what, duration_text(age)),
                age <= most, "trackier-ctl alert flush, by a timer every minute");
    }
  };
  waits(waiting.at_once, "events", waiting.oldest_at_once, at_once);
  waits(waiting.digest, "activities", waiting.oldest_digest, digest);
  if (made.found.empty() && !waiting.is_damaged) {
    made.found = "nothing waits";
  }
  if (waiting.is_damaged) {
    add_found(made, "the audit log does not go on from what was told", false, look_closer);
  }
  return made;
}

/// An open incident, and what of it is due first.
StatusPart part_of(IncidentDesk& desk, const std::string& name,
                   const incident::Incident& incident) {
  constexpr std::chrono::hours is_near{12};
  StatusPart made{.part = "incident", .subject = name};
  const auto states = incident::duties_of(incident, desk.law(), false);
  const incident::DutyState* next = nullptr;
  std::size_t open = 0;
  for (const incident::DutyState& each : states) {
    if (!each.is_open()) {
      continue;
    }
    ++open;
    if (each.due_at() && (next == nullptr || *each.due_at() < *next->due_at())) {
      next = &each;
    }
  }
  made.details = {{"state", incident.state},
                  {"open_duties", open},
                  {"next", next == nullptr ? Json() : Json(next->duty->id)},
                  {"due", next == nullptr ? Json() : Json(to_rfc3339(*next->due_at()))}};
  made.found = fmt::format("{}, {} duties are open", incident.state, open);
  if (next != nullptr) {
    const Time due = *next->due_at();
    add_found(made,
              due < desk.now()
                  ? fmt::format("{} was due {}, {} ago", next->duty->id,
                                time_text(due, desk.zone()), left_text(desk.now() - due))
                  : fmt::format("{} is due {}, {} left", next->duty->id,
                                time_text(due, desk.zone()), left_text(due - desk.now())),
              due - desk.now() > is_near, fmt::format("trackier-ctl breach next {}", name));
    made.metrics.push_back({.name = "incident_due_timestamp_seconds",
                            .labels = {{"incident", name}, {"duty", next->duty->id}},
                            .value = static_cast<double>(due.time_since_epoch().count())});
  }
  return made;
}

}  // namespace

StatusParts status_of_keys(Context& context) {
  const auto keys = keys_to_check(context);
  const auto most = context.settings().check.key_days;
  StatusPart made{.part = "keys", .subject = {}};
  std::map<std::string, std::size_t> states;
  const check::KeyStanding* oldest = nullptr;
  Json listed = Json::array();
  for (const check::KeyStanding& each : keys) {
    if (!each.since) {
      add_found(made, fmt::format("{}: {}", printable(each.name), each.problem), false,
                "trackier-ctl config show says where keys are looked for");
      continue;
    }
    ++states[each.state];
    listed.push_back({{"name", printable(each.name)},
                      {"state", each.state},
                      {"since", to_rfc3339(*each.since)}});
    if (each.state == "compromised") {
      add_found(made, fmt::format("{} is compromised", printable(each.name)), false,
                "trackier-ctl keys rotate and keys reencrypt");
    }
    if (!each.is_in_use) {
      continue;
    }
    made.metrics.push_back({.name = "key_created_timestamp_seconds",
                            .labels = {{"key", printable(each.name)}},
                            .value = static_cast<double>(each.since->time_since_epoch().count())});
    if (oldest == nullptr || *each.since < *oldest->since) {
      oldest = &each;
    }
  }
  made.details["keys"] = std::move(listed);
  std::string counted;
  for (const auto& [state, count] : states) {
    counted += fmt::format("{}{} {}", counted.empty() ? "" : ", ", count, state);
  }
  if (oldest != nullptr) {
    const bool is_old = since(*oldest->since) > most;
    add_found(made,
              fmt::format("{}, the oldest in use {}{} ({})", counted,
                          duration_text(since(*oldest->since)),
                          is_old ? fmt::format(", more than {} d", most.count()) : "",
                          printable(oldest->name)),
              !is_old, "trackier-ctl keys rotate, or a new file");
  } else if (keys.empty()) {
    const config::Keyring& keyring = context.settings().keyring;
    const bool is_wanted = !keyring.path.empty() || !keyring.unlock.empty();
    add_found(made,
              is_wanted ? "the keyring of the settings is not there"
                        : "there is no keyring, and the settings name no key in a file",
              !is_wanted, "a copy of it; trackier-ctl keys new makes another");
  }
  return {made};
}

StatusParts status_of_audit(Context& context) {
  StatusPart made{.part = "audit", .subject = {}};
  if (!context.settings().audit.is_on) {
    add_found(made, "nothing is recorded", false, "audit.record = true in the settings");
    return {made};
  }
  const auto directory = audit_directory(context);
  if (audit::segments_in(context.files(), directory).empty()) {
    // The key of hidden values is made before the first record.
    const auto values = context.environment().state_directory() / "audit-values.key";
    const bool was_there = context.files().entry(values).has_value();
    add_found(made, was_there ? "there was a log, and it is not there" : "nothing is recorded yet",
              !was_there && context.settings().audit.witnesses.empty(),
              was_there ? "ask who removed it; its witness knows how long it was"
                        : "trackier-ctl audit anchor records that there is one");
    return {made};
  }
  constexpr std::chrono::seconds patience{10};
  audit::Tail tail;
  {
    const auto held =
        audit::hold_log(context.files(), directory, patience, context.interrupt().token());
    tail = audit::read_tail(context.files(), directory);
  }
  const std::uint64_t records = tail.last ? tail.last->seq + 1 : 0;
  const audit::Writer writer = audit_writer(context);
  const auto open = tail.open();
  const auto gone = std::ranges::count_if(
      open, [&](const audit::OpenOperation& each) { return writer.is_gone(each.process); });
  made.details = {{"records", records}, {"open", open.size()}, {"not_ended", gone}};
  made.metrics = {
      {.name = "audit_records", .labels = {}, .value = static_cast<double>(records)},
      {.name = "audit_open_operations", .labels = {}, .value = static_cast<double>(open.size())}};
  made.found = fmt::format("{} records", records);
  if (gone > 0) {
    add_found(made, fmt::format("{} commands did not come to their end", gone), false, look_closer);
  }
  if (!tail.torn.empty()) {
    add_found(made, "the last line was cut short", false, look_closer);
  }
  add_anchor(context, made, records);
  return {made};
}

StatusParts status_of_alerts(Context& context) {
  StatusParts made;
  for (const AlertChannel& each : context.settings().alerts.channels) {
    made.push_back(looking("alerts", each.name, [&] { return part_of(context, each); }));
  }
  if (made.empty()) {
    made.push_back(
        {.part = "alerts", .subject = {}, .found = "the settings name nobody who is told"});
  }
  return made;
}

StatusParts status_of_incidents(Context& context) {
  StatusParts made;
  if (!has_incidents(context)) {
    return {{.part = "incidents",
             .subject = {},
             .found = "none is open",
             .metrics = {{.name = "incidents_open", .labels = {}, .value = 0}}}};
  }
  IncidentDesk desk{context};
  for (const std::string& name : desk.timeline().incidents()) {
    if (breach_verbs::is_drill(name)) {
      continue;
    }
    const incident::Chain chain = desk.chain(name);
    if (chain.bad || chain.has_lost_head) {
      made.push_back({.part = "incident",
                      .subject = name,
                      .is_well = false,
                      .found = chain.bad ? fmt::format("the timeline is broken at entry {}: {}",
                                                       chain.bad->seq, chain.bad->why)
                                         : lost_head_text(chain),
                      .cure = "compare with a bundle or a copy made before"});
      continue;
    }
    const auto incident = incident::incident_of(chain.entries);
    if (!incident.is_over()) {
      made.push_back(part_of(desk, name, incident));
    }
  }
  const auto open = static_cast<double>(made.size());
  if (made.empty()) {
    made.push_back({.part = "incidents", .subject = {}, .found = "none is open"});
  }
  made.front().metrics.push_back({.name = "incidents_open", .labels = {}, .value = open});
  return made;
}

StatusParts status_of_disks(Context& context) {
  constexpr std::uint64_t least_percent = 5;
  std::vector<std::filesystem::path> places{context.environment().state_directory()};
  if (const std::filesystem::path store{context.settings().backup.store};
      !store.empty() && store != places.front()) {
    places.push_back(store);
  }
  StatusParts made;
  for (const auto& place : places) {
    std::error_code error;
    const auto space = std::filesystem::space(place, error);
    if (error) {
      continue;  // it is made when something is kept there
    }
    const std::uint64_t percent = space.capacity == 0 ? 0 : space.available * 100 / space.capacity;
    StatusPart part{.part = "disk", .subject = printable(place.native())};
    part.details = {{"free", space.available}, {"size", space.capacity}};
    for (const auto& [name, bytes] : {std::pair{"disk_free_bytes", space.available},
                                      std::pair{"disk_size_bytes", space.capacity}}) {
      part.metrics.push_back({.name = name,
                              .labels = {{"place", printable(place.native())}},
                              .value = static_cast<double>(bytes)});
    }
    add_found(part,
              fmt::format("{} of {} free ({} %)", human_bytes(space.available),
                          human_bytes(space.capacity), percent),
              percent >= least_percent, "trackier-ctl prune, or a larger disk");
    made.push_back(std::move(part));
  }
  return made;
}

}  // namespace trackier::cli
