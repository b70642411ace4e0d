#pragma once
/// Slots: the stretches of time a scheduled backup belongs to, and the account of them. Every slot
/// has been taken, was late, or is missing, with the reason; none is passed over.
///
/// A slot is named by the moment it begins. Slots follow each other in UTC from the epoch, so that
/// no hour is lost or doubled when clocks are put forward or back; those of whole weeks begin on
/// Mondays.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace trackier::backup {

/// From 15 minutes to 7 days, and a day is a whole number of it, or it a whole number of days.
[[nodiscard]] bool is_period(std::chrono::minutes period) noexcept;

/// "15m", "1h", "36m", "12h", "1d", "7d": a number without sign and leading zeros, and a unit; none
/// when the result is no period. Any unit will do: "60m" is "1h".
std::optional<std::chrono::minutes> parse_period(std::string_view text);

/// As parse_period() reads it, in the largest unit that goes: "90m", "2h", "1d".
std::string period_text(std::chrono::minutes period);

/// The slot that `time` lies in. Throws Error{Code::bug} when is_period() does not hold.
Time slot_of(Time time, std::chrono::minutes period);

/// A backup that was published at some time, whether or not it is still there: the account is of
/// what was taken. Retention must not turn a slot into a missing one.
struct TakenBackup {
  Time slot{};
  std::string id;  ///< printable
  Time taken{};    ///< the moment whose state it holds
  bool damaged = false;
  bool late = false;     ///< its run said so itself
  bool removed = false;  ///< retention took it away since
};

/// A run that wanted to back the source up.
struct Attempt {
  enum class Outcome : std::uint8_t {
    done,        ///< ended well, also when nothing was due
    failed,      ///< message says why
    busy,        ///< another run held the lock
    unfinished,  ///< began, and no end is recorded
  };

  Time started{};
  std::optional<Time> ended = std::nullopt;
  Outcome outcome = Outcome::unfinished;
  std::string message = {};  ///< printable
};

enum class SlotState : std::uint8_t {
  taken,    ///< a good backup was taken in the first half of the slot
  late,     ///< a good one, but only later
  damaged,  ///< there are only damaged ones
  missing,
  pending,  ///< the slot we are in: still in its first half, and nothing there yet
};

std::string_view to_text(SlotState state);  ///< the name

struct SlotAccount {
  Time slot{};
  SlotState state = SlotState::missing;
  std::optional<std::string> backup = std::nullopt;  ///< the id of the one that counts
  std::string reason = {};  ///< empty when there is nothing to explain; times in it are UTC

  friend bool operator==(const SlotAccount&, const SlotAccount&) = default;
};

struct Account {
  std::vector<SlotAccount> slots;  ///< oldest first, without gaps
  std::size_t taken = 0;
  std::size_t late = 0;
  std::size_t damaged = 0;
  std::size_t missing = 0;
  std::size_t pending = 0;

  /// Nothing is late, damaged or missing.
  [[nodiscard]] bool is_whole() const noexcept { return late + damaged + missing == 0; }
};

inline constexpr std::size_t most_slots = 10'000;

struct AccountOptions {
  std::chrono::minutes period{60};
  Time from{};  ///< slots that begin at or after this, ...
  Time to{};    ///< ... before this, and not after `now`. 30 days of hours are 720, at any moment
  /// When the source began to be backed up. Slots that were over by then are not accounted for,
  /// and in the one it lies in nothing is late; none: there is nothing to account for.
  std::optional<Time> since = std::nullopt;
  Time now{};
};

/// backups, attempts: of one source, in any order; those of other slots are not looked at. A backup
/// counts for the slot it names when it was taken there, or at most a period after its end (a run
/// that waited for long): then it is late. Taken at another time it holds another hour's state, and
/// does not count whatever it says.
/// Throws Error{Code::usage} for more than most_slots, Error{Code::bug} for what is no period.
Account account(std::span<const TakenBackup> backups, std::span<const Attempt> attempts,
                const AccountOptions& options);

}  // namespace trackier::backup
