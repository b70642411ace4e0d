#include "alert/event.hpp"

#include <doctest/doctest.h>

#include <string>

namespace trackier::alert {
namespace {

audit::Record outcome(const std::string& operation, std::uint64_t exit = 0,
                      const std::string& code = "ok") {
  audit::Record made;
  made.phase = audit::Phase::outcome;
  made.operation = operation;
  made.result = audit::Result{.exit = exit, .code = code};
  return made;
}

audit::Record of_phase(audit::Phase phase, const std::string& operation) {
  audit::Record made;
  made.phase = phase;
  made.operation = operation;
  return made;
}

TEST_CASE("kinds are in the order of events, and their names lead back") {
  std::size_t number = 0;
  for (const EventKind& each : all_events()) {
    CHECK(static_cast<std::size_t>(each.event) == number++);
    CHECK(parse_event(each.name) == each.event);
    CHECK(&kind_of(each.event) == &each);
    CHECK(critical_events().contains(each.event) == each.is_critical);
  }
  CHECK_FALSE(parse_event("nothing"));
}

TEST_CASE("an outcome is told by what was done and how it ended") {
  CHECK(event_of(outcome("backup", 74, "io")) == Event::backup_failed);
  CHECK(event_of(outcome("backup.copy", 66, "no_input")) == Event::backup_failed);
  CHECK(event_of(outcome("backup", 75, "busy")) == Event::failed);
  CHECK(event_of(outcome("backup")) == Event::activity);
  CHECK(event_of(outcome("backups", 1, "verdict")) == Event::failed);
  CHECK(event_of(outcome("verify", 1, "verdict")) == Event::verify_failed);
  CHECK(event_of(outcome("check", 1, "verdict")) == Event::check_failed);
  CHECK(event_of(outcome("keys.destroy")) == Event::keys_destroyed);
  CHECK(event_of(outcome("keys.shred")) == Event::keys_destroyed);
  CHECK(event_of(outcome("keys.destroy", 64, "usage")) == Event::failed);
  CHECK(event_of(outcome("keys.rotate")) == Event::keys_changed);
  CHECK(event_of(outcome("keys.unlock.add")) == Event::keys_changed);
  CHECK(event_of(outcome("keys.unlock.list")) == Event::activity);
  CHECK(event_of(outcome("keys.list")) == Event::activity);
  CHECK(event_of(outcome("keys.approve")) == Event::data_opened);
  CHECK(event_of(outcome("decrypt")) == Event::data_opened);
  CHECK(event_of(outcome("restore")) == Event::data_opened);
  CHECK(event_of(outcome("breach.open")) == Event::breach_opened);
  CHECK(event_of(outcome("breach.note")) == Event::activity);
  CHECK(event_of(outcome("anonymize", 65, "data")) == Event::failed);
  CHECK(event_of(outcome("anonymize", 143, "signal")) == Event::failed);
}

TEST_CASE("what is no outcome") {
  CHECK_FALSE(event_of(of_phase(audit::Phase::intent, "keys.destroy")));
  CHECK(event_of(of_phase(audit::Phase::recover, "backup")) == Event::unfinished);
  CHECK(event_of(of_phase(audit::Phase::recover, "audit.torn")) == Event::log_mended);
  CHECK(event_of(of_phase(audit::Phase::anchor, "audit.anchor")) == Event::activity);
}

}  // namespace
}  // namespace trackier::alert
