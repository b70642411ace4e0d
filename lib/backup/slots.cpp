#include "backup/slots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

#include "core/error.hpp"
#include "core/text.hpp"

namespace trackier::backup {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr minutes day{24 * 60};
constexpr minutes week = 7 * day;
constexpr minutes shortest{15};

/// The epoch was a Thursday; this is the Monday before it.
constexpr Time first_monday{-3 * seconds{day}};

/// Everything known about one slot.
struct Known {
  std::vector<const TakenBackup*> backups = {};
  std::vector<const Attempt*> attempts = {};
};

class Accountant {
 public:
  Accountant(std::span<const Attempt> attempts, const AccountOptions& options)
      : period_{options.period}, since_{options.since.value()}, now_{options.now} {
    for (const Attempt& attempt : attempts) {
      if (has_run(attempt)) {
        last_run_ = std::max(last_run_, attempt.started);
      }
    }
  }

  [[nodiscard]] SlotAccount of(Time slot, const Known& known) const {
    const TakenBackup* const good = best_of(slot, known.backups);
    if (good != nullptr) {
      const bool late = is_late(*good, slot);
      std::string reason = late ? late_reason(*good, slot, known) : std::string{};
      if (good->removed) {
        reason += reason.empty() ? "removed since" : "; removed since";
      }
      return {slot, late ? SlotState::late : SlotState::taken, good->id, std::move(reason)};
    }
    const TakenBackup* const damaged =
        newest_of(known.backups, [&](const TakenBackup& each) { return counts(each, slot); });
    if (damaged != nullptr) {
      return {slot, SlotState::damaged, damaged->id,
              fmt::format("taken at {}, and damaged", moment(damaged->taken, slot))};
    }
    const bool pending = now_ >= slot && now_ < middle(slot);
    std::string reason = missing_reason(slot, known);
    if (reason.empty()) {
      reason = end(slot) > now_ ? "no run was recorded yet" : "no run was recorded";
    }
    return {slot, pending ? SlotState::pending : SlotState::missing, std::nullopt,
            std::move(reason)};
  }

 private:
  /// It got the lock.
  [[nodiscard]] static bool has_run(const Attempt& attempt) {
    return attempt.outcome == Attempt::Outcome::done ||
           attempt.outcome == Attempt::Outcome::unfinished;
  }
  [[nodiscard]] Time end(Time slot) const { return slot + period_; }
  [[nodiscard]] Time middle(Time slot) const { return slot + seconds{period_} / 2; }

  [[nodiscard]] bool counts(const TakenBackup& backup, Time slot) const {
    return backup.taken >= slot && backup.taken < end(slot) + period_;
  }

  [[nodiscard]] bool is_late(const TakenBackup& backup, Time slot) const {
    const bool began_here = since_ >= slot && since_ < end(slot);
    const Time last = began_here ? end(slot) : middle(slot);
    return backup.late || backup.taken >= last;
  }

  /// The good one that speaks best for the slot: on time, still there, taken first.
  [[nodiscard]] const TakenBackup* best_of(Time slot,
                                           const std::vector<const TakenBackup*>& all) const {
    const TakenBackup* best = nullptr;
    const auto rank = [&](const TakenBackup& each) {
      return std::tuple{is_late(each, slot), each.removed, each.taken, std::string_view{each.id}};
    };
    for (const TakenBackup* const each : all) {
      if (!each->damaged && counts(*each, slot) && (best == nullptr || rank(*each) < rank(*best))) {
        best = each;
      }
    }
    return best;
  }

  /// "10:07" on the day the slot begins, else with its date.
  [[nodiscard]] static std::string moment(Time time, Time slot) {
    const std::string text = to_rfc3339(time);
    const std::size_t date_bytes = std::string_view{"2026-11-25"}.size();
    const std::string clock = text.substr(date_bytes + 1, std::string_view{"10:07"}.size());
    const bool same_day = text.compare(0, date_bytes, to_rfc3339(slot), 0, date_bytes) == 0;
    return same_day ? clock : text.substr(0, date_bytes) + " " + clock;
  }

