#include "law/duty.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/error.hpp"
#include "core/text.hpp"
#include "core/time.hpp"
#include "law/json_member.hpp"
#include "os/zone.hpp"
#include "shipped/shipped.hpp"

namespace trackier::law {
namespace {

using std::chrono::year_month_day;

constexpr std::string_view regimes_schema = "trackier-ctl/breach-regimes/1";
constexpr std::string_view holidays_schema = "trackier-ctl/holidays/1";
constexpr std::string_view sent = "sent:";

template <typename Value>
using Words = std::array<std::pair<std::string_view, Value>, 4>;

constexpr Words<Unit> units{{{"hours", Unit::hours},
                             {"calendar_days", Unit::calendar_days},
                             {"business_days", Unit::business_days},
                             {"months", Unit::months}}};

Period period_in(const Members& members) {
  constexpr int most = 3660;
  const int n = members.number("n", 1, most);
  const std::string word = members.text("unit");
  const auto* const unit =
      std::ranges::find(units, word, [](const auto& each) { return each.first; });
  if (unit == units.end()) {
    throw members.error("unit", fmt::format("{} is no unit", printable(word)),
                        "units are hours, calendar_days, business_days and months");
  }
  return {n, unit->second};
}

Duty duty_in(const Json& json, const std::string& where) {
  const Members members{json, where};
  Duty made;
  made.id = members.text("id");
  const Members row{json, where + ": " + printable(made.id)};
  made.law = row.text("law");
  made.text_date = row.text("text_date");
  made.role = row.text("role");
  made.recipient = row.text("recipient");
  made.trigger = row.text("trigger");
  made.anchor = row.text("anchor");
  if (const auto period = row.object("period")) {
    made.period = period_in(*period);
    period->refuse_others({"n", "unit"});
  }
  if (const auto cap = row.object("cap")) {
    made.cap = {cap->text("anchor"), period_in(*cap)};
    cap->refuse_others({"anchor", "n", "unit"});
  }
  made.zone = row.text("zone");
  made.ends_with_day = row.one_of("end", {"instant", "end_of_local_day"}) == "end_of_local_day";
  static_cast<void>(row.one_of("roll", {"none"}));
  made.is_default = row.flag("default_on");
  made.is_unconditional = row.flag("unconditional");
  made.confidence = row.one_of("confidence", {"H", "M", "L"});
  made.source = row.text("source");
  made.text = row.optional_text("template");
  made.late_rule = row.optional_text("late_rule");
  made.phased = row.optional_text("phased");
  made.record = row.optional_text("record");
  made.note = row.optional_text("note");
  made.authorities = row.optional_text("authorities");
  if (row.has("soft_target_hours")) {
    made.soft_target_hours = row.number("soft_target_hours", 1, 10'000);
  }
  made.has_outer_limit = row.has("outer") && row.one_of("outer", {"eu1182"}) == "eu1182";
  made.in_force_from = row.day("in_force_from");
  made.in_force_until = row.day("in_force_until");
  row.refuse_others({"id",
                     "law",
                     "text_date",
                     "role",
                     "recipient",
                     "trigger",
                     "anchor",
                     "period",
                     "cap",
                     "zone",
                     "end",
                     "roll",
                     "default_on",
                     "unconditional",
                     "confidence",
                     "source",
                     "template",
                     "late_rule",
                     "phased",
                     "record",
                     "note",
                     "authorities",
                     "soft_target_hours",
                     "outer",
                     "in_force_from",
                     "in_force_until"});
  try {
    const os::Zone known{made.zone};
  } catch (const Error& error) {
    throw row.error("zone", error.what(), error.hint());
  }
  return made;
}

Authorities authorities_in(const Json& json, const std::string& where) {
  static_cast<void>(Members{json, where});  // an object
  Authorities made;
  for (const auto& [code, row] : json.items()) {
    const Members each{row, where + " " + printable(code)};
    if (code.size() != 2 ||
        !std::ranges::all_of(code, [](char c) { return c >= 'A' && c <= 'Z'; })) {
      throw each.error("country", printable(code) + " is no code of a country",
                       "two capital letters as in ISO 3166-1: AT");
    }
    made.emplace(code, Authority{.country = each.text("country"),
                                 .name = each.text("name"),
                                 .also = each.texts("also")});
    each.refuse_others({"country", "name", "also"});
  }
  return made;
}

bool is_in_force(const Duty& duty, year_month_day day) {
  return (!duty.in_force_from || *duty.in_force_from <= day) &&
         (!duty.in_force_until || day <= *duty.in_force_until);
}

bool overlap(const Duty& one, const Duty& other) {
  const auto begins_in = [](const Duty& duty, const Duty& in) {
    return duty.in_force_from ? is_in_force(in, *duty.in_force_from) : !in.in_force_from;
  };
  return begins_in(one, other) || begins_in(other, one);
}

void check(const Law& law, const std::string& file) {
  std::set<std::string> ids;
  for (const Duty& duty : law.duties) {
    ids.insert(duty.id);
  }
  const auto check_anchor = [&](const Duty& duty, const std::string& anchor) {
    const bool is_known = anchor.starts_with(sent) ? ids.contains(anchor.substr(sent.size()))
                                                   : law.anchors.contains(anchor);
    if (!is_known) {
      throw Error{Code::config,
                  fmt::format("{}: {}: there is no anchor {}", file, duty.id, printable(anchor)),
                  "anchors are listed at the beginning of the file; sent: goes before a duty"};
    }
  };
  for (auto duty = law.duties.begin(); duty != law.duties.end(); ++duty) {
    check_anchor(*duty, duty->anchor);
    if (duty->cap) {
      check_anchor(*duty, duty->cap->first);
    }
    if (!duty->authorities.empty() && !law.authorities.contains(duty->authorities)) {
      throw Error{Code::config,
                  fmt::format("{}: {}: there are no authorities {}", file, duty->id,
                              printable(duty->authorities)),
                  "they are listed at the beginning of the file"};
    }
    const bool is_twice = std::any_of(std::next(duty), law.duties.end(), [&](const Duty& other) {
      return other.id == duty->id && overlap(*duty, other);
    });
    if (is_twice) {
      throw Error{Code::config,
                  fmt::format("{}: {} is there twice at the same time", file, duty->id),
                  "give the earlier row in_force_until, and the later one in_force_from"};
    }
  }
}

}  // namespace

Holidays Holidays::parse(std::string_view text, const std::string& file) {
  Holidays made;
  made.file_ = file;
  const Json json = json_in(text, file, holidays_schema);
  const Members top{json, file};
  top.refuse_others({"schema", "source", "zones"});
  const Json zones = top.member("zones");
  for (const auto& [zone, years] : zones.items()) {
    for (const auto& [year, days] : years.items()) {
      const std::string where = fmt::format("{}: {} {}", file, printable(zone), printable(year));
      const Members each{days, where};
      auto& into = made.years_[{zone, std::atoi(year.c_str())}];
      for (const auto& [day, name] : days.items()) {
        const auto parsed = parse_day(day);
        if (!parsed || !day.starts_with(year)) {
          throw each.error(day, "is no day of that year", "write it as 2027-04-21");
        }
        into.emplace(*parsed, each.text(day));
      }
    }
  }
  return made;
}

std::optional<std::string> Holidays::on(const std::string& zone, year_month_day day) const {
  const auto year = years_.find({zone, static_cast<int>(day.year())});
  if (year == years_.end()) {
    throw Error{
        Code::config,
        fmt::format("the holidays of {} in {} are not known", zone, static_cast<int>(day.year())),
        fmt::format("add them to {}", file_)};
  }
  const auto found = year->second.find(day);
  return found == year->second.end() ? std::nullopt : std::optional{found->second};
}

const Duty* Law::find(std::string_view id, year_month_day day) const {
  const auto found = std::ranges::find_if(
      duties, [&](const Duty& duty) { return duty.id == id && is_in_force(duty, day); });
  return found == duties.end() ? nullptr : &*found;
}

std::vector<const Duty*> Law::in_force(year_month_day day) const {
  std::vector<const Duty*> found;
  for (const Duty& duty : duties) {
    if (is_in_force(duty, day)) {
      found.push_back(&duty);
    }
  }
  return found;
}

void Law::expect(const std::string& id) const {
  std::vector<std::string> ids;
  for (const Duty& duty : duties) {
    if (duty.id == id) {
      return;
    }
    ids.push_back(duty.id);
  }
  const auto near = closest(id, ids);
  throw Error{Code::usage, fmt::format("there is no duty {}", printable(id)),
              near ? fmt::format("did you mean {}?", *near)
                   : "trackier-ctl breach duties --all lists them"};
}

const Authorities* Law::authorities_for(const Duty& duty) const {
  const auto found = authorities.find(duty.authorities);
  return found == authorities.end() ? nullptr : &found->second;
}

Law shipped_law() {
  const auto text = [](const std::string& name) {
    const auto found = shipped::file(name);
    if (!found) {
      throw Error{Code::bug, fmt::format("the program lacks {}", name)};
    }
    return NamedText{.text = std::string{*found}, .name = name};
  };
  return parse_law(text("regimes.json"), text("holidays.json"));
}

Law parse_law(const NamedText& regimes, const NamedText& holidays) {
  const std::string& file = regimes.name;
  Law made;
  const Json json = json_in(regimes.text, file, regimes_schema);
  const Members top{json, file};
  made.snapshot = top.text("law_snapshot");
  made.disclaimer = top.text("disclaimer");
  top.refuse_others(
      {"schema", "law_snapshot", "disclaimer", "anchors", "rules", "authorities", "regimes"});
  const Json anchors = top.member("anchors");
  for (const auto& [name, meaning] : anchors.items()) {
    made.anchors.emplace(name, Members{anchors, file + ": anchors"}.text(name));
  }
  if (top.has("authorities")) {
    for (const auto& [group, countries] : top.member("authorities").items()) {
      made.authorities.emplace(group, authorities_in(countries, file + ": authorities"));
    }
  }
  const Json rows = top.member("regimes");
  std::size_t number = 0;
  for (const Json& row : rows) {
    made.duties.push_back(duty_in(row, fmt::format("{}: regime {}", file, ++number)));
  }
  check(made, file);
  made.holidays = Holidays::parse(holidays.text, holidays.name);
  return made;
}

}  // namespace trackier::law
