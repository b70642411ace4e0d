// What `status` found, as the textfile collector of Prometheus reads it.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "status_part.hpp"

namespace trackier::cli {
namespace {

struct Description {
  std::string_view name;
  std::string_view help;
};

constexpr std::array<Description, 17> descriptions{{
    {"status_well", "1: this is well, 0: it is not"},
    {"status_timestamp_seconds", "when this was looked at"},
    {"backup_taken_timestamp_seconds", "when the newest sound backup was taken"},
    {"backup_source_bytes", "how large the source was then"},
    {"backup_slots", "slots of the last 30 days, by what became of them"},
    {"verified_timestamp_seconds", "when the last drill that passed ended"},
    {"restore_seconds", "how long it took in that drill until the database answered"},
    {"key_created_timestamp_seconds", "since when a key is in use"},
    {"audit_records", "records of the audit log"},
    {"audit_open_operations", "operations that have begun and not ended"},
    {"audit_anchored_timestamp_seconds", "when witnesses last signed how far the log goes"},
    {"audit_unanchored_records", "records since then"},
    {"alerts_waiting", "what a channel was not told yet"},
    {"incidents_open", "incidents that are open"},
    {"incident_due_timestamp_seconds", "when the next duty of an incident is due"},
    {"disk_free_bytes", "room that is left"},
    {"disk_size_bytes", "room that there is"},
}};

/// What stands between quotation marks.
std::string label(std::string_view value) {
  std::string text;
  for (const char each : value) {
    if (each == '\\' || each == '"') {
      text += '\\';
      text += each;
    } else if (each == '\n') {
      text += "\\n";
    } else {
      text += each;
    }
  }
  return text;
}

std::string line(const Metric& metric) {
  std::string labels;
  for (const auto& [name, value] : metric.labels) {
    labels += fmt::format("{}{}=\"{}\"", labels.empty() ? "{" : ",", name, label(value));
  }
  return fmt::format("trackier_{}{}{} {}\n", metric.name, labels, labels.empty() ? "" : "}",
                     metric.value);
}

}  // namespace

std::string prometheus_text(const StatusParts& parts, Time now) {
  std::vector<Metric> all;
  for (const StatusPart& part : parts) {
    all.push_back({.name = "status_well",
                   .labels = {{"part", part.part}, {"subject", part.subject}},
                   .value = part.is_well ? 1.0 : 0.0});
    all.insert(all.end(), part.metrics.begin(), part.metrics.end());
  }
  all.push_back({.name = "status_timestamp_seconds",
                 .labels = {},
                 .value = static_cast<double>(now.time_since_epoch().count())});
  std::string text;
  std::size_t written = 0;
  for (const Description& each : descriptions) {
    std::string lines;
    for (const Metric& metric : all) {
      if (metric.name == each.name) {
        lines += line(metric);
        ++written;
      }
    }
    if (!lines.empty()) {
      text += fmt::format("# HELP trackier_{0} {1}\n# TYPE trackier_{0} gauge\n{2}", each.name,
                          each.help, lines);
    }
  }
  if (written != all.size()) {
    throw Error{Code::bug, "a metric is not described"};
  }
  return text;
}

}  // namespace trackier::cli