  template <typename Condition>
  [[nodiscard]] static const TakenBackup* newest_of(const std::vector<const TakenBackup*>& all,
                                                    const Condition& condition) {
    const TakenBackup* newest = nullptr;
    for (const TakenBackup* const each : all) {
      const bool newer = newest == nullptr ||
                         std::tie(each->taken, each->id) > std::tie(newest->taken, newest->id);
      if (newer && condition(*each)) {
        newest = each;
      }
    }
    return newest;
  }

  /// When it was taken, and why not before.
  [[nodiscard]] std::string late_reason(const TakenBackup& backup, Time slot,
                                        const Known& known) const {
    std::string reason = fmt::format("taken at {}", moment(backup.taken, slot));
    std::vector<const Attempt*> before;
    const Attempt* took_it = nullptr;  // the last one that got as far
    for (const Attempt* const each : known.attempts) {
      if (each->started < backup.taken) {
        before.push_back(each);
        const bool later = took_it == nullptr || std::tie(each->started, each->outcome) >
                                                     std::tie(took_it->started, took_it->outcome);
        took_it = has_run(*each) && later ? each : took_it;
      }
    }
    std::erase(before, took_it);
    std::erase_if(before,
                  [](const Attempt* each) { return each->outcome == Attempt::Outcome::done; });
    const std::string why = attempts_reason(slot, before);
    return why.empty() ? reason : reason + "; before that, " + why;
  }

  [[nodiscard]] std::string missing_reason(Time slot, const Known& known) const {
    const TakenBackup* const other =
        newest_of(known.backups, [](const TakenBackup& /*any*/) { return true; });
    return other == nullptr ? attempts_reason(slot, known.attempts)
                            : fmt::format("{} claims this slot and was taken at {}", other->id,
                                          moment(other->taken, slot));
  }

  /// What the attempts tell, that which explains most first: the last failure, a run that broke
  /// off, a lock that was held. Empty when there were none.
  [[nodiscard]] std::string attempts_reason(Time slot,
                                            const std::vector<const Attempt*>& attempts) const {
    using Outcome = Attempt::Outcome;
    if (const Attempt* const attempt = last(attempts, Outcome::failed)) {
      return fmt::format("failed at {}: {}",
                         moment(attempt->ended.value_or(attempt->started), slot), attempt->message);
    }
    if (const Attempt* const attempt = last(attempts, Outcome::unfinished)) {
      const std::string began = moment(attempt->started, slot);
      // A later run got the lock, so this one no longer held it. The last one may hold it yet.
      return attempt->started < last_run_
                 ? fmt::format("interrupted: began at {} and never ended", began)
                 : fmt::format("began at {} and has not ended: running yet, or interrupted", began);
    }
    if (const Attempt* const attempt = last(attempts, Outcome::busy)) {
      return fmt::format("another run held the lock at {}", moment(attempt->started, slot));
    }
    if (const Attempt* const attempt = last(attempts, Outcome::done)) {
      return fmt::format("the run of {} ended well, and no backup of it is known",
                         moment(attempt->started, slot));
    }
    return {};
  }

  [[nodiscard]] static const Attempt* last(const std::vector<const Attempt*>& attempts,
                                           Attempt::Outcome outcome) {
    const Attempt* found = nullptr;
    for (const Attempt* const each : attempts) {
      const bool later = found == nullptr || std::tie(each->started, each->message) >
                                                 std::tie(found->started, found->message);
      if (each->outcome == outcome && later) {
        found = each;
      }
    }
    return found;
  }

