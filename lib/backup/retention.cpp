#include "backup/retention.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "backup/slots.hpp"

namespace trackier::backup {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr hours clock_tolerance{1};       // of a slot against the store's clock
constexpr minutes received_tolerance{1};  // of our clock against the store's

enum class Level : std::uint8_t { hour, day, week, month };
constexpr std::array<Level, 4> levels{Level::hour, Level::day, Level::week, Level::month};
constexpr std::array<std::string_view, 4> level_names{"hour", "day", "week", "month"};
constexpr std::array<std::string_view, 4> level_rules{"hourly", "daily", "weekly", "monthly"};

constexpr std::size_t index_of(Level level) {
  return static_cast<std::size_t>(level);
}

/// When the hour, day, week (on Monday) or month of `slot` begins.
Time beginning(Level level, Time slot) {
  const sys_days day = floor<days>(slot);
  switch (level) {
    case Level::hour:
      return floor<hours>(slot);
    case Level::day:
      return day;
    case Level::week:
      return slot_of(day, days{7});
    case Level::month:
      break;
  }
  const year_month_day date{day};
  return sys_days{date.year() / date.month() / 1};
}

/// "2026-11-25T10Z", "2026-11-25", "2026-W48", "2026-11".
std::string bucket_name(Level level, Time begins) {
  const sys_days day = floor<days>(begins);
  const year_month_day date{day};
  const int year = static_cast<int>(date.year());
  const auto month = static_cast<unsigned>(date.month());
  const auto day_of_month = static_cast<unsigned>(date.day());
  switch (level) {
    case Level::hour:
      return fmt::format("{:04}-{:02}-{:02}T{:02}Z", year, month, day_of_month,
                         floor<hours>(begins - day).count());
    case Level::day:
      return fmt::format("{:04}-{:02}-{:02}", year, month, day_of_month);
    case Level::week:
      break;
    case Level::month:
      return fmt::format("{:04}-{:02}", year, month);
  }
  // ISO 8601: a week belongs to the year that has its Thursday, and week 1 has the first one.
  const sys_days thursday = day + days{3};
  const auto week_year = year_month_day{thursday}.year();
  const days past = thursday - sys_days{week_year / 1 / 1};
  return fmt::format("{:04}-W{:02}", static_cast<int>(week_year), past / days{7} + 1);
}

struct Judged {
  const Candidate* candidate = nullptr;
  Order order = Order::in_order;
  std::optional<std::size_t> shown_by = std::nullopt;  ///< back-dated: the one it is behind
  std::string rule = {};                               ///< empty: not kept
  std::string reason = {};

  [[nodiscard]] bool good() const { return !candidate->damaged; }
  [[nodiscard]] bool verified() const { return good() && candidate->verified; }
  [[nodiscard]] bool in_order() const { return order == Order::in_order; }
};

class Decider {
 public:
  Decider(std::span<const Candidate> candidates, const Retention& retention, Time now)
      : retention_{retention}, now_{now} {
    all_.reserve(candidates.size());
    for (const Candidate& candidate : candidates) {
      all_.push_back({.candidate = &candidate});
    }
    std::ranges::sort(all_, {}, [](const Judged& each) {
      return std::tie(each.candidate->sequence, each.candidate->id);
    });
  }

  std::vector<Decision> decide() {
    find_order();
    keep_held();
    keep_newest();
    fill_buckets();
    for (const Level level : levels) {
      keep_level(level);
    }
    keep_within();
    keep_minimum();
    keep_shown_by();
    std::vector<Decision> decisions;
    decisions.reserve(all_.size());
    std::for_each(all_.rbegin(), all_.rend(),
                  [&](const Judged& each) { decisions.push_back(decision_of(each)); });
    return decisions;
  }

 private:
  struct Bucket {
    std::size_t keeper = 0;
    bool counts = false;  ///< it is one of the last ones
  };

  static void keep(Judged& each, std::string rule, std::string reason) {
    if (each.rule.empty()) {
      each.rule = std::move(rule);
      each.reason = std::move(reason);
    }
  }

