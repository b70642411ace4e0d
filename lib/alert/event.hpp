#pragma once
/// What the records of the audit log mean to those who are told of them. Names, and nothing of what
/// a record says, are what subjects of messages are made of.

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string_view>

#include "audit/record.hpp"

namespace trackier::alert {

enum class Event : std::uint8_t {
  log_damaged,     ///< the log is another one than was told of, or does not go on from there
  log_mended,      ///< its end was cut short
  unfinished,      ///< a command did not come to its end, or a person gave it up
  backup_failed,   ///< and not because another run was at work
  verify_failed,   ///< a backup did not come back, or could not be tried
  check_failed,    ///< the host is not as it has to be
  keys_destroyed,  ///< or a tenant was shredded
  breach_opened,
  data_opened,   ///< somebody decrypted, restored, or allowed somebody to
  keys_changed,  ///< made, rotated, moved, unlocked otherwise
  failed,        ///< any other command
  activity,      ///< everything else
};

struct EventKind {
  Event event;
  std::string_view name;     ///< "backup-failed", in settings and messages
  std::string_view subject;  ///< of a message: "a backup failed"
  bool is_critical;          ///< told at once, unless the settings say otherwise
};

/// In the order of Event, the gravest first.
std::span<const EventKind> all_events();
const EventKind& kind_of(Event event);
std::optional<Event> parse_event(std::string_view name);
std::set<Event> critical_events();

/// None for an intent: what comes of it will be told.
std::optional<Event> event_of(const audit::Record& record);

}  // namespace trackier::alert
