#include "report/oscal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.hpp"
#include "core/hexadecimal.hpp"
#include "crypto/base64.hpp"
#include "crypto/uuid.hpp"
#include "report/controls.hpp"
#include "report/judge.hpp"

namespace trackier::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view root_name = "assessment-results";
constexpr std::string_view file_name = "report.json";
constexpr std::string_view oscal_version = "1.2.0";
constexpr std::string_view name_space = "urn:trackier-ctl:report:1";

/// Of the project, drawn at random once.
constexpr std::string_view uuid_space = "5f3b0c1e9a7d4e629d1c7b40a2f86e13";

class Writer {
 public:
  explicit Writer(const Sealed& sealed) : sealed_(sealed), report_(sealed.report) {
    if (!from_hexadecimal(uuid_space, space_)) {
      throw Error{Code::bug, "a name space that is no UUID"};
    }
  }

  [[nodiscard]] Json all() const {
    Json root{{"uuid", uuid("results")},
              {"metadata",
               {{"title", "Evidence of " + report_.origin},
                {"last-modified", to_rfc3339(report_.to)},
                {"version", to_rfc3339(report_.to)},
                {"oscal-version", oscal_version},
                {"props", Json::array({prop("tool", report_.tool)})},
                {"remarks", remarks_text()}}},
              {"import-ap", {{"href", "#" + uuid("plan")}}},
              {"results", Json::array({result()})},
              {"back-matter", {{"resources", Json::array({plan(), document()})}}}};
    return {{root_name, std::move(root)}};
  }

 private:
  /// The same for the same thing of the same report.
  [[nodiscard]] std::string uuid(std::string_view what) const {
    return crypto::to_text(crypto::uuid_of(
        space_, fmt::format("{}\n{}\n{}\n{}", report_.origin, to_rfc3339(report_.from),
                            to_rfc3339(report_.to), what)));
  }

  static Json prop(std::string_view name, std::string_view value) {
    return {{"name", name}, {"ns", name_space}, {"value", value}};
  }

  static std::string remarks_text() {
    std::string text;
    for (const std::string_view each : remarks()) {
      text += text.empty() ? "" : "\n\n";
      text += each;
    }
    return text;
  }

  static std::string name_of(const Item& item) {
    return fmt::format("{}{}{}", spec_of(item.id).title, item.subject.empty() ? "" : ": ",
                       item.subject);
  }

  static std::string key_of(const Item& item) { return item.id + "\n" + item.subject; }

  /// Tokens begin with a letter, so ids have the standard in front.
  static std::vector<std::string> control_ids(const ItemSpec& spec) {
    std::vector<std::string> ids;
    for (const std::string_view each : spec.controls) {
      if (!each.empty()) {
        ids.push_back(fmt::format("iso27001-2013-{}", each));
        ids.push_back(fmt::format("iso27001-2022-{}", control_of(each).iso2022));
      }
    }
    for (const std::string_view each : spec.clauses) {
      if (!each.empty()) {
        ids.push_back(fmt::format("bs10012-2017-{}", each));
      }
    }
    return ids;
  }

  static Json selections() {
    std::set<std::string> ids;
    for (const ItemSpec& each : item_specs()) {
      for (std::string& id : control_ids(each)) {
        ids.insert(std::move(id));
      }
    }
    Json controls = Json::array();
    for (const std::string& each : ids) {
      controls.push_back({{"control-id", each}});
    }
    return Json::array({{{"description",
                          "Controls of ISO/IEC 27001:2013, Annex A, of the edition of 2022, and "
                          "clauses of BS 10012:2017."},
                         {"include-controls", std::move(controls)}}});
  }

  /// "records 3, 5, 8" as people cite them; all of them.
  static std::string evidence_text(const Item& item) {
    std::string numbers;
    for (const Line& each : item.lines) {
      if (each.record) {
        numbers += fmt::format("{}{}", numbers.empty() ? "" : ", ", *each.record);
      }
    }
    return numbers.empty() ? fmt::format("{} lines in {}, none from the audit log",
                                         item.lines.size(), file_name)
                           : fmt::format("{} lines in {}; records {} of the audit log",
                                         item.lines.size(), file_name, numbers);
  }