  void find_order() {
    // Of the good ones in order so far, the one with the latest slot.
    std::optional<std::size_t> latest;
    std::optional<std::size_t> latest_verified;
    const auto slot = [&](std::size_t index) { return all_[index].candidate->slot; };
    for (std::size_t index = 0; index < all_.size(); ++index) {
      Judged& each = all_[index];
      const Candidate& candidate = *each.candidate;
      const auto before = each.verified() ? latest_verified : latest;
      if (candidate.slot > std::min(now_, candidate.received) + clock_tolerance) {
        each.order = Order::future_dated;
      } else if (before && candidate.slot < slot(*before)) {
        each.order = Order::back_dated;
        each.shown_by = before;
      } else if (each.good()) {
        latest = !latest || candidate.slot >= slot(*latest) ? index : latest;
        latest_verified = each.verified() ? index : latest_verified;
      }
    }
  }

  void keep_held() {
    for (Judged& each : all_) {
      if (each.candidate->hold) {
        keep(each, "hold " + *each.candidate->hold, "held by " + *each.candidate->hold);
      }
    }
  }

  template <typename Condition>
  void keep_last(const Condition& condition, const char* rule, const char* reason) {
    const auto found = std::find_if(all_.rbegin(), all_.rend(), condition);
    if (found != all_.rend()) {
      keep(*found, rule, reason);
    }
  }

  void keep_newest() {
    keep_last([](const Judged& each) { return each.good(); }, "newest", "the newest good backup");
    keep_last([](const Judged& each) { return each.good() && each.in_order(); }, "newest",
              "the newest good backup in order");
    keep_last([](const Judged& each) { return each.verified(); }, "newest verified",
              "the newest verified backup");
    keep_last([](const Judged& each) { return each.verified() && each.in_order(); },
              "newest verified", "the newest verified backup in order");
  }

  void fill_buckets() {
    for (std::size_t index = 0; index < all_.size(); ++index) {
      const Judged& each = all_[index];
      if (!each.good() || !each.in_order()) {
        continue;
      }
      for (const Level level : levels) {
        const Time begins = beginning(level, each.candidate->slot);
        const auto [place, is_new] =
            buckets_.at(index_of(level)).try_emplace(begins, Bucket{.keeper = index});
        if (!is_new && (each.verified() || !all_[place->second.keeper].verified())) {
          place->second.keeper = index;
        }
      }
    }
  }

  void keep_level(Level level) {
    const std::array<unsigned, 4> wanted{retention_.keep_hourly, retention_.keep_daily,
                                         retention_.keep_weekly, retention_.keep_monthly};
    unsigned left = wanted.at(index_of(level));
    auto& buckets = buckets_.at(index_of(level));
    for (auto bucket = buckets.rbegin(); bucket != buckets.rend() && left > 0; ++bucket, --left) {
      bucket->second.counts = true;
      Judged& keeper = all_[bucket->second.keeper];
      keep(keeper, std::string{level_rules.at(index_of(level))},
           fmt::format("{}: the newest {}backup of that {}{}", bucket_name(level, bucket->first),
                       keeper.verified() ? "verified " : "", level_names.at(index_of(level)),
                       keeper.verified() ? "" : ", none being verified"));
    }
  }

  void keep_within() {
    for (Judged& each : all_) {
      if (each.candidate->received >= now_ - retention_.keep_within) {
        keep(each, "within",
             fmt::format("received at {}, within the last {}", to_rfc3339(each.candidate->received),
                         period_text(retention_.keep_within)));
      }
    }
  }

  void keep_minimum() {
    unsigned left = retention_.keep_min;
    for (auto each = all_.rbegin(); each != all_.rend() && left > 0; ++each) {
      if (each->good() && each->in_order()) {
        keep(*each, "minimum",
             fmt::format("one of the {} newest good backups", retention_.keep_min));
        --left;
      }
    }
    const bool no_good = std::ranges::none_of(all_, &Judged::good);
    for (Judged& each : all_) {
      if (no_good) {
        keep(each, "minimum", "damaged, and there is no good backup");
      } else if (each.good() && left > 0) {
        keep(each, "minimum",
             fmt::format("there are fewer than {} good backups in order", retention_.keep_min));
      }
    }
  }

