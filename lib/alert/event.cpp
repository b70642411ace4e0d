#include "alert/event.hpp"

#include <algorithm>
#include <array>

namespace trackier::alert {
namespace {

constexpr std::array<EventKind, 12> kinds{{
    {Event::log_damaged, "log-damaged", "the audit log is not what it was", true},
    {Event::log_mended, "log-mended", "the end of the audit log was cut short", true},
    {Event::unfinished, "unfinished", "a command did not come to its end", true},
    {Event::backup_failed, "backup-failed", "a backup failed", true},
    {Event::verify_failed, "verify-failed", "a backup was not proved", true},
    {Event::check_failed, "check-failed", "the host is not as it has to be", true},
    {Event::keys_destroyed, "keys-destroyed", "keys were destroyed", true},
    {Event::breach_opened, "breach-opened", "an incident was opened", true},
    {Event::data_opened, "data-opened", "data was decrypted or restored", false},
    {Event::keys_changed, "keys-changed", "keys were changed", false},
    {Event::failed, "failed", "a command failed", false},
    {Event::activity, "activity", "a command was run", false},
}};

bool is_of(std::string_view operation, std::string_view command) {
  return operation.starts_with(command) &&
         (operation.size() == command.size() || operation[command.size()] == '.');
}

template <std::size_t Size>
bool is_one_of(std::string_view operation, const std::array<std::string_view, Size>& names) {
  return std::ranges::find(names, operation) != names.end();
}

Event failure_of(const audit::Record& record) {
  if (record.result->code == "busy") {  // another run is at it
    return Event::failed;
  }
  if (record.operation == "backup" || record.operation == "backup.copy") {
    return Event::backup_failed;
  }
  if (record.operation == "verify") {
    return Event::verify_failed;
  }
  return record.operation == "check" ? Event::check_failed : Event::failed;
}

Event success_of(const std::string& operation) {
  constexpr std::array<std::string_view, 2> destroying{"keys.destroy", "keys.shred"};
  constexpr std::array<std::string_view, 5> opening{"decrypt", "restore", "keys.approve",
                                                    "keys.combine", "keys.split"};
  constexpr std::array<std::string_view, 4> looking{"keys.list", "keys.census", "keys.public",
                                                    "keys.unlock.list"};
  if (is_one_of(operation, destroying)) {
    return Event::keys_destroyed;
  }
  if (operation == "breach.open") {
    return Event::breach_opened;
  }
  if (is_one_of(operation, opening)) {
    return Event::data_opened;
  }
  return is_of(operation, "keys") && !is_one_of(operation, looking) ? Event::keys_changed
                                                                    : Event::activity;
}

}  // namespace

std::span<const EventKind> all_events() {
  return kinds;
}

const EventKind& kind_of(Event event) {
  return kinds.at(static_cast<std::size_t>(event));
}

std::optional<Event> parse_event(std::string_view name) {
  const auto* const found = std::ranges::find(kinds, name, &EventKind::name);
  return found == kinds.end() ? std::nullopt : std::optional{found->event};
}

std::set<Event> critical_events() {
  std::set<Event> made;
  for (const EventKind& each : kinds) {
    if (each.is_critical) {
      made.insert(each.event);
    }
  }
  return made;
}

std::optional<Event> event_of(const audit::Record& record) {
  switch (record.phase) {
    case audit::Phase::intent:
      return std::nullopt;
    case audit::Phase::anchor:
      return Event::activity;
    case audit::Phase::recover:
      return record.operation == "audit.torn" ? Event::log_mended : Event::unfinished;
    case audit::Phase::outcome:
      return record.result && record.result->exit != 0 ? failure_of(record)
                                                       : success_of(record.operation);
  }
  return Event::activity;
}

}  // namespace trackier::alert
