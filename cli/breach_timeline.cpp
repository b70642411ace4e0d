// The record: what was entered, whether it is still what was entered, and the register of all
// incidents.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "breach.hpp"
#include "core/text.hpp"
#include "crypto/base64.hpp"
#include "json_line.hpp"

namespace trackier::cli::breach_verbs {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string incident;
  std::optional<std::string> head;
  bool verify = false;
  bool json = false;
  bool csv = false;
};

/// What happened, for people, in a line.
struct Telling {
  std::string operator()(const incident::Opened& event) const {
    return fmt::format("opened{}: {}", event.is_drill ? " as a drill" : "", printable(event.title));
  }
  std::string operator()(const incident::Noted& event) const {
    constexpr std::size_t most = 2000;
    std::string text = printable(event.text, most);
    for (const incident::Attachment& each : event.attachments) {
      text += fmt::format("\n        with {}, {}, SHA-256 {}", printable(each.name),
                          human_bytes(each.bytes), each.sha256);
    }
    return text;
  }
  std::string operator()(const incident::AnchorSet& event) const {
    return fmt::format("{}{}", event.name, reason(event.because));
  }
  std::string operator()(const incident::StateSet& event) const {
    return fmt::format("{}{}", event.state, reason(event.because));
  }
  std::string operator()(const incident::FactSet& event) const {
    const std::string of =
        event.about == incident::Recipient{} ? "" : " of " + printable(event.about.name());
    if (event.known == incident::Known::unknown) {
      return fmt::format("{}{} is not known yet, expected {}{}", printable(event.key), of,
                         printable(event.expected_by), reason(event.reason));
    }
    return fmt::format("{}{} = {}{}{}", printable(event.key), of, printable(event.value),
                       event.known == incident::Known::estimate ? " (an estimate)" : "",
                       event.basis.empty() ? "" : ", from " + printable(event.basis));
  }
  std::string operator()(const incident::ScopeCounted& event) const {
    const auto affected = std::ranges::count_if(event.counts, [](const incident::Counted& each) {
      return each.country.empty() && each.records > 0;
    });
    return fmt::format("{} {}: {} lines of {} files, {} records, {} customers", event.run,
                       event.is_replay ? "counted again" : "counted", grouped(event.lines),
                       event.inputs.size(), grouped(event.matched), affected);
  }
  std::string operator()(const incident::SeverityScored& event) const {
    return fmt::format("severity{}{}",
                       event.tenant.empty() ? "" : " for " + printable(event.tenant),
                       reason(event.because));
  }
  std::string operator()(const incident::Decided& event) const {
    return fmt::format("{}: {}{}", event.duty, event.notify ? "notify" : "do not notify",
                       reason(event.because));
  }
  std::string operator()(const incident::Drafted& event) const {
    return fmt::format("{} version {} {} for {}{}", event.draft, event.version, event.how,
                       event.duty,
                       event.to == incident::Recipient{} ? "" : ", " + printable(event.to.name()));
  }
  std::string operator()(const incident::Approved& event) const {
    return fmt::format("{} version {} approved{}{}", event.draft, event.version,
                       event.is_single_handed ? ", single-handed" : "", reason(event.because));
  }
  std::string operator()(const incident::Sent& event) const {
    return fmt::format(
        "sent {}{} by {} ({}){}",
        event.draft.empty() ? event.duty : fmt::format("{} version {}", event.draft, event.version),
        to_whom(event.to), printable(event.channel), printable(event.reference),
        reason(event.because));
  }
  std::string operator()(const incident::Handed& event) const {
    return fmt::format("handing {} version {} to {}{}", event.draft, event.version,
                       printable(event.channel), reason(event.because));
  }
  std::string operator()(const incident::HandedBack& event) const {
    return fmt::format("{} version {} was not sent{}", event.draft, event.version,
                       reason(event.because));
  }
  std::string operator()(const incident::Corrected& event) const {
    return fmt::format("corrects entry {}{}", event.seq, reason(event.because));
  }

 private:
  static std::string reason(const std::string& because) {
    return because.empty() ? "" : ", because: " + printable(because);
  }
};

