#pragma once
/// Which backups are kept. decide() only says; whoever removes asks clock_problem() and
/// mass_deletion() first.
///
/// Whoever can write backups must not be able to make good ones go away by writing more. So order
/// is told by sequence, age by the moment the store received a backup, and what a backup claims
/// about its own time counts only while it fits both: one that does not is never kept in the place
/// of one that does.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/time.hpp"

namespace trackier::backup {

struct Retention {
  /// Of so many of the last hours, days, ISO weeks and months that have a backup, one is kept.
  /// Hours without any do not count: after a pause nothing is lost by the mere passing of time.
  unsigned keep_hourly = 48;
  unsigned keep_daily = 14;
  unsigned keep_weekly = 8;
  unsigned keep_monthly = 13;
  std::chrono::minutes keep_within =
      std::chrono::hours{48};  ///< everything received since; 0 or more
  unsigned keep_min = 3;       ///< good backups there are at least, however old
  /// Beyond it what is kept is flagged, as personal data may have to be erased. Nothing is removed
  /// for it: holds win.
  std::optional<std::chrono::days> max_age = std::nullopt;
};

/// A backup; all that are decided on together are of one source.
struct Candidate {
  std::string id;  ///< printable; no two alike
  std::uint64_t sequence =
      0;        ///< rises with every backup of the source; what is newer is told by it
  Time slot{};  ///< as the backup claims; UTC hours, days, weeks and months are those of the slot
  Time received{};        ///< when the store got it, by the store's clock
  bool damaged = false;   ///< never kept in the place of a good one, and never verified
  bool verified = false;  ///< it has been restored and compared
  std::optional<std::string> hold = std::nullopt;  ///< the name of a hold on it; printable
};

/// How the slot a backup claims fits what else is known.
enum class Order : std::uint8_t {
  in_order,
  /// Its slot is before that of a backup with a lower sequence. A verified one is out of order only
  /// after another verified one: what has been proved does not yield to what merely claims.
  back_dated,
  /// Its slot begins more than an hour after the store received it, or after now.
  future_dated,
};

struct Decision {
  std::string id;
  std::uint64_t sequence = 0;
  bool keep = false;
  /// "hold NAME", "newest", "newest verified", "hourly", "daily", "weekly", "monthly", "within",
  /// "minimum", "order", or "none" for what is to be removed: the first of them that holds.
  std::string rule;
  std::string reason;  ///< for people, without full stop
  Order order = Order::in_order;
  bool past_max_age = false;  ///< kept, and received longer than max_age ago

  friend bool operator==(const Decision&, const Decision&) = default;
};

/// One decision for each candidate, newest first; the order of the candidates makes no difference.
///
/// Kept are
/// - what is on hold;
/// - the newest good backup, the newest verified one, and of each also the newest in order;
/// - of each of the last hours (days, weeks, months) that have a good backup in order, the newest
///   verified of those, or the newest when none is verified;
/// - everything received within keep_within, damaged or not;
/// - the keep_min newest good ones in order; while there are fewer of those, every good one; while
///   there is no good one at all, every damaged one;
/// - for a back-dated one that is kept, the backup that shows it to be so ("order"). Without that,
///   the next run would take it for one in order.
/// Deciding on what was kept, at the same time, removes nothing more.
std::vector<Decision> decide(std::span<const Candidate> candidates, const Retention& retention,
                             Time now);

/// Why nothing may be removed now: the clock is more than a minute before the last moment at which
/// the store received a backup, so it cannot tell what is old. Error{Code::verdict}, to be thrown.
std::optional<Error> clock_problem(std::span<const Candidate> candidates, Time now);

struct MassDeletion {
  double most_share = 0.5;    ///< of all backups, 0 to 1
  std::size_t most_few = 10;  ///< so many may go whatever their share
  bool allowed = false;       ///< somebody said so
};

/// Why so much may not be removed at once: more than both limits allow, as after a slip in the
/// settings. Error{Code::verdict}, to be thrown.
std::optional<Error> mass_deletion(std::span<const Decision> decisions, const MassDeletion& limits);

}  // namespace trackier::backup
