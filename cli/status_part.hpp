#pragma once
/// What `status` says of one thing that has to be well: a source, the keys, the audit log, a
/// channel, an incident, a disk.

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "context.hpp"

namespace trackier::cli {

/// A number for Prometheus.
struct Metric {
  std::string_view name;  ///< without "trackier_"
  std::vector<std::pair<std::string_view, std::string>> labels;
  double value = 0;
};

struct StatusPart {
  std::string part;     ///< "source", "keys", "audit", "alerts", "incident", "disk"
  std::string subject;  ///< which one, where there are several; printable, may be empty
  bool is_well = true;
  std::string found;   ///< for people; printable
  std::string cure{};  ///< what helps, where it is not well; printable, may be empty
  nlohmann::ordered_json details = nlohmann::ordered_json::object();  ///< further members in JSON
  std::vector<Metric> metrics{};
};

using StatusParts = std::vector<StatusPart>;

/// Says one thing more of it. cure: what helps, if that is not well.
void add_found(StatusPart& part, const std::string& found, bool is_well, std::string_view cure);

/// How old what is asked for may be; none: as the settings have it.
struct StatusLimits {
  std::optional<std::chrono::seconds> age;           ///< of the newest sound backup
  std::optional<std::chrono::seconds> verified_age;  ///< of the last drill that passed
};

/// What cannot be looked at is not well, and keeps nothing else from being looked at.
StatusPart looking(const std::string& part, const std::string& subject,
                   const std::function<StatusPart()>& look);

/// sources, store: as named on the command line.
StatusParts status_of_sources(Context& context, const std::vector<std::string>& sources,
                              const std::optional<std::string>& store, const StatusLimits& limits);
StatusParts status_of_keys(Context& context);
StatusParts status_of_audit(Context& context);
StatusParts status_of_alerts(Context& context);
StatusParts status_of_incidents(Context& context);
StatusParts status_of_disks(Context& context);

/// In the text format of Prometheus 0.0.4, metrics of a name together. Throws Error{Code::bug} for
/// a metric that is not described.
std::string prometheus_text(const StatusParts& parts, Time now);

}  // namespace trackier::cli