int timeline(Context& context, const Options& options) {
  IncidentDesk desk{context};
  const incident::Chain chain = desk.chain(options.incident);
  for (const auto& each : chain.entries) {
    if (options.json) {
      context.out().result(each.line + "\n");
      continue;
    }
    if (options.verify) {
      continue;
    }
    const incident::Entry& entry = each.entry;
    const bool is_claim = entry.at.time != entry.recorded.wall;
    context.out().result(
        fmt::format("{:>4}  {}{}  {}\n      {}\n", entry.seq, time_text(entry.at.time, desk.zone()),
                    is_claim ? fmt::format(" (recorded {})", to_rfc3339(entry.recorded.wall)) : "",
                    name_of(entry.by), telling(entry.event)));
  }
  for (const std::string& doubt : chain.doubts) {
    context.out().warning(fmt::format("{}: {}", options.incident, doubt));
  }
  if (chain.bad) {
    throw Error{Code::verdict,
                fmt::format("{}: entry {}: {}", options.incident, chain.bad->seq, chain.bad->why),
                chain.bad->seq == 1 ? "" : "the entries before it are sound"};
  }
  if (options.verify && chain.has_lost_head && !options.head) {
    throw Error{Code::verdict, fmt::format("{}: {}", options.incident, lost_head_text(chain)),
                "compare with a hash that was kept elsewhere: --head HASH; the next entry is kept "
                "with its hash again"};
  }
  if (options.head) {
    const auto found =
        std::ranges::find(chain.entries, *options.head, &incident::SignedEntry::hash);
    if (found == chain.entries.end()) {
      throw Error{
          Code::verdict,
          fmt::format("{}: no entry has the hash {}", options.incident, printable(*options.head)),
          "the timeline is not the one that the hash was taken of"};
    }
  }
  if (options.verify && !options.json) {
    context.out().result(fmt::format("{}: {} entries, whole and in order, each signed; head {}\n",
                                     options.incident, chain.entries.size(), chain.head));
  }
  return 0;
}

int head(Context& context, const Options& options) {
  IncidentDesk desk{context};
  const incident::Chain chain = desk.chain(options.incident);
  if (chain.bad) {
    throw Error{Code::verdict,
                fmt::format("{}: entry {}: {}", options.incident, chain.bad->seq, chain.bad->why)};
  }
  context.out().result(fmt::format("{} {} {} {}\n", options.incident, chain.entries.size(),
                                   chain.head, crypto::base64(chain.entries.back().signer)));
  return 0;
}

std::string csv_field(const std::string& text) {
  std::string made = "\"";
  // A spreadsheet takes these for formulas (OWASP, CSV Injection).
  if (!text.empty() && std::string_view{"=+-@\t\r"}.find(text.front()) != std::string_view::npos) {
    made += '\'';
  }
  for (const char letter : printable(text, std::string::npos)) {
    made += letter == '"' ? "\"\"" : std::string(1, letter);
  }
  return made + "\"";
}

void tell_row(Context& context, const Options& options, const RegisterEntry& row) {
  if (options.json) {
    context.out().result(json_line(Json{{"incident", row.incident},
                                        {"state", row.state},
                                        {"title", row.title},
                                        {"detected", row.detected},
                                        {"aware", row.aware},
                                        {"records", row.records},
                                        {"people_at_most", row.people},
                                        {"severity", row.severity},
                                        {"duties", row.duties},
                                        {"because", row.because}}));
  } else if (options.csv) {
    context.out().result(fmt::format("{},{},{},{},{},{},{},{},{},{}\r\n", csv_field(row.incident),
                                     csv_field(row.state), csv_field(row.title), row.detected,
                                     row.aware, row.records, row.people, csv_field(row.severity),
                                     csv_field(row.duties), csv_field(row.because)));
  } else {
    context.out().result(fmt::format(
        "{} ({}): {}\n  detected {}{}{}\n", row.incident, row.state, printable(row.title),
        row.detected, row.aware.empty() ? "" : ", aware " + row.aware,
        row.severity.empty() ? "" : fmt::format(", severity {}", row.severity)));
    if (row.records > 0) {
      context.out().result(fmt::format("  {} records, at most {} people\n", grouped(row.records),
                                       grouped(row.people)));
    }
    context.out().result(fmt::format("  {}\n", row.duties));
    if (!row.because.empty()) {
      context.out().result(fmt::format("  {}: {}\n", row.state, printable(row.because)));
    }
  }
}

int list_all(Context& context, const Options& options) {
  IncidentDesk desk{context};
  if (options.csv) {
    context.out().result(
        "incident,state,title,detected,aware,records,people_at_most,severity,duties,because\r\n");
  }
  std::optional<Error> broken;
  for (const std::string& name : desk.timeline().incidents()) {
    if (is_drill(name)) {
      continue;
    }
    try {
      tell_row(context, options, register_entry(desk, desk.incident(name)));
    } catch (const Error& error) {  // one that is broken hides no other
      context.out().error(error);
      broken = error;
    }
  }
  return static_cast<int>(broken ? Code::verdict : Code::ok);
}

