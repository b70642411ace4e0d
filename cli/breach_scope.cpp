// Whom an incident touches, counted from logs.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "breach.hpp"
#include "confinement.hpp"
#include "core/text.hpp"
#include "identities.hpp"
#include "json_line.hpp"
#include "log_count.hpp"

namespace trackier::cli::breach_verbs {
namespace {

using incident::ScopeCounted;
using Json = nlohmann::json;

struct Options {
  std::string incident;
  std::vector<std::string> logs;
  std::optional<std::string> from;
  std::optional<std::string> to;
  std::optional<std::string> zone;
  std::optional<std::string> exposed;
  std::optional<std::string> person;
  std::optional<std::string> tenant_field;
  std::optional<std::string> country_field;
  std::optional<std::string> time_field;
  std::optional<std::string> replay;
  std::optional<std::string> because;
  std::optional<unsigned> threads;
  IdentityOptions identities;
  bool json = false;
};

/// What the log calls a customer or a country goes into the record, so a field of people is none.
void refuse_people(const IncidentDesk& desk, const std::string& incident,
                   const ScopeCounted& counted) {
  for (const incident::Counted& each : counted.counts) {
    desk.refuse_leaks(each.tenant, "a name of a customer in " + printable(counted.tenant_field),
                      incident);
    desk.refuse_leaks(each.country, "a name of a country in " + printable(counted.country_field),
                      incident);
  }
}

void warn_of_copies(Context& context, const ScopeCounted& counted) {
  std::map<std::string, std::string> names;  // by digest
  for (const incident::ScopeInput& each : counted.inputs) {
    const auto [first, is_new] = names.emplace(each.sha256, each.name);
    if (!is_new && each.lines > 0) {
      context.out().warning(fmt::format("{} has the same lines as {}, and both are counted",
                                        each.name, first->second));
    }
  }
}

std::vector<std::string> parts_of(const std::string& list) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= list.size()) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    if (end > begin) {
      parts.push_back(list.substr(begin, end - begin));
    }
    begin = end + 1;
  }
  return parts;
}

std::string people_text(const incident::Counted& each) {
  return each.people_lower == each.people_upper
             ? grouped(each.people_lower)
             : fmt::format("{}..{}", grouped(each.people_lower), grouped(each.people_upper));
}

void show(Context& context, const Options& options, const std::string& incident,
          const ScopeCounted& counted) {
  if (options.json) {
    for (const incident::Counted& each : counted.counts) {
      context.out().result(json_line(nlohmann::ordered_json{{"incident", incident},
                                                            {"run", counted.run},
                                                            {"tenant", each.tenant},
                                                            {"country", each.country},
                                                            {"records", each.records},
                                                            {"exposures", each.exposures},
                                                            {"people_lower", each.people_lower},
                                                            {"people_upper", each.people_upper}}));
    }
    return;
  }
  std::size_t width = std::string_view{"CUSTOMER"}.size();
  for (const incident::Counted& each : counted.counts) {
    width = std::max(width, each.tenant.size());
  }
  std::string text =
      fmt::format("{:<{}}  {:>12}  {:>12}  PEOPLE\n", "CUSTOMER", width, "RECORDS", "EXPOSURES");
  for (const incident::Counted& each : counted.counts) {
    if (each.country.empty()) {
      text += fmt::format("{:<{}}  {:>12}  {:>12}  {}\n",
                          each.tenant.empty() ? "(no name)" : each.tenant, width,
                          grouped(each.records), grouped(each.exposures), people_text(each));
    }
  }
  text += fmt::format("run {}: {} file{}, {} lines, {} records in the window; counts sha256 {}\n",
                      counted.run, counted.inputs.size(), counted.inputs.size() == 1 ? "" : "s",
                      grouped(counted.lines), grouped(counted.matched), counted.sha256);
  context.out().result(text);
}

void warn(Context& context, const ScopeCounted& counted) {
  const auto share = [&](std::uint64_t part) {
    constexpr double hundred = 100;
    return fmt::format("{} ({:.2f} %)", grouped(part),
                       hundred * static_cast<double>(part) /
                           static_cast<double>(std::max<std::uint64_t>(counted.lines, 1)));
  };
  if (counted.unparsed > 0) {
    context.out().warning(
        fmt::format("{} lines could not be read, and count nowhere", share(counted.unparsed)));
  }
  if (counted.untimed > 0) {
    context.out().warning(
        fmt::format("{} records say no time that can be read, and count nowhere; {} of them match",
                    share(counted.untimed), grouped(counted.untimed_exposed)));
  }
  if (counted.without_tenant > 0) {
    context.out().warning(fmt::format("{} records name no customer: nobody would be told of them",
                                      grouped(counted.without_tenant)));
  }
  if (counted.matched == 0) {
    context.out().warning(
        "no record matches: look at --exposed, the window and the names of fields");
  }
}

