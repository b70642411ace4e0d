#include "law/deadline.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "os/zone.hpp"

namespace trackier::law {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::year_month_day;

std::string day_text(local_days day) {
  constexpr std::size_t day_alone = std::string_view{" 00:00:00"}.size();
  std::string text = to_text(LocalTime{day});
  text.resize(text.size() - day_alone);
  return text;
}

struct Counted {
  Time due;
  std::string why;
};

Counted count_hours(Time anchor, int n) {
  const Time due = anchor + std::chrono::hours{n};
  return {due, fmt::format("{} + {} h, every hour counted = {}", to_rfc3339(anchor), n,
                           to_rfc3339(due))};
}

/// "Saturday", "Sunday", the name of a holiday; none for a day of work.
std::optional<std::string> rest_on(const Holidays& holidays, const std::string& zone,
                                   local_days day) {
  const std::chrono::weekday weekday{day};
  if (weekday == std::chrono::Saturday) {
    return "Saturday";
  }
  if (weekday == std::chrono::Sunday) {
    return "Sunday";
  }
  return holidays.on(zone, year_month_day{day});
}

local_days after_days_of_work(local_days day, const Duty& duty, int n, const Holidays& holidays,
                              std::string& passed_over) {
  while (n > 0) {
    day += days{1};
    if (const auto rest = rest_on(holidays, duty.zone, day)) {
      passed_over +=
          fmt::format("{}{} ({})", passed_over.empty() ? "" : ", ", day_text(day), *rest);
    } else {
      --n;
    }
  }
  return day;
}

/// "same day number, clamped to the last day": 31 January + 1 month is 28 or 29 February.
local_days after_months(local_days day, int n) {
  const year_month_day from{day};
  year_month_day to = from + std::chrono::months{n};
  if (!to.ok()) {
    to = year_month_day{to.year() / to.month() / std::chrono::last};
  }
  return local_days{to};
}

Counted count_days(const Duty& duty, Time anchor, const Period& period, const Holidays& holidays) {
  const os::Zone zone{duty.zone};
  const LocalTime shown = zone.local(anchor);
  const auto day_of_anchor = std::chrono::floor<days>(shown);
  std::string why = fmt::format("{} is {} in {} ({})", to_rfc3339(anchor), to_text(shown),
                                duty.zone, zone.abbreviation(anchor));
  local_days last = day_of_anchor;
  switch (period.unit) {
    case Unit::calendar_days:
      last += days{period.n};
      why += fmt::format("; {} is day 0, {} is day {}", day_text(day_of_anchor), day_text(last),
                         period.n);
      break;
    case Unit::business_days: {
      std::string passed_over;
      last = after_days_of_work(day_of_anchor, duty, period.n, holidays, passed_over);
      why += fmt::format("; {} is day 0, {} is business day {}", day_text(day_of_anchor),
                         day_text(last), period.n);
      if (!passed_over.empty()) {
        why += ", passing over " + passed_over;
      }
      break;
    }
    case Unit::months:
      last = after_months(day_of_anchor, period.n);
      why += fmt::format("; {} month{} later is {}", period.n, period.n == 1 ? "" : "s",
                         day_text(last));
      break;
    case Unit::hours:
      throw Error{Code::bug, "hours counted as days"};
  }
  if (!duty.ends_with_day) {
    const auto at = zone.when(last + (shown - day_of_anchor));
    const Time due = at.empty() ? zone.end_of(last) : at.back();
    return {due, why + fmt::format("; due at the same time of day = {}", to_rfc3339(due))};
  }
  const Time due = zone.end_of(last);
  return {due, why + fmt::format("; due at the end of that day = {}", to_rfc3339(due))};
}

Counted count(const Duty& duty, Time anchor, const Period& period, const Holidays& holidays) {
  return period.unit == Unit::hours ? count_hours(anchor, period.n)
                                    : count_days(duty, anchor, period, holidays);
}

/// Regulation (EEC, Euratom) No 1182/71, Article 3(1): "Where a period expressed in hours is to be
/// calculated from the moment at which an event occurs or an action takes place, the hour during
/// which that event occurs or that action takes place shall not be considered as falling within the
/// period in question."
Time outer_limit(Time anchor, int hours) {
  const auto begun = std::chrono::floor<std::chrono::hours>(anchor);
  return begun + std::chrono::hours{1 + hours};
}

void cap(Deadline& made, const Duty& duty, const Anchors& anchors, const Holidays& holidays) {
  const auto& [name, period] = *duty.cap;
  const auto anchor = anchors(name);
  if (!anchor) {
    made.why += fmt::format("; at the latest by {}, which is not known", name);
    return;
  }
  const Counted limit = count(duty, *anchor, period, holidays);
  made.why += fmt::format("; at the latest from {}: {}", name, limit.why);
  if (!made.due_at || limit.due < *made.due_at) {
    made.kind = Deadline::Kind::at;
    made.due_at = limit.due;
  }
}

}  // namespace

Deadline deadline_of(const Duty& duty, const Anchors& anchors, const Holidays& holidays) {
  Deadline made;
  made.anchor_at = anchors(duty.anchor);
  try {
    if (!made.anchor_at) {
      made.why = fmt::format("waits for {}", duty.anchor);
    } else if (!duty.period) {
      made.kind = Deadline::Kind::now;
      made.why =
          fmt::format("without undue delay after {}, {}", duty.anchor, to_rfc3339(*made.anchor_at));
    } else {
      const Counted counted = count(duty, *made.anchor_at, *duty.period, holidays);
      made.kind = Deadline::Kind::at;
      made.due_at = counted.due;
      made.why = fmt::format("{} {}", duty.anchor, counted.why);
    }
    if (duty.cap) {
      cap(made, duty, anchors, holidays);
    }
  } catch (const Error& error) {
    if (error.code() != Code::config) {
      throw;
    }
    made.kind = Deadline::Kind::unknown;
    made.due_at.reset();
    made.why = fmt::format("cannot be counted: {}", error.what());
  }
  if (duty.has_outer_limit && made.anchor_at && duty.period && duty.period->unit == Unit::hours) {
    made.outer_at = outer_limit(*made.anchor_at, duty.period->n);
  }
  return made;
}

}  // namespace trackier::law