  [[nodiscard]] Json observation(const Item& item) const {
    Json props = Json::array({prop("status", check::to_text(item.status)), prop("item", item.id)});
    for (const std::string& each : control_ids(spec_of(item.id))) {
      props.push_back(prop("control", each));
    }
    const auto exceptions = std::ranges::count_if(
        item.lines, [&](const Line& each) { return is_exception(item.kind, each); });
    props.push_back(prop("objects", fmt::format("{}", item.lines.size())));
    props.push_back(prop("exceptions", fmt::format("{}", exceptions)));
    Json json{
        {"uuid", uuid("observation " + key_of(item))},
        {"title", name_of(item)},
        {"description", item.statement},
        {"props", std::move(props)},
        {"methods", Json::array({item.status == Status::manual ? "EXAMINE" : "TEST"})},
        {"relevant-evidence",
         Json::array({{{"href", "#" + uuid("document")}, {"description", evidence_text(item)}}})},
        {"collected", to_rfc3339(item.collected.value_or(report_.to))}};
    if (item.expires) {
      json["expires"] = to_rfc3339(*item.expires);
    }
    return json;
  }

  [[nodiscard]] Json finding(const Item& item) const {
    const bool has_passed = item.status == Status::pass;
    return {{"uuid", uuid("finding " + key_of(item))},
            {"title", name_of(item)},
            {"description", item.statement},
            {"target",
             {{"type", "objective-id"},
              {"target-id", item.id},
              {"status",
               {{"state", has_passed ? "satisfied" : "not-satisfied"},
                {"reason", has_passed                    ? "pass"
                           : item.status == Status::fail ? "fail"
                                                         : "other"}}}}},
            {"related-observations",
             Json::array({{{"observation-uuid", uuid("observation " + key_of(item))}}})}};
  }

  [[nodiscard]] Json result() const {
    Json observations = Json::array();
    Json findings = Json::array();
    for (const Item& each : report_.items) {
      observations.push_back(observation(each));
      if (each.status != Status::manual && each.status != Status::not_applicable) {
        findings.push_back(finding(each));
      }
    }
    const Counts counts = counts_of(report_.items);
    Json json{{"uuid", uuid("result")},
              {"title", "Promises of the public page"},
              {"description", fmt::format("{} passed: {}", score_text(counts), to_text(counts))},
              {"start", to_rfc3339(report_.from)},
              {"end", to_rfc3339(report_.to)},
              {"reviewed-controls", {{"control-selections", selections()}}}};
    if (!observations.empty()) {  // lists in OSCAL have something in them
      json["observations"] = std::move(observations);
    }
    if (!findings.empty()) {
      json["findings"] = std::move(findings);
    }
    return json;
  }

  [[nodiscard]] Json plan() const {
    return {{"uuid", uuid("plan")},
            {"title", "What is looked at"},
            {"description",
             "All items of trackier-ctl-report(1), over all records, backups, restores and "
             "incidents of the period; there is no other plan."}};
  }

  [[nodiscard]] Json document() const {
    return {{"uuid", uuid("document")},
            {"title", "The report with all its lines, records and proofs"},
            {"base64",
             {{"filename", file_name},
              {"media-type", "application/json"},
              {"value", crypto::padded_base64(as_bytes(json_document(sealed_)))}}}};
  }

  const Sealed& sealed_;
  const Report& report_;
  crypto::Uuid space_{};
};

/// Null: there is none.
const Json* member(const Json* json, std::string_view name) {
  if (json == nullptr || !json->is_object()) {
    return nullptr;
  }
  const auto found = json->find(name);
  return found == json->end() ? nullptr : &*found;
}

}  // namespace

std::string oscal_document(const Sealed& sealed) {
  return Writer{sealed}.all().dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<std::string> document_in_oscal(std::string_view file) {
  const Json json = Json::parse(file, nullptr, false);
  if (!json.is_object() || !json.contains(root_name)) {
    return std::nullopt;
  }
  const Json* const resources =
      member(member(member(&json, root_name), "back-matter"), "resources");
  if (resources == nullptr || !resources->is_array()) {
    return std::nullopt;
  }
  for (const Json& each : *resources) {
    const Json* const base64 = member(&each, "base64");
    const Json* const name = member(base64, "filename");
    const Json* const value = member(base64, "value");
    if (name != nullptr && *name == file_name && value != nullptr && value->is_string()) {
      return crypto::bytes_from_padded_base64(value->get_ref<const std::string&>());
    }
  }
  return std::nullopt;
}

}  // namespace trackier::report
