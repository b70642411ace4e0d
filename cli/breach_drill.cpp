// Exercises: an incident that is none, news as time passes, and a score for the team.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "breach.hpp"
#include "core/text.hpp"
#include "durations.hpp"
#include "json_line.hpp"
#include "shipped/shipped.hpp"

namespace trackier::cli::breach_verbs {
namespace {

using incident::SignedEntry;
using Json = nlohmann::ordered_json;
using std::chrono::minutes;

constexpr std::string_view before_name = "drill-";
constexpr std::string_view after_name = ".json";
constexpr std::string_view scenario_note = "the scenario of this drill: ";

struct Options {
  std::optional<std::string> what;  ///< a scenario, or a drill that goes on
  bool score = false;
  bool json = false;
};

struct Inject {
  minutes after{};
  std::string text;
};

struct Expected {
  std::string what;
  std::string duty;  ///< empty: of none
  std::optional<minutes> within;
  unsigned points = 0;
  std::string say;
};

struct Scenario {
  std::string name;
  std::string title;
  std::string about;
  std::vector<Inject> injects;
  std::vector<Expected> expected;
};

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const shipped::File& each : shipped::files()) {
    if (each.name.starts_with(before_name)) {
      std::string_view name = each.name.substr(before_name.size());
      names.emplace_back(name.substr(0, name.size() - after_name.size()));
    }
  }
  return names;
}

Scenario scenario_of(const std::string& name) {
  const auto text = shipped::file(fmt::format("{}{}{}", before_name, name, after_name));
  if (!text) {
    const auto names = scenario_names();
    const auto near = closest(name, names);
    throw Error{Code::usage, fmt::format("there is no scenario {}", printable(name)),
                near ? fmt::format("did you mean {}?", *near)
                     : fmt::format("scenarios are {}", fmt::join(names, ", "))};
  }
  const Json json = Json::parse(*text);
  Scenario made{.name = name,
                .title = json.at("title"),
                .about = json.at("about"),
                .injects = {},
                .expected = {}};
  for (const Json& each : json.at("injects")) {
    made.injects.push_back(
        {minutes{each.at("after_minutes").get<int>()}, each.at("text").get<std::string>()});
  }
  for (const Json& each : json.at("expect")) {
    Expected expected{.what = each.at("what"),
                      .duty = each.value("duty", ""),
                      .within = {},
                      .points = each.at("points"),
                      .say = each.at("say")};
    if (each.contains("within_minutes")) {
      expected.within = minutes{each.at("within_minutes").get<int>()};
    }
    made.expected.push_back(std::move(expected));
  }
  return made;
}

/// The scenario that a drill was begun with.
Scenario scenario_in(const incident::Chain& chain) {
  for (const SignedEntry& each : chain.entries) {
    const auto* const note = std::get_if<incident::Noted>(&each.entry.event);
    if (note != nullptr && note->text.starts_with(scenario_note)) {
      return scenario_of(note->text.substr(scenario_note.size()));
    }
  }
  throw Error{Code::usage, "this is no drill of a scenario",
              "trackier-ctl breach drill SCENARIO begins one"};
}

class Drill {
 public:
  Drill(Context& context, IncidentDesk& desk, std::string id)
      : context_(context),
        desk_(desk),
        id_(std::move(id)),
        chain_(desk.sound_chain(id_)),
        incident_(incident::incident_of(chain_.entries)),
        scenario_(scenario_in(chain_)),
        begun_(chain_.entries.front().entry.recorded.wall) {}

  /// News that have come since, each recorded.
  void tell_news() {
    std::size_t told = 0;
    for (const Inject& inject : scenario_.injects) {
      const std::string text = "DRILL: " + inject.text;
      if (inject.after > desk_.now() - begun_ || was_told(text)) {
        continue;
      }
      desk_.record(id_, {desk_.now(), {}},
                   [&](const incident::Incident&) { return incident::Noted{.text = text}; });
      context_.out().result(fmt::format("DRILL {}: {}\n", id_, inject.text));
      ++told;
    }
    if (told == 0) {
      context_.out().result(fmt::format("DRILL {}: nothing new{}\n", id_, next_news()));
    }
  }

  int score() const {
    unsigned points = 0;
    unsigned most = 0;
    for (const Expected& each : scenario_.expected) {
      const auto at = first(each);
      const bool is_met = at && (!each.within || *at - begun_ <= *each.within);
      points += is_met ? each.points : 0;
      most += each.points;
      tell(each, at, is_met);
    }
    if (!json_) {
      context_.out().result(fmt::format("DRILL {}: {} of {} points\n", id_, points, most));
    }
    return static_cast<int>(points == most ? Code::ok : Code::verdict);
  }

  void as_json() { json_ = true; }

 private:
  [[nodiscard]] bool was_told(const std::string& text) const {
    return std::ranges::any_of(chain_.entries, [&](const SignedEntry& each) {
      const auto* const note = std::get_if<incident::Noted>(&each.entry.event);
      return note != nullptr && note->text == text;
    });
  }

  [[nodiscard]] std::string next_news() const {
    for (const Inject& inject : scenario_.injects) {
      if (inject.after > desk_.now() - begun_) {
        return fmt::format("; the next in {}", left_text(begun_ + inject.after - desk_.now()));
      }
    }
    return "; there will be no more: trackier-ctl breach drill --score " + id_;
  }

  template <typename Is>
  [[nodiscard]] std::optional<Time> first_entry(Is is) const {
    const auto found = std::ranges::find_if(
        chain_.entries, [&](const SignedEntry& each) { return is(each.entry.event); });
    return found == chain_.entries.end() ? std::nullopt : std::optional{found->entry.recorded.wall};
  }

