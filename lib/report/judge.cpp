#include "report/judge.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "core/duration.hpp"

namespace trackier::report {
namespace {

constexpr std::array<std::pair<Kind, std::string_view>, 10> kind_names{{
    {Kind::slots, "slots"},
    {Kind::checks, "checks"},
    {Kind::drills, "drills"},
    {Kind::ages, "ages"},
    {Kind::settings, "settings"},
    {Kind::runs, "runs"},
    {Kind::incidents, "incidents"},
    {Kind::exercises, "exercises"},
    {Kind::log, "log"},
    {Kind::manual, "manual"},
}};

std::size_t count(const Item& item, std::string_view state) {
  return static_cast<std::size_t>(std::ranges::count(item.lines, state, &Line::state));
}

/// "not applicable" of "not_applicable".
std::string words_of(std::string state) {
  std::ranges::replace(state, '_', ' ');
  return state;
}

/// "3 pass, 1 fail": how often each state, in the order of their names.
std::string states_text(const Item& item) {
  std::map<std::string, std::size_t> states;
  for (const Line& each : item.lines) {
    ++states[each.state];
  }
  std::vector<std::string> parts;
  parts.reserve(states.size());
  for (const auto& [state, times] : states) {
    parts.push_back(fmt::format("{} {}", times, words_of(state)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string_view plural(std::size_t number) {
  return number == 1 ? "" : "s";
}

void judge_slots(Item& item, const Report& report) {
  const std::size_t taken = count(item, "taken");
  const std::size_t late = count(item, "late");
  const std::size_t all = item.lines.size();
  item.statement = fmt::format(
      "{} of {} slots of {} have a sound backup on record; {} late, {} damaged, {} without a "
      "record, {} missing",
      taken + late, all, duration_text(item.every.value_or(std::chrono::seconds{})), late,
      count(item, "damaged"), count(item, "unrecorded"), count(item, "missing"));
  if (item.since && item.every && *item.since >= report.from + *item.every) {
    item.statement += fmt::format("; first backed up at {}, so earlier slots are not accounted for",
                                  to_rfc3339(*item.since));
  }
  item.status = taken + late == all ? Status::pass : Status::fail;
  item.collected = report.to;
}

std::optional<Status> status_named(std::string_view word) {
  for (int i = 0; i < check::status_count; ++i) {
    if (check::to_text(static_cast<Status>(i)) == word) {
      return static_cast<Status>(i);
    }
  }
  return std::nullopt;
}

void expire(Item& item, const Report& report) {
  if (item.expires && *item.expires < report.to) {
    item.status = Status::fail;
    item.statement += fmt::format("; expired at {}", to_rfc3339(*item.expires));
  }
}

void judge_checks(Item& item, const Report& report) {
  const Line& last = item.lines.back();
  item.status = status_named(last.state).value_or(Status::error);
  item.statement = fmt::format("{} run{} on record ({}); the last, at {}: {}", item.lines.size(),
                               plural(item.lines.size()), states_text(item),
                               to_rfc3339(last.at.value_or(report.from)), words_of(last.state));
  item.collected = last.at;
  item.expires = last.at.value_or(report.from) + check_validity;
  expire(item, report);
}

/// The last drill is what counts; one that could not be evaluated says nothing, so the one before.
void judge_drills(Item& item, const Report& report) {
  const auto last = std::find_if(item.lines.rbegin(), item.lines.rend(), [](const Line& each) {
    return each.state != "could not be evaluated";
  });
  item.statement = fmt::format("{} restore{} compared ({})", item.lines.size(),
                               plural(item.lines.size()), states_text(item));
  if (last == item.lines.rend()) {
    item.status = Status::error;
    return;
  }
  const bool has_passed = last->state == "passed" && last->record;
  item.status = has_passed ? Status::pass : Status::fail;
  item.statement += fmt::format("; the last, at {}: {}", to_rfc3339(last->at.value_or(report.from)),
                                last->record ? last->state : last->state + ", without a record");
  item.collected = last->at;
  item.expires = last->at.value_or(report.from) + std::chrono::days{item.most.value_or(0)};
  expire(item, report);
}

void judge_ages(Item& item, const Report& report) {
  std::uint64_t oldest = 0;
  std::size_t old = 0;
  for (const Line& each : item.lines) {
    oldest = std::max(oldest, each.value.value_or(0));
    old += each.state == "in use" ? 0U : 1U;
  }
  item.status = old == 0 ? Status::pass : Status::fail;
  item.statement = fmt::format("{} key{} in use, the oldest {} day{} old; {} may be; {} older",
                               item.lines.size(), plural(item.lines.size()), oldest, plural(oldest),
                               item.most.value_or(0), old);
  item.collected = report.to;
}

void judge_settings(Item& item, const Report& report) {
  const std::size_t good = count(item, "as promised");
  item.status = good == item.lines.size() ? Status::pass : Status::fail;
  item.statement = fmt::format("{} of {} as promised", good, item.lines.size());
  item.collected = report.to;
}

/// A run that did nothing, for a file was not there, breaks no promise; one whose input was forged,
/// or of which nobody knows how it ended, is one to look into. That personal data was found is a
/// verdict; of other commands a verdict is what they were asked for.
bool is_bad_run(const Item& item, const Line& line) {
  return line.state == "data" || line.state == "not ended" ||
         (line.state == "verdict" && item.id == "anon.runs");
}

void judge_runs(Item& item) {
  const bool is_bad =
      std::ranges::any_of(item.lines, [&item](const Line& each) { return is_bad_run(item, each); });
  item.status = is_bad ? Status::fail : Status::pass;
  item.statement = fmt::format("{} run{} on record ({})", item.lines.size(),
                               plural(item.lines.size()), states_text(item));
  item.collected = item.lines.back().at;
}

void judge_incidents(Item& item, const Report& report) {
  const std::size_t good = count(item, "in time") + count(item, "none to tell");
  const std::size_t running = count(item, "running");
  const std::size_t all = item.lines.size();
  item.status = good == all ? Status::pass : Status::fail;
  if (item.status == Status::fail && good + running == all) {
    item.status = Status::not_checked;
  }
  item.statement = fmt::format("{} incident{} detected ({})", all, plural(all), states_text(item));
  item.collected = report.to;
}

void judge_exercises(Item& item, const Report& report) {
  const Line& last = item.lines.back();
  item.status = Status::pass;
  item.statement =
      fmt::format("{} exercise{} held, the last at {}", item.lines.size(),
                  plural(item.lines.size()), to_rfc3339(last.at.value_or(report.from)));
  item.collected = last.at;
  item.expires = last.at.value_or(report.from) + exercise_validity;
  expire(item, report);
}

void judge_log(Item& item, const Report& report) {
  const std::size_t good = count(item, "holds") + count(item, "recovered");
  item.status = good == item.lines.size() ? Status::pass : Status::fail;
  std::vector<std::string> parts;
  for (const Line& each : item.lines) {
    if (!each.remark.empty()) {
      parts.push_back(each.remark);
    }
  }
  item.statement = fmt::format("{}", fmt::join(parts, "; "));
  item.collected = report.to;
}

}  // namespace

std::string_view to_text(Kind kind) {
  return std::ranges::find(kind_names, kind, [](const auto& each) { return each.first; })->second;
}

std::optional<Kind> parse_kind(std::string_view text) {
  const auto* const found =
      std::ranges::find(kind_names, text, [](const auto& each) { return each.second; });
  return found == kind_names.end() ? std::nullopt : std::optional{found->first};
}

void judge(Item& item, const Report& report) {
  item.collected.reset();
  item.expires.reset();
  if (item.kind == Kind::manual) {
    item.status = Status::manual;
    item.statement = item.lines.empty() ? "A person has to look: " + item.about
                                        : fmt::format("A person has to look at {} run{} ({}): {}",
                                                      item.lines.size(), plural(item.lines.size()),
                                                      states_text(item), item.about);
    return;
  }
  if (!item.problem.empty()) {
    item.status = Status::not_checked;
    item.statement = item.problem;
    return;
  }
  if (item.lines.empty()) {
    item.status = item.is_owed ? Status::not_checked : Status::not_applicable;
    item.statement = "None: " + item.about;
    return;
  }
  switch (item.kind) {
    case Kind::slots:
      return judge_slots(item, report);
    case Kind::checks:
      return judge_checks(item, report);
    case Kind::drills:
      return judge_drills(item, report);
    case Kind::ages:
      return judge_ages(item, report);
    case Kind::settings:
      return judge_settings(item, report);
    case Kind::runs:
      return judge_runs(item);
    case Kind::incidents:
      return judge_incidents(item, report);
    case Kind::exercises:
      return judge_exercises(item, report);
    case Kind::log:
      return judge_log(item, report);
    case Kind::manual:
      return;
  }
}

bool is_exception(Kind kind, const Line& line) {
  switch (kind) {
    case Kind::slots:
      return line.state != "taken";
    case Kind::checks:
      return line.state != "pass" && line.state != "not_applicable";
    case Kind::drills:
      return line.state != "passed" || !line.record;
    case Kind::ages:
      return line.state != "in use";
    case Kind::settings:
      return line.state != "as promised";
    case Kind::runs:
    case Kind::manual:
      return line.state != "ok";
    case Kind::incidents:
      return line.state != "in time";
    case Kind::exercises:
      return false;
    case Kind::log:
      return line.state != "holds";
  }
  return true;
}

std::size_t Counts::scored() const {
  return (*this)[Status::pass] + (*this)[Status::fail] + (*this)[Status::error] +
         (*this)[Status::not_checked];
}

bool Counts::is_well() const {
  return (*this)[Status::pass] > 0 && (*this)[Status::pass] == scored();
}

Counts counts_of(const std::vector<Item>& items) {
  Counts counts;
  for (const Item& each : items) {
    counts.add(each.status);
  }
  return counts;
}

std::string to_text(const Counts& counts) {
  std::string text;
  for (int i = 0; i < check::status_count; ++i) {
    const auto status = static_cast<Status>(i);
    if (counts[status] > 0) {
      text +=
          fmt::format("{}{} {}", text.empty() ? "" : ", ", counts[status], check::to_text(status));
    }
  }
  return text.empty() ? "nothing" : text;
}

std::string score_text(const Counts& counts) {
  if (counts.scored() == 0) {
    return "nothing was looked at";
  }
  constexpr std::size_t whole = 100;
  return fmt::format("{} of {} ({}%)", counts[Status::pass], counts.scored(),
                     counts[Status::pass] * whole / counts.scored());
}

}  // namespace trackier::report