const std::string& needed(const std::optional<std::string>& value, const char* option) {
  if (!value) {
    throw Error{Code::usage, fmt::format("{} is missing", option)};
  }
  return *value;
}

ScopeCounted asked(const Options& options, const IncidentDesk& desk) {
  if (options.logs.empty()) {
    throw Error{Code::usage, "--logs is missing", "name the files: --logs '/var/log/clicks/*.zst'"};
  }
  const auto time = [&](const std::string& text, const char* option) {
    return desk.moment(text, options.zone, option).time;
  };
  ScopeCounted made{.from = time(needed(options.from, "--from"), "--from"),
                    .to = time(needed(options.to, "--to"), "--to"),
                    .exposed = needed(options.exposed, "--exposed"),
                    .person_fields = parts_of(needed(options.person, "--person")),
                    .tenant_field = options.tenant_field.value_or("tenant_id"),
                    .country_field = options.country_field.value_or("country"),
                    .time_field = options.time_field.value_or("ts"),
                    .inputs = {},
                    .counts = {},
                    .sha256 = {},
                    .because = options.because.value_or("")};
  static_cast<void>(scope::Expression::parse(made.exposed));  // errors before any work
  return made;
}

/// A customer that was counted once is not forgotten by a slip in an expression.
void refuse_fewer(const incident::Incident& incident, const ScopeCounted& counted) {
  if (incident.scope() == nullptr || !counted.because.empty()) {
    return;
  }
  const incident::ScopeRun now{.counted = counted, .entry = {}};
  std::vector<std::string> gone;
  for (const incident::Counted& each : incident.scope()->affected()) {
    const incident::Counted* const found = now.of(each.tenant);
    if (found == nullptr || found->records == 0) {
      gone.push_back(each.tenant);
    }
  }
  if (!gone.empty()) {
    throw Error{Code::usage,
                fmt::format("{} has counted {}, and this does not", incident.scope()->counted.run,
                            fmt::join(gone, ", ")),
                "look at --exposed and the window; if the earlier count was wrong, say with "
                "--because why"};
  }
}

/// What is left to do reads logs and adds to the incident.
void confine_count(Context& context, IncidentDesk& desk, LogCount& counting,
                   const std::vector<std::string>& files) {
  desk.prepare_to_record();
  counting.fetch_identities(files);
  confine(context, {.inputs = files, .inside = {desk.directory()}});
}

int count(Context& context, const Options& options) {
  IncidentDesk desk{context};
  static_cast<void>(desk.incident(options.incident));
  ScopeCounted wanted = asked(options, desk);
  desk.refuse_leaks(wanted.because, "the reason", options.incident);
  desk.refuse_people(wanted.exposed, "--exposed", options.incident);
  const auto files = log_files(context, options.logs);
  for (const std::string& file : files) {
    desk.refuse_people(file, "the name of a log", options.incident);
  }
  AffectedPeople affected = desk.affected(options.incident);
  LogCount counting{context, {.threads = options.threads, .identities = options.identities}};
  confine_count(context, desk, counting, files);
  ScopeCounted counted = counting.run(std::move(wanted), files, affected);
  refuse_people(desk, options.incident, counted);
  desk.record(options.incident, {desk.now(), {}}, [&](const incident::Incident& incident) {
    counted.run = fmt::format("S-{:04}", incident.runs.size() + 1);
    refuse_fewer(incident, counted);
    return counted;
  });
  affected.keep(counting.result());
  warn(context, counted);
  warn_of_copies(context, counted);
  show(context, options, options.incident, counted);
  return 0;
}

/// Whether the same files were read, whose names are those of before or moved with their content.
bool tell_changes(Context& context, const std::vector<incident::ScopeInput>& before,
                  const std::vector<incident::ScopeInput>& now) {
  using incident::ScopeInput;
  bool is_same = true;
  const auto tell = [&](const std::string& what) {
    context.out().warning(what);
    is_same = false;
  };
  for (const ScopeInput& each : before) {
    const auto named = std::ranges::find(now, each.name, &ScopeInput::name);
    const auto moved = std::ranges::find(now, each.sha256, &ScopeInput::sha256);
    if (named != now.end() && named->sha256 != each.sha256) {
      tell(fmt::format("{} is not what it was", each.name));
    } else if (named == now.end() && moved == now.end()) {
      tell(fmt::format("{} is missing", each.name));
    } else if (named == now.end()) {
      context.out().note(fmt::format("{} is {} now", each.name, moved->name));
    }
  }
  for (const ScopeInput& each : now) {
    if (std::ranges::find(before, each.name, &ScopeInput::name) == before.end() &&
        std::ranges::find(before, each.sha256, &ScopeInput::sha256) == before.end()) {
      tell(fmt::format("{} was not there", each.name));
    }
  }
  return is_same;
}