  minutes period_;
  Time since_;
  Time now_;
  Time last_run_ = Time::min();
};

void check_period(minutes period) {
  if (!is_period(period)) {
    throw Error{Code::bug, fmt::format("{} minutes are no period", period.count())};
  }
}

/// The first slot that begins at or after `time`.
Time slot_from(Time time, minutes period) {
  const Time slot = slot_of(time, period);
  return slot == time ? slot : slot + period;
}

void count(Account& account, SlotState state) {
  switch (state) {
    case SlotState::taken:
      ++account.taken;
      return;
    case SlotState::late:
      ++account.late;
      return;
    case SlotState::damaged:
      ++account.damaged;
      return;
    case SlotState::missing:
      ++account.missing;
      return;
    case SlotState::pending:
      ++account.pending;
      return;
  }
}

}  // namespace

bool is_period(minutes period) noexcept {
  return period >= shortest && period <= week &&
         (day % period == minutes{0} || period % day == minutes{0});
}

std::optional<minutes> parse_period(std::string_view text) {
  if (text.size() < 2 || text.front() < '1' || text.front() > '9') {
    return std::nullopt;
  }
  unsigned number = 0;
  const char* const unit = text.data() + text.size() - 1;
  const auto [end, error] = std::from_chars(text.data(), unit, number);
  if (error != std::errc{} || end != unit || number > week.count()) {
    return std::nullopt;
  }
  minutes period{number};
  if (*unit == 'h') {
    period *= 60;
  } else if (*unit == 'd') {
    period *= day.count();
  } else if (*unit != 'm') {
    return std::nullopt;
  }
  return is_period(period) ? std::optional{period} : std::nullopt;
}

std::string period_text(minutes period) {
  if (period % day == minutes{0}) {
    return fmt::format("{}d", period / day);
  }
  return period.count() % 60 == 0 ? fmt::format("{}h", period.count() / 60)
                                  : fmt::format("{}m", period.count());
}

Time slot_of(Time time, minutes period) {
  check_period(period);
  const Time origin = period == week ? first_monday : Time{};
  const seconds length{period};
  const seconds into = (time - origin) % length;  // has the sign of what is divided
  return time - into - (into < seconds{0} ? length : seconds{0});
}

std::string_view to_text(SlotState state) {
  switch (state) {
    case SlotState::taken:
      return "taken";
    case SlotState::late:
      return "late";
    case SlotState::damaged:
      return "damaged";
    case SlotState::missing:
      return "missing";
    case SlotState::pending:
      return "pending";
  }
  throw Error{Code::bug, "a state of slots without a name"};
}

Account account(std::span<const TakenBackup> backups, std::span<const Attempt> attempts,
                const AccountOptions& options) {
  check_period(options.period);
  Account result;
  if (!options.since) {
    return result;
  }
  const minutes period = options.period;
  const Time first = slot_from(std::max(options.from, slot_of(*options.since, period)), period);
  // The first slot that is no longer told of.
  const Time last = slot_from(std::min(options.to, slot_of(options.now, period) + period), period);
  if (first >= last) {
    return result;
  }
  const auto slots = static_cast<std::uint64_t>((last - first) / seconds{period});
  if (slots > most_slots) {
    throw Error{Code::usage,
                fmt::format("from {} to {} are {} slots of {}", to_rfc3339(first), to_rfc3339(last),
                            grouped(slots), period_text(period)),
                fmt::format("ask for at most {} at a time", grouped(most_slots))};
  }

  std::vector<Known> known(static_cast<std::size_t>(slots));
  const auto at = [&](Time slot) {
    return static_cast<std::size_t>((slot - first) / seconds{period});
  };
  for (const TakenBackup& backup : backups) {
    if (backup.slot >= first && backup.slot < last) {
      known[at(backup.slot)].backups.push_back(&backup);
    }
  }
  for (const Attempt& attempt : attempts) {
    if (attempt.started >= first && attempt.started < last) {
      known[at(attempt.started)].attempts.push_back(&attempt);
    }
  }
  const Accountant accountant{attempts, options};
  result.slots.reserve(known.size());
  for (std::size_t index = 0; index < known.size(); ++index) {
    const Time slot = first + static_cast<minutes::rep>(index) * period;
    result.slots.push_back(accountant.of(slot, known[index]));
    count(result, result.slots.back().state);
  }
  return result;
}

}  // namespace trackier::backup
