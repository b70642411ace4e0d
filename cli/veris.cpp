#include "veris.hpp"

#include <nlohmann/json.hpp>

namespace trackier::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string fact(const incident::Incident& incident, const std::string& key,
                 const std::string& otherwise) {
  const auto* const found = incident.fact(key, {});
  return found == nullptr || found->set.known == incident::Known::unknown ? otherwise
                                                                          : found->set.value;
}

Json day_of(Time time) {
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(time)};
  return {{"year", static_cast<int>(day.year())},
          {"month", static_cast<unsigned>(day.month())},
          {"day", static_cast<unsigned>(day.day())}};
}

/// "external", "internal", "partner", or "unknown": the members that VERIS has for actors.
Json actor_of(const incident::Incident& incident) {
  const std::string who = fact(incident, "veris.actor", "unknown");
  return who == "unknown" ? Json{{"unknown", Json::object()}}
                          : Json{{who, {{"variety", {"Unknown"}}, {"motive", {"Unknown"}}}}};
}

Json action_of(const incident::Incident& incident) {
  const std::string what = fact(incident, "veris.action", "unknown");
  return what == "unknown" ? Json{{"unknown", Json::object()}}
                           : Json{{what, {{"variety", {"Unknown"}}, {"vector", {"Unknown"}}}}};
}

}  // namespace

std::string veris_of(const incident::Incident& incident, const std::string& tool) {
  std::uint64_t records = 0;
  if (const auto* const scope = incident.scope()) {
    for (const auto& each : scope->affected()) {
      records += each.records;
    }
  }
  const bool is_certain = incident.anchor("aware").has_value();
  const auto occurred = parse_moment(fact(incident, "occurred_from", ""));
  const Time detected = incident.anchor("detected").value_or(incident.entry.at.time);
  Json confidentiality{{"data_disclosure",
                        fact(incident, "veris.disclosure", is_certain ? "Potentially" : "Unknown")},
                       {"data", {{{"variety", "Personal"}, {"amount", records}}}},
                       {"data_total", records}};
  const Json made{
      {"schema_version", "1.3.7"},
      {"incident_id", incident.id},
      {"source_id", "trackier-ctl"},
      {"summary", incident.opened.title},
      {"security_incident", incident.state == "dismissed" ? "False positive"
                            : is_certain                  ? "Confirmed"
                                                          : "Suspected"},
      {"confidence", is_certain ? "High" : "Low"},
      {"timeline",
       {{"incident", day_of(occurred ? occurred->time : detected)},
        {"discovery", {{"unit", "NA"}}}}},
      {"discovery_method", {{fact(incident, "veris.discovery", "unknown"), Json::object()}}},
      {"actor", actor_of(incident)},
      {"action", action_of(incident)},
      {"asset", {{"assets", {{{"variety", "Unknown"}}}}}},
      {"attribute", {{"confidentiality", std::move(confidentiality)}}},
      {"victim", {{"victim_id", "undisclosed"}, {"country", {"Unknown"}}}},
      {"plus", {{"tool", tool}}}};
  return made.dump(1) + "\n";
}

}  // namespace trackier::cli