void refuse_other_options(const Options& options) {
  for (const auto& [name, is_given] :
       {std::pair{"--from", options.from.has_value()}, std::pair{"--to", options.to.has_value()},
        std::pair{"--tz", options.zone.has_value()},
        std::pair{"--exposed", options.exposed.has_value()},
        std::pair{"--person", options.person.has_value()},
        std::pair{"--tenant-field", options.tenant_field.has_value()},
        std::pair{"--country-field", options.country_field.has_value()},
        std::pair{"--time-field", options.time_field.has_value()},
        std::pair{"--because", options.because.has_value()}}) {
    if (is_given) {
      throw Error{Code::usage, fmt::format("{} does not go with --replay", name),
                  "it counts again what that run has counted, in the same way"};
    }
  }
}

int replay(Context& context, const Options& options) {
  refuse_other_options(options);
  IncidentDesk desk{context};
  const auto incident = desk.incident(options.incident);
  const auto* const before = incident.find_run(*options.replay);
  if (before == nullptr) {
    throw Error{Code::usage,
                fmt::format("{} has no run {}", incident.id, printable(*options.replay)),
                incident.runs.empty() ? "nothing has been counted"
                                      : "its last is " + incident.runs.back().counted.run};
  }
  AffectedPeople affected = desk.affected(options.incident);
  if (!affected.has_key()) {
    throw Error{Code::no_permission, "the key of the incident has been destroyed"};
  }
  ScopeCounted again = before->counted;
  std::vector<std::string> files;
  for (const auto& input : before->counted.inputs) {
    files.push_back(input.name);
  }
  again.inputs.clear();
  again.counts.clear();
  again.is_replay = true;
  if (!options.logs.empty()) {
    files = log_files(context, options.logs);
  }
  LogCount counting{context, {.threads = options.threads, .identities = options.identities}};
  confine_count(context, desk, counting, files);
  again = counting.run(std::move(again), files, affected);
  bool is_same = again.sha256 == before->counted.sha256;
  is_same = tell_changes(context, before->counted.inputs, again.inputs) && is_same;
  desk.record(options.incident, {desk.now(), {}}, [&](const incident::Incident&) { return again; });
  if (options.json) {
    context.out().result(json_line(Json{{"incident", incident.id},
                                        {"run", again.run},
                                        {"same", is_same},
                                        {"sha256", again.sha256}}));
    return static_cast<int>(is_same ? Code::ok : Code::verdict);
  }
  context.out().result(fmt::format("run {}: {}; counts sha256 {}\n", again.run,
                                   is_same ? "the same again" : "not the same", again.sha256));
  return static_cast<int>(is_same ? Code::ok : Code::verdict);
}

}  // namespace

Command make_scope() {
  auto options = std::make_shared<Options>();
  Command command{"scope", "count from logs whom it touches, customer by customer"};
  command.about(
      "Reads JSON Lines and access logs, plain, gzip, zstd or sealed, and counts records and "
      "people\n"
      "in the window that match --exposed. People are counted as at least..at most. Of what\n"
      "identifies them only keyed hashes are kept, under a key that close destroys.");
  add_incident(command, options->incident);
  command.option("--logs", options->logs, "PATTERN", "files: '/var/log/clicks/*.jsonl.zst'")
      .repeats()
      .offers(Offer::files);
  command.option("--from", options->from, "TIME", "the first moment that counts");
  command.option("--to", options->to, "TIME", "the first that does not any more");
  command.option("--tz", options->zone, "ZONE", "of times without offset: Asia/Kolkata");
  command.option("--exposed", options->exposed, "EXPR",
                 "what was exposed: 'status == 200 && path ~ \"/export\"'");
  command.option("--person", options->person, "FIELD,...", "fields that identify people");
  command.option("--tenant-field", options->tenant_field, "FIELD",
                 "names the customer (default tenant_id)");
  command.option("--country-field", options->country_field, "FIELD",
                 "where people are (default country)");
  command.option("--time-field", options->time_field, "FIELD", "when (default ts)");
  command.option("--because", options->because, "TEXT",
                 "why customers are gone that an earlier count had");
  command.option("--replay", options->replay, "RUN", "count again, and compare: S-0001");
  command.option("--threads", options->threads, "N", "worker threads", 1, 256);
  add_identity_options(command, options->identities);
  command.flag("--json", options->json, "print a line of JSON for each customer and country");
  command.example(
      "trackier-ctl breach scope TI-2026-0001 --logs 'access/*.jsonl.zst' "
      "--from 2026-11-20T06:15:00Z --to 2026-11-26T03:00:00Z --exposed 'status == 200' "
      "--person email_sha256,gaid");
  command.run([options](Context& context) {
    return options->replay ? replay(context, *options) : count(context, *options);
  });
  return command;
}

}  // namespace trackier::cli::breach_verbs