  void keep_shown_by() {
    for (const Judged& each : all_) {
      if (each.good() && each.shown_by && !each.rule.empty()) {
        keep(all_[*each.shown_by], "order",
             fmt::format("shows that {}, which is kept, is back-dated", each.candidate->id));
      }
    }
  }

  [[nodiscard]] Decision decision_of(const Judged& each) const {
    const Candidate& candidate = *each.candidate;
    Decision decision{.id = candidate.id,
                      .sequence = candidate.sequence,
                      .keep = !each.rule.empty(),
                      .rule = each.rule,
                      .reason = each.reason,
                      .order = each.order};
    if (!decision.keep) {
      decision.rule = "none";
      decision.reason = removal_reason(each);
    } else if (retention_.max_age && candidate.received < now_ - *retention_.max_age) {
      decision.past_max_age = true;
      decision.reason += fmt::format("; received at {}, more than {} days ago: erasure may be due",
                                     to_rfc3339(candidate.received), retention_.max_age->count());
    }
    return decision;
  }

  [[nodiscard]] std::string removal_reason(const Judged& each) const {
    const Candidate& candidate = *each.candidate;
    if (candidate.damaged) {
      return "damaged, and there are good backups";
    }
    if (each.order == Order::future_dated) {
      return fmt::format("future-dated: claims {} and was received at {}",
                         to_rfc3339(candidate.slot), to_rfc3339(candidate.received));
    }
    if (each.shown_by) {
      const Candidate& before = *all_[*each.shown_by].candidate;
      return fmt::format("back-dated: claims {}, and {} before it {}", to_rfc3339(candidate.slot),
                         before.id, to_rfc3339(before.slot));
    }
    for (const Level level : levels) {
      const Bucket& bucket = buckets_.at(index_of(level)).at(beginning(level, candidate.slot));
      if (bucket.counts) {
        const Judged& keeper = all_[bucket.keeper];
        return fmt::format("superseded in its {} by {}{}", level_names.at(index_of(level)),
                           keeper.candidate->id,
                           keeper.verified() && !each.verified() ? ", which is verified" : "");
      }
    }
    return "older than all that is kept hourly, daily, weekly and monthly";
  }

  const Retention& retention_;
  Time now_;
  std::vector<Judged> all_;  // oldest first
  std::array<std::map<Time, Bucket>, 4> buckets_;
};

}  // namespace

std::vector<Decision> decide(std::span<const Candidate> candidates, const Retention& retention,
                             Time now) {
  return Decider{candidates, retention, now}.decide();
}

std::optional<Error> clock_problem(std::span<const Candidate> candidates, Time now) {
  const auto newest = std::ranges::max_element(candidates, {}, &Candidate::received);
  if (newest == candidates.end() || now >= newest->received - received_tolerance) {
    return std::nullopt;
  }
  return Error{Code::verdict,
               fmt::format("the clock says {}, and the store received {} at {}", to_rfc3339(now),
                           newest->id, to_rfc3339(newest->received)),
               "set the clock; until then nothing is removed"};
}

std::optional<Error> mass_deletion(std::span<const Decision> decisions,
                                   const MassDeletion& limits) {
  const auto removed =
      static_cast<std::size_t>(std::ranges::count(decisions, false, &Decision::keep));
  const double most = limits.most_share * static_cast<double>(decisions.size());
  if (limits.allowed || removed <= limits.most_few || static_cast<double>(removed) <= most) {
    return std::nullopt;
  }
  return Error{Code::verdict,
               fmt::format("{} of {} backups would be removed at once", removed, decisions.size()),
               "look at them with --dry-run; if they are to go, pass --allow-mass-deletion"};
}

}  // namespace trackier::backup
