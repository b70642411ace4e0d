#include "report/document.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "audit/merkle.hpp"
#include "audit/note.hpp"
#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "report/controls.hpp"
#include "report/document_reader.hpp"
#include "report/judge.hpp"

namespace trackier::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view format_name = "trackier-report/1";

std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json time_json(const std::optional<Time>& time) {
  return time ? Json(to_rfc3339(*time)) : Json();
}

template <typename Number>
Json number_json(const std::optional<Number>& number) {
  return number ? Json(*number) : Json();
}

Json json_of(const Line& line) {
  Json json{{"subject", line.subject}, {"state", line.state}};
  if (line.at) {
    json["at"] = to_rfc3339(*line.at);
  }
  if (line.due) {
    json["due"] = to_rfc3339(*line.due);
  }
  if (line.value) {
    json["value"] = *line.value;
  }
  if (!line.digest.empty()) {
    json["digest"] = line.digest;
  }
  if (line.record) {
    json["record"] = *line.record;
  }
  if (!line.remark.empty()) {
    json["remark"] = line.remark;
  }
  return json;
}

Json controls_json(const ItemSpec& spec) {
  Json all = Json::array();
  for (const std::string_view id : spec.controls) {
    if (!id.empty()) {
      const Control& control = control_of(id);
      all.push_back({{"iso27001_2013", control.iso2013},
                     {"iso27001_2022", control.iso2022},
                     {"words", control.words},
                     {"mapping", control.is_ours ? "our reading" : "published"}});
    }
  }
  for (const std::string_view id : spec.clauses) {
    if (!id.empty()) {
      const Clause& clause = clause_of(id);
      all.push_back({{"bs10012_2017", clause.id},
                     {"words", clause.words},
                     {"mapping", clause.is_confirmed ? "confirmed" : "to be confirmed"}});
    }
  }
  return all;
}

Json json_of(const Item& item) {
  const ItemSpec& spec = spec_of(item.id);
  Json lines = Json::array();
  for (const Line& each : item.lines) {
    lines.push_back(json_of(each));
  }
  return {{"id", item.id},
          {"title", spec.title},
          {"subject", item.subject},
          {"status", check::to_text(item.status)},
          {"statement", item.statement},
          {"collected", time_json(item.collected)},
          {"expires", time_json(item.expires)},
          {"kind", to_text(item.kind)},
          {"about", item.about},
          {"problem", item.problem},
          {"owed", item.is_owed},
          {"every_seconds", item.every ? Json(item.every->count()) : Json()},
          {"most_days", number_json(item.most)},
          {"since", time_json(item.since)},
          {"controls", controls_json(spec)},
          {"lines", std::move(lines)}};
}

Json json_of(const Counts& counts) {
  Json json = Json::object();
  for (int i = check::status_count; i > 0; --i) {
    const auto status = static_cast<Status>(i - 1);
    json[std::string{check::to_text(status)}] = counts[status];
  }
  json["passed"] = counts[Status::pass];
  json["scored"] = counts.scored();
  return json;
}

Json measures_json(const Report& report) {
  Json all = Json::array();
  for (const Measure& measure : measures()) {
    Json items = Json::array();
    Counts counts;
    for (const Item& each : report.items) {
      if (spec_of(each.id).measure == measure.id) {
        items.push_back(json_of(each));
        counts.add(each.status);
      }
    }
    all.push_back({{"id", measure.id},
                   {"title", measure.title},
                   {"promise", measure.promise},
                   {"counts", json_of(counts)},
                   {"items", std::move(items)}});
  }
  return all;
}

Json json_of(const Log& log) {
  Json anchor;
  if (log.anchor) {
    anchor = {{"note", log.anchor->note},
              {"consistency", crypto::base64(as_bytes(log.anchor->consistency))}};
  }
  return {{"key", log.key}, {"checkpoint", log.checkpoint}, {"anchor", std::move(anchor)}};
}

Json body_json(const Report& report) {
  Json records = Json::array();
  for (const CitedRecord& each : report.records) {
    records.push_back({{"number", each.number},
                       {"hash", hexadecimal(audit::leaf_hash(as_bytes(each.text)))},
                       {"text", each.text},
                       {"path", crypto::base64(as_bytes(each.path))}});
  }
  return {{"origin", report.origin},
          {"tool", report.tool},
          {"from", to_rfc3339(report.from)},
          {"to", to_rfc3339(report.to)},
          {"check_valid_hours", check_validity.count()},
          {"exercise_valid_days", exercise_validity.count()},
          {"counts", json_of(counts_of(report.items))},
          {"remarks", remarks()},
          {"measures", measures_json(report)},
          {"log", json_of(report.log)},
          {"records", std::move(records)}};
}

std::string seal_text_of(const Report& report, std::string_view body) {
  return fmt::format("{}\n{}\n{} {}\nsha256 {}\n", format_name, report.origin,
                     to_rfc3339(report.from), to_rfc3339(report.to),
                     hexadecimal(crypto::sha256(as_bytes(body))));
}

}  // namespace

std::string body_text(const Report& report) {
  return dumped(body_json(report));
}

std::string seal_text(const Report& report) {
  return seal_text_of(report, body_text(report));
}

Sealed seal(Report report, const crypto::Secret& key) {
  audit::Note note{.text = seal_text(report)};
  note.signatures.push_back(audit::sign_note(note.text, report.origin, key));
  return {.report = std::move(report), .seal = audit::to_text(note)};
}

std::string json_document(const Sealed& sealed) {
  return fmt::format(R"({{"format":"{}","seal":{},"report":{}}})", format_name,
                     dumped(Json(sealed.seal)), body_text(sealed.report)) +
         "\n";
}

Sealed parse_document(std::string_view text) {
  if (text.size() > most_document_bytes) {
    throw Error{Code::data, "larger than reports are"};
  }
  Sealed made = read_document(text, format_name);
  if (json_document(made) != text) {
    throw Error{Code::data, "its JSON is not what the lines in it add up to: it was changed"};
  }
  return made;
}

}  // namespace trackier::report