  template <typename Event>
  [[nodiscard]] std::optional<Time> first_of() const {
    return first_entry(
        [](const incident::Event& event) { return std::holds_alternative<Event>(event); });
  }

  /// When it was done; none: not yet.
  [[nodiscard]] std::optional<Time> first(const Expected& expected) const {
    const std::string& what = expected.what;
    if (what == "scope") {
      return first_of<incident::ScopeCounted>();
    }
    if (what == "severity") {
      return first_of<incident::SeverityScored>();
    }
    if (what == "sent" || what == "drafted") {
      return duty_done(expected.duty, what == "sent");
    }
    if (what == "second") {
      return second_approval();
    }
    return first_entry([&](const incident::Event& event) {
      const auto* const anchor = std::get_if<incident::AnchorSet>(&event);
      const auto* const state = std::get_if<incident::StateSet>(&event);
      const auto* const decided = std::get_if<incident::Decided>(&event);
      return (anchor != nullptr && anchor->name == what) ||
             (state != nullptr &&
              (state->state == what || (what == "over" && state->state != "contained"))) ||
             (decided != nullptr && what == "decided" && decided->duty == expected.duty);
    });
  }

  [[nodiscard]] std::optional<Time> duty_done(const std::string& duty, bool is_sent) const {
    for (const auto& state : incident::duties_of(incident_, desk_.law(), true)) {
      if (state.duty->id != duty || state.recipients.empty()) {
        continue;
      }
      if (is_sent) {
        return state.progress == incident::Progress::sent ? state.sent_at : std::nullopt;
      }
      if (state.progress != incident::Progress::due) {
        return first_of<incident::Drafted>();
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Time> second_approval() const {
    for (const auto& [id, draft] : incident_.drafts) {
      for (const auto& each : draft.approvals) {
        if (!each.approved.is_single_handed) {
          return each.entry.recorded;
        }
      }
    }
    return std::nullopt;
  }

  void tell(const Expected& each, const std::optional<Time>& at, bool is_met) const {
    if (json_) {
      context_.out().result(
          json_line(Json{{"incident", id_},
                         {"what", each.what},
                         {"duty", each.duty},
                         {"met", is_met},
                         {"points", is_met ? each.points : 0},
                         {"of", each.points},
                         {"after_seconds", at ? Json((*at - begun_).count()) : Json()}}));
      return;
    }
    context_.out().result(fmt::format(
        "{:>3} of {:>2}  {}{}{}\n", is_met ? each.points : 0, each.points, each.say,
        at ? fmt::format(": after {}", left_text(*at - begun_)) : ": not done",
        each.within && !is_met ? fmt::format(", {} was the aim", left_text(*each.within)) : ""));
  }

  Context& context_;
  IncidentDesk& desk_;
  std::string id_;
  incident::Chain chain_;
  incident::Incident incident_;
  Scenario scenario_;
  Time begun_;
  bool json_ = false;
};

int begin(Context& context, const std::string& name) {
  const Scenario scenario = scenario_of(name);
  IncidentDesk desk{context};
  const auto opened = desk.open("DRILL", {.title = "DRILL: " + scenario.title,
                                          .is_drill = true,
                                          .roles = context.settings().breach.roles,
                                          .establishment = context.settings().breach.establishment,
                                          .law = desk.law().snapshot});
  const std::string& id = opened.entry.incident;
  desk.record(id, {desk.now(), {}}, [](const incident::Incident&) {
    return incident::AnchorSet{.name = "detected", .because = "the drill began"};
  });
  desk.record(id, {desk.now(), {}}, [&](const incident::Incident&) {
    return incident::Noted{.text = std::string{scenario_note} + name};
  });
  context.out().result(fmt::format("{} begun: {}\n{}\n\n", id, scenario.title, scenario.about));
  Drill{context, desk, id}.tell_news();
  context.out().result(
      fmt::format("\nWork on it as on any incident: trackier-ctl breach next {0}\n"
                  "News as time passes: trackier-ctl breach drill {0}\n"
                  "In the end: trackier-ctl breach drill --score {0}\n",
                  id));
  return 0;
}

int run(Context& context, const Options& options) {
  if (!options.what) {
    for (const std::string& name : scenario_names()) {
      context.out().result(fmt::format("{:<16}  {}\n", name, scenario_of(name).title));
    }
    return 0;
  }
  if (!is_drill(*options.what)) {
    return begin(context, *options.what);
  }
  IncidentDesk desk{context};
  Drill drill{context, desk, *options.what};
  if (options.json) {
    drill.as_json();
  }
  if (options.score) {
    return drill.score();
  }
  drill.tell_news();
  return 0;
}

}  // namespace

Command make_drill() {
  auto options = std::make_shared<Options>();
  Command command{"drill", "exercise: an incident that is none, with news and a score"};
  command.about(
      "Without an argument lists the scenarios; with one begins it. Its incident is called\n"
      "DRILL-YEAR-NUMBER, and every notice of it says that it is an exercise. With the incident,\n"
      "tells the news that have come since; --score, how the team did, and exit 1 unless all was\n"
      "done in time.");
  command.positional("SCENARIO|DRILL", options->what.emplace(),
                     "public-export, or DRILL-2026-0001");
  command.flag("--score", options->score, "of a drill, how it went");
  command.flag("--json", options->json, "print a line of JSON for each score");
  command.example("trackier-ctl breach drill public-export");
  command.run([options](Context& context) {
    if (options->what && options->what->empty()) {
      options->what.reset();
    }
    return run(context, *options);
  });
  return command;
}

}  // namespace trackier::cli::breach_verbs
