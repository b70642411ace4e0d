// How bad it is for people, by the methodology of ENISA.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "breach.hpp"
#include "core/text.hpp"
#include "json_line.hpp"

namespace trackier::cli::breach_verbs {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string incident;
  std::optional<std::string> tenant;
  std::vector<std::string> contexts;
  std::vector<std::string> identifications;
  std::optional<std::string> circumstances;
  std::optional<std::string> because;
  bool unintelligible = false;
  bool json = false;
};

std::string advice_for(law::Level level) {
  switch (level) {
    case law::Level::low:
      return "it is recorded; authorities and people usually need not be told";
    case law::Level::medium:
      return "authorities usually have to be told";
    default:
      return "authorities and the people concerned usually have to be told";
  }
}

void show(Context& context, const Options& options, const incident::Incident& incident) {
  for (const auto& [tenant, severity] : incident.severities) {
    const law::Assessment made = assessment_of(severity.scored);
    const auto changes = law::changes_of_level(made);
    const std::string flags = severity_flags(incident, severity);
    if (options.json) {
      Json list = Json::array();
      for (const auto& change : changes) {
        list.push_back({{"what", change.what}, {"level", law::to_text(change.level)}});
      }
      context.out().result(json_line(Json{{"incident", incident.id},
                                          {"tenant", tenant},
                                          {"quarters", made.quarters()},
                                          {"formula", made.formula()},
                                          {"level", law::to_text(made.level())},
                                          {"flags", flags},
                                          {"because", severity.scored.because},
                                          {"changes", list}}));
      continue;
    }
    std::string text = fmt::format(
        "{}: {} ({})\n  SE = DPC x EI + CB: {}\n  flags: {}\n  because: {}\n  advice: {}\n",
        tenant.empty() ? "all" : printable(tenant), law::to_text(made.level()),
        law::meaning_of(made.level()), made.formula(), flags, printable(severity.scored.because),
        advice_for(made.level()));
    for (const auto& change : changes) {
      text += fmt::format("  would be {}: {}\n", law::to_text(change.level), change.what);
    }
    context.out().result(text);
  }
  const auto worst = worst_severity(incident);
  if (!options.json && worst && incident.severities.size() > 1) {
    context.out().result(fmt::format("the worst of all: {}\n", law::to_text(*worst)));
  }
}

int run(Context& context, const Options& options) {
  IncidentDesk desk{context};
  const bool is_scored = !options.contexts.empty() || !options.identifications.empty() ||
                         options.circumstances.has_value();
  if (is_scored) {
    if (options.contexts.empty() || options.identifications.empty() || !options.circumstances) {
      throw Error{Code::usage, "a score needs --dpc, --ei and --cb"};
    }
    if (options.because.value_or("").empty()) {
      throw Error{Code::usage, "a score needs a reason", "give it with --because"};
    }
    not_blank(*options.because, "the reason");
    desk.refuse_leaks(*options.because, "the reason", options.incident);
    for (const std::string& text : options.identifications) {
      desk.refuse_leaks(text, "--ei", options.incident);
    }
    desk.expect_customer(desk.incident(options.incident), options.tenant.value_or(""));
    incident::SeverityScored scored{.tenant = options.tenant.value_or(""),
                                    .contexts = options.contexts,
                                    .identifications = options.identifications,
                                    .circumstances = *options.circumstances,
                                    .circumstance_quarters = {},
                                    .is_unintelligible = options.unintelligible,
                                    .because = *options.because};
    for (const std::string& text : options.contexts) {
      scored.context = std::max(scored.context, law::context_in(text).score);
    }
    for (const std::string& text : options.identifications) {
      scored.identification_quarters =
          std::max(scored.identification_quarters, law::identification_in(text).score);
    }
    const auto circumstances = law::circumstances_in(*options.circumstances);
    scored.circumstance_quarters.assign(circumstances.begin(), circumstances.end());
    desk.record(options.incident, {desk.now(), {}},
                [&](const incident::Incident&) { return scored; });
  }
  const auto incident = desk.incident(options.incident);
  if (incident.severities.empty()) {
    context.out().note(fmt::format("{}: nothing has been scored", incident.id));
  }
  show(context, options, incident);
  return 0;
}

}  // namespace

std::string severity_flags(const incident::Incident& incident, const incident::Severity& severity) {
  constexpr std::uint64_t many = 100;
  std::uint64_t people = 0;
  if (const auto* const scope = incident.scope()) {
    for (const auto& each : scope->affected()) {
      if (severity.scored.tenant.empty() || each.tenant == severity.scored.tenant) {
        people += each.people_upper;
      }
    }
  }
  std::string flags;
  if (people > many) {
    flags = "more than 100 people";
  }
  if (severity.scored.is_unintelligible) {
    flags += flags.empty() ? "the data is unintelligible" : "; the data is unintelligible";
  }
  return flags.empty() ? "none" : flags;
}

Command make_severity() {
  auto options = std::make_shared<Options>();
  Command command{"severity", "score how bad it is for people (ENISA 2013)"};
  command.about(
      "SE = DPC x EI + CB. Of several kinds of data, and of several identifiers, the highest\n"
      "counts. Flags stand beside the number and are not in it. Without scores, shows those there\n"
      "are, and which single changes would move the level. The score advises; breach decide\n"
      "records what people decided.");
  add_incident(command, options->incident);
  command.option("--tenant", options->tenant, "TENANT", "of this customer's data alone");
  command.option("--dpc", options->contexts, "KIND[:SCORE]",
                 "simple, behavioural, financial or sensitive; behavioural:+1");
  command.option("--ei", options->identifications, "NAME:EASE", "an identifier: device-id:0.5");
  command.option("--cb", options->circumstances, "LIST",
                 "c=0.5,i=0,a=0,m=0.5: confidentiality, integrity, availability, malice");
  command.flag("--unintelligible", options->unintelligible,
               "nobody can read the data: encrypted, the key is safe");
  command.option("--because", options->because, "TEXT", "the reasons for these scores");
  command.flag("--json", options->json, "print a line of JSON for each");
  command.run([options](Context& context) { return run(context, *options); });
  return command;
}

}  // namespace trackier::cli::breach_verbs
