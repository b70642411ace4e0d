#include "report/document_reader.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "crypto/base64.hpp"
#include "report/controls.hpp"

namespace trackier::report {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void refuse(std::string_view member) {
  throw Error{Code::data, fmt::format("\"{}\" is not as it has to be", member)};
}

const Json& member(const Json& json, const char* name) {
  if (!json.is_object() || !json.contains(name)) {
    refuse(name);
  }
  return json[name];
}

const Json& list(const Json& json, const char* name) {
  const Json& found = member(json, name);
  if (!found.is_array()) {
    refuse(name);
  }
  return found;
}

std::string text_of(const Json& json, const char* name) {
  const Json& found = member(json, name);
  if (!found.is_string()) {
    refuse(name);
  }
  return found.get<std::string>();
}

bool is_there(const Json& json, const char* name) {
  return json.is_object() && json.contains(name) && !json[name].is_null();
}

std::string text_or_nothing(const Json& json, const char* name) {
  return is_there(json, name) ? text_of(json, name) : std::string{};
}

std::optional<std::uint64_t> number_of(const Json& json, const char* name) {
  if (!is_there(json, name)) {
    return std::nullopt;
  }
  if (!json[name].is_number_unsigned()) {
    refuse(name);
  }
  return json[name].get<std::uint64_t>();
}

std::optional<Time> time_of(const Json& json, const char* name) {
  if (!is_there(json, name)) {
    return std::nullopt;
  }
  const auto time = parse_rfc3339(text_of(json, name));
  if (!time) {
    refuse(name);
  }
  return time;
}

std::string hashes_of(const Json& json, const char* name) {
  auto bytes = crypto::bytes_from_base64(text_of(json, name));
  if (!bytes) {
    refuse(name);
  }
  return *std::move(bytes);
}

Time needed_time(const Json& json, const char* name) {
  const auto time = time_of(json, name);
  if (!time) {
    refuse(name);
  }
  return *time;
}

Line line_of(const Json& json) {
  return {.subject = text_of(json, "subject"),
          .state = text_of(json, "state"),
          .at = time_of(json, "at"),
          .due = time_of(json, "due"),
          .value = number_of(json, "value"),
          .digest = text_or_nothing(json, "digest"),
          .record = number_of(json, "record"),
          .remark = text_or_nothing(json, "remark")};
}

Status status_of(const Json& json) {
  const std::string word = text_of(json, "status");
  for (int i = 0; i < check::status_count; ++i) {
    if (check::to_text(static_cast<Status>(i)) == word) {
      return static_cast<Status>(i);
    }
  }
  refuse("status");
}

Item item_of(const Json& json) {
  const auto kind = parse_kind(text_of(json, "kind"));
  if (!kind || !member(json, "owed").is_boolean()) {
    refuse("kind");
  }
  constexpr std::uint64_t most_seconds = std::uint64_t{366} * 24 * 3600;
  const auto every = number_of(json, "every_seconds");
  if (every && (*every == 0 || *every > most_seconds)) {
    refuse("every_seconds");
  }
  const auto most = number_of(json, "most_days");
  constexpr std::uint64_t most_days = 100'000;
  if (most && *most > most_days) {
    refuse("most_days");
  }
  Item item{.id = text_of(json, "id"),
            .subject = text_of(json, "subject"),
            .kind = *kind,
            .about = text_of(json, "about"),
            .problem = text_of(json, "problem"),
            .is_owed = member(json, "owed").get<bool>(),
            .every = every ? std::optional{std::chrono::seconds{*every}} : std::nullopt,
            .most = most,
            .since = time_of(json, "since"),
            .status = status_of(json),
            .statement = text_of(json, "statement"),
            .collected = time_of(json, "collected"),
            .expires = time_of(json, "expires")};
  static_cast<void>(spec_of(item.id));
  for (const Json& each : list(json, "lines")) {
    item.lines.push_back(line_of(each));
  }
  return item;
}

Report report_of(const Json& json) {
  Report report{.origin = text_of(json, "origin"),
                .tool = text_of(json, "tool"),
                .from = needed_time(json, "from"),
                .to = needed_time(json, "to")};
  for (const Json& measure : list(json, "measures")) {
    for (const Json& each : list(measure, "items")) {
      report.items.push_back(item_of(each));
    }
  }
  for (const Json& each : list(json, "records")) {
    const auto number = number_of(each, "number");
    if (!number) {
      refuse("number");
    }
    report.records.push_back(
        {.number = *number, .text = text_of(each, "text"), .path = hashes_of(each, "path")});
  }
  const Json& log = member(json, "log");
  report.log = {.key = text_of(log, "key"), .checkpoint = text_of(log, "checkpoint")};
  if (is_there(log, "anchor")) {
    report.log.anchor = Anchored{.note = text_of(log["anchor"], "note"),
                                 .consistency = hashes_of(log["anchor"], "consistency")};
  }
  return report;
}

}  // namespace

Sealed read_document(std::string_view text, std::string_view format_name) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || text_or_nothing(json, "format") != format_name) {
    throw Error{Code::data, fmt::format("no report of format {}", format_name)};
  }
  return {.report = report_of(member(json, "report")), .seal = text_of(json, "seal")};
}

}  // namespace trackier::report
