// Deadlines agree with those that a program in another language counts.

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "law/deadline.hpp"
#include "os/program.hpp"
#include "os/zone.hpp"
#include "support/temporary_directory.hpp"

namespace trackier::law {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;
using std::chrono::year;

constexpr std::size_t cases = 100'000;

struct Case {
  Time anchor;
  Period period;
  std::string zone;
  bool ends_with_day = false;
};

std::string_view word(Unit unit) {
  constexpr std::array<std::string_view, 4> words{"hours", "calendar_days", "business_days",
                                                  "months"};
  return words.at(static_cast<std::size_t>(unit));
}

std::string line_of(const Case& each) {
  return to_rfc3339(each.anchor) + " " + std::string{word(each.period.unit)} + " " +
         std::to_string(each.period.n) + " " + each.zone + " " +
         (each.ends_with_day ? "end_of_local_day" : "instant");
}

/// Moments at which clocks of a zone are changed, 2020 to 2031.
std::vector<Time> changes_of(const std::string& name) {
  const os::Zone zone{name};
  std::vector<Time> found;
  Time before = std::chrono::sys_days{year{2020} / 1 / 1};
  const Time end = std::chrono::sys_days{year{2032} / 1 / 1};
  for (auto offset = zone.offset(before); before < end; before += days{7}) {
    const auto next = zone.offset(before + days{7});
    if (next == offset) {
      continue;
    }
    Time within = before;
    Time after = before + days{7};
    while (after - within > seconds{1}) {
      const Time middle = within + (after - within) / 2;
      (zone.offset(middle) == offset ? within : after) = middle;
    }
    found.push_back(after);
    offset = next;
  }
  return found;
}

/// Leap days, ends of months, and days on which clocks are changed come more often than they do.
class Chance {
 public:
  explicit Chance(std::uint32_t seed) : random_(seed) {
    for (const Duty& duty : shipped_law().duties) {
      zones_.insert(duty.zone);
    }
    zones_.insert({"Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu"});
    // Clocks there leap over midnight.
    zones_.insert({"America/Havana", "America/Santiago"});
    for (const std::string& each : zones_) {
      changes_[each] = changes_of(each);
    }
  }

  Case next() {
    Case made;
    made.zone = *std::next(zones_.begin(), static_cast<std::ptrdiff_t>(below(zones_.size())));
    // Hours are quickly counted; and where days begin has to be looked up.
    made.period.unit = below(2) == 0 ? Unit::hours : static_cast<Unit>(below(4));
    if (made.period.unit == Unit::business_days) {
      made.zone = below(2) == 0 ? "America/Sao_Paulo" : "America/New_York";
    }
    constexpr std::array most{100, 100, 12, 26};  // by unit
    made.period.n =
        1 + static_cast<int>(below(most.at(static_cast<std::size_t>(made.period.unit))));
    made.ends_with_day = below(2) == 0;
    made.anchor = anchor(made);
    return made;
  }

  [[nodiscard]] const std::set<std::string>& zones() const { return zones_; }

 private:
  std::size_t below(std::size_t most) { return random_() % most; }
  std::size_t below(int most) { return below(static_cast<std::size_t>(most)); }

  Time anchor(const Case& of) {
    const Time first = std::chrono::sys_days{year{2020} / 1 / 1};
    constexpr int all_days = 4383;
    const auto around = [&] { return hours{below(73)} - hours{36} + seconds{below(3600)}; };
    const auto& changes = changes_[of.zone];
    switch (below(6)) {
      case 0:  // the last days of February
        return std::chrono::sys_days{year{2020 + static_cast<int>(below(12))} / 2 / 28} + around();
      case 1:  // the end of a month
        return std::chrono::sys_days{year{2020 + static_cast<int>(below(12))} /
                                     (1 + static_cast<int>(below(12))) / std::chrono::last} +
               around();
      case 2:  // clocks are changed near the anchor
      case 3:  // or where the period ends
        if (!changes.empty()) {
          const Time change = changes[below(changes.size())];
          const bool is_near = below(2) == 0;
          return change + around() -
                 (is_near || of.period.unit == Unit::months ? days{0} : days{of.period.n});
        }
        [[fallthrough]];
      default:
        return first + days{below(all_days)} + seconds{below(86'400)};
    }
  }

  std::minstd_rand random_;
  std::set<std::string> zones_;
  std::map<std::string, std::vector<Time>> changes_;
};

std::string due(const Case& each, const Holidays& holidays) {
  const Duty duty{.id = "x",
                  .law = {},
                  .text_date = {},
                  .role = {},
                  .recipient = {},
                  .trigger = {},
                  .anchor = "aware",
                  .period = each.period,
                  .cap = {},
                  .zone = each.zone,
                  .ends_with_day = each.ends_with_day};
  const Deadline made = deadline_of(
      duty, [&](const std::string&) { return std::optional{each.anchor}; }, holidays);
  return made.due_at ? to_rfc3339(*made.due_at) : "unknown";
}

TEST_CASE("deadlines agree with those of another program") {
  const std::filesystem::path python = "/usr/bin/python3";
  if (!std::filesystem::exists(python)) {
    MESSAGE("SKIPPED: there is no /usr/bin/python3 to compare deadlines with");
    return;
  }
  Chance chance{20261126};
  REQUIRE(chance.zones().size() >= 10);
  std::vector<std::string> lines;
  std::string ours;
  std::string all;
  const Holidays holidays = shipped_law().holidays;
  std::size_t unknown = 0;
  for (std::size_t i = 0; i < cases; ++i) {
    const Case made = chance.next();
    lines.push_back(line_of(made));
    all += lines.back() + "\n";
    const std::string counted = due(made, holidays);
    unknown += counted == "unknown" ? 1 : 0;
    ours += counted + "\n";
  }
  CHECK(unknown < cases / 5);
  const test::TemporaryDirectory directory;
  const os::Printed said =
      os::run_program({.program = python,
                       .arguments = {TRACKIER_SOURCE_DIR "/tests/lib/law/deadlines.py",
                                     TRACKIER_SOURCE_DIR "/samples/breach/holidays.json",
                                     directory.write("cases", all).native()}},
                      ours.size() + 1);
  REQUIRE_MESSAGE(said.ended.well(), said.ended.complaints);
  if (said.output == ours) {
    return;
  }
  REQUIRE(said.output.size() > 0);
  std::string_view mine = ours;
  std::string_view theirs = said.output;
  int shown = 0;
  for (const std::string& line : lines) {
    const auto one = mine.substr(0, mine.find('\n'));
    const auto other = theirs.substr(0, theirs.find('\n'));
    CAPTURE(line);
    CHECK(one == other);
    mine.remove_prefix(one.size() + 1);
    theirs.remove_prefix(std::min(other.size() + 1, theirs.size()));
    shown += one == other ? 0 : 1;
    if (shown == 20) {
      break;
    }
  }
}

}  // namespace
}  // namespace trackier::law
