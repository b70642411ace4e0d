#include "report/cited.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error.hpp"

namespace trackier::report {
namespace {

constexpr std::string_view check_prefix = "check.";

struct Commands {
  std::string_view item;
  std::string_view operation;  ///< and those below it: "keys" is "keys.rotate" too
};

constexpr std::array<Commands, 10> commands{{
    {"anon.runs", "anonymize"},
    {"key.operations", "keys"},
    {"backup.retention", "prune"},
    {"access.reads", "decrypt"},
    {"access.reads", "restore"},
    {"access.reads", "keys.unlock"},
    {"access.grants", "keys.request"},
    {"access.grants", "keys.approve"},
    {"breach.operations", "breach"},
    {"report.made", "report"},
}};

bool is_of(std::string_view operation, std::string_view command) {
  return operation == command ||
         (operation.starts_with(command) && operation.substr(command.size()).starts_with('.'));
}

}  // namespace

Time second_of(const audit::Record& record) {
  return std::chrono::floor<std::chrono::seconds>(record.at);
}

bool belongs(std::string_view item, const audit::Record& record) {
  const bool is_end =
      record.phase == audit::Phase::outcome || record.phase == audit::Phase::recover;
  return is_end && std::ranges::any_of(commands, [&](const Commands& each) {
           return each.item == item && is_of(record.operation, each.operation);
         });
}

Line run_line(const audit::Record& record) {
  const bool has_ended = record.phase == audit::Phase::outcome && record.result;
  if (!has_ended && record.phase != audit::Phase::recover) {
    throw Error{Code::bug, "a line of a run that is none"};
  }
  std::string who = fmt::format("uid {}", record.actor.uid);
  if (record.actor.login) {
    who += fmt::format(", login {}", *record.actor.login);
  }
  if (!record.actor.ssh_key.empty()) {
    who += ", " + record.actor.ssh_key;
  }
  return {.subject = record.operation,
          .state = has_ended ? record.result->code : "not ended",
          .at = second_of(record),
          .record = record.seq,
          .remark = who};
}

bool names(const audit::Record& record, std::string_view name, std::string_view digest) {
  return std::ranges::any_of(record.args, [&](const auto& each) {
    const auto* const word = std::get_if<std::string>(&each.second);
    return word != nullptr && *word == digest && is_of(each.first, name);
  });
}

std::optional<Line> check_line(std::string_view item, const audit::Record& record) {
  if (!item.starts_with(check_prefix) || record.operation != "check" ||
      record.phase != audit::Phase::outcome) {
    return std::nullopt;
  }
  const auto found =
      std::ranges::find(record.args, item.substr(check_prefix.size()),
                        [](const auto& each) { return std::string_view{each.first}; });
  if (found == record.args.end() || !std::holds_alternative<std::string>(found->second)) {
    return std::nullopt;
  }
  return Line{.subject = to_rfc3339(second_of(record)),
              .state = std::get<std::string>(found->second),
              .at = second_of(record),
              .record = record.seq};
}

Line intact_line(std::uint64_t size) {
  return {.subject = "records",
          .state = "holds",
          .value = size,
          .remark = fmt::format("{} record{}, each follows from the one before", size,
                                size == 1 ? "" : "s")};
}

Line anchor_line(std::uint64_t of, std::uint64_t size, std::size_t witnesses, Time seen, Time to) {
  constexpr std::chrono::hours fresh{24};
  return {.subject = "witnesses",
          .state = seen + fresh >= to ? "holds" : "old",
          .at = seen,
          .value = of,
          .remark = fmt::format("{} of {} records are signed by {} witness{}, by {}", of, size,
                                witnesses, witnesses == 1 ? "" : "es", to_rfc3339(seen))};
}

Line age_line(std::string subject, Time since, std::uint64_t most_days, Time to) {
  const auto days = std::chrono::floor<std::chrono::days>(to - since).count();
  const auto value = days < 0 ? 0U : static_cast<std::uint64_t>(days);
  return {.subject = std::move(subject),
          .state = value <= most_days ? "in use" : "old",
          .at = since,
          .value = value};
}

Line incident_line(std::string subject, Time due, std::optional<Time> sent, Time to) {
  const std::string state = sent          ? (*sent <= due ? "in time" : "late")
                            : (due >= to) ? "running"
                                          : "not sent";
  return {.subject = std::move(subject), .state = state, .at = sent, .due = due};
}

}  // namespace trackier::report