int list(Context& context, const Options& options) {
  IncidentDesk desk{context};
  bool is_well = true;
  for (const std::string& name : desk.timeline().incidents()) {
    try {
      const auto incident = desk.incident(name);
      context.out().result(options.json ? json_line(Json{{"incident", name},
                                                         {"state", incident.state},
                                                         {"title", incident.opened.title},
                                                         {"drill", incident.opened.is_drill}})
                                        : fmt::format("{}  {:<9}  {}\n", name, incident.state,
                                                      printable(incident.opened.title)));
    } catch (const Error& error) {  // one that is broken hides no other
      context.out().error(error);
      is_well = false;
    }
  }
  return static_cast<int>(is_well ? Code::ok : Code::verdict);
}

}  // namespace

std::optional<law::Level> worst_severity(const incident::Incident& incident) {
  std::optional<law::Level> worst;
  for (const auto& [tenant, severity] : incident.severities) {
    const law::Level level = assessment_of(severity.scored).level();
    worst = worst ? std::max(*worst, level) : level;
  }
  return worst;
}

law::Assessment assessment_of(const incident::SeverityScored& scored) {
  law::Assessment made{.context = scored.context,
                       .identification = scored.identification_quarters,
                       .circumstances = {}};
  const std::size_t count =
      std::min(made.circumstances.size(), scored.circumstance_quarters.size());
  std::copy_n(scored.circumstance_quarters.begin(), count, made.circumstances.begin());
  return made;
}

RegisterEntry register_entry(const IncidentDesk& desk, const incident::Incident& incident) {
  const auto time = [&](const char* anchor) {
    const auto at = incident.anchor(anchor);
    return at ? to_rfc3339(*at) : "";
  };
  RegisterEntry row{.incident = incident.id,
                    .state = incident.state,
                    .title = incident.opened.title,
                    .detected = time("detected"),
                    .aware = time("aware"),
                    .severity = {},
                    .duties = {},
                    .because = incident.state_because};
  if (const auto* const scope = incident.scope()) {
    for (const auto& each : scope->affected()) {
      row.records += each.records;
      row.people += each.people_upper;
    }
  }
  if (const auto level = worst_severity(incident)) {
    row.severity = law::to_text(*level);
  }
  for (const auto& state : incident::duties_of(incident, desk.law(), false)) {
    const auto decision = incident.decisions.find(state.duty->id);
    row.duties += fmt::format(
        "{}{}: {}{}", row.duties.empty() ? "" : "; ", state.duty->id,
        incident::to_text(state.progress),
        decision == incident.decisions.end() ? "" : " (" + decision->second.decided.because + ")");
  }
  return row;
}

bool is_drill(std::string_view incident) {
  return incident.starts_with("DRILL-");
}

std::string name_of(const incident::Person& person) {
  return person.claimed_by.empty()
             ? printable(person.name)
             : fmt::format("{} (as {} says)", printable(person.name), person.claimed_by);
}

std::string to_whom(const incident::Recipient& to) {
  return to == incident::Recipient{} ? "" : " to " + printable(to.name());
}

std::vector<std::string> names_of(const std::vector<incident::Recipient>& recipients) {
  std::vector<std::string> names;
  std::ranges::transform(recipients, std::back_inserter(names),
                         [](const incident::Recipient& each) { return each.name(); });
  return names;
}

std::string telling(const incident::Event& event) {
  return std::visit(Telling{}, event);
}

Command make_timeline() {
  auto options = std::make_shared<Options>();
  Command command{"timeline", "show what was recorded, and prove that it still is"};
  add_incident(command, options->incident);
  command.flag("--verify", options->verify, "say only whether it is whole; exit 1 if not");
  command.option("--head", options->head, "HASH", "it has to contain the entry of this hash");
  command.flag("--json", options->json, "print the entries as they were signed");
  command.run([options](Context& context) { return timeline(context, *options); });
  return command;
}

Command make_head() {
  auto options = std::make_shared<Options>();
  Command command{"head", "print the hash of the last entry, to be kept elsewhere"};
  command.about(
      "Mail it to yourself: with breach timeline --head HASH it shows later that nothing up to\n"
      "there was changed, whoever had the database and the key.");
  add_incident(command, options->incident);
  command.run([options](Context& context) { return head(context, *options); });
  return command;
}

Command make_list() {
  auto options = std::make_shared<Options>();
  Command command{"list", "list all incidents, a line each"};
  command.flag("--json", options->json, "print a line of JSON for each");
  command.run([options](Context& context) { return list(context, *options); });
  return command;
}

Command make_register() {
  auto options = std::make_shared<Options>();
  Command command{"register", "list every breach with its effects and decisions (GDPR Art. 33(5))"};
  command.flag("--csv", options->csv, "as a table for spreadsheets");
  command.flag("--json", options->json, "print a line of JSON for each");
  command.run([options](Context& context) { return list_all(context, *options); });
  return command;
}

}  // namespace trackier::cli::breach_verbs
