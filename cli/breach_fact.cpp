// What is known of an incident, estimated, or not known yet: the fields of its notices.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "breach.hpp"
#include "core/text.hpp"
#include "core/words.hpp"
#include "json_line.hpp"
#include "mail/mail.hpp"
#include "notice/value.hpp"
#include "notice_context.hpp"
#include "os/whole_file.hpp"

namespace trackier::cli::breach_verbs {
namespace {

using incident::FactSet;
using incident::Known;
using notice::Field;
using notice::Value;

constexpr std::size_t most_facts = std::size_t{4} << 20U;

struct Options {
  std::string incident;
  std::string text;
  std::optional<std::string> file;
  std::optional<std::string> tenant;
  std::optional<std::string> country;
  std::optional<std::string> basis;
  std::optional<std::string> because;
  std::optional<std::string> expect;
  bool estimate = false;
  bool unknown = false;
};

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
  throw Error{Code::usage, what, hint};
}

incident::Recipient about(const Options& options) {
  return {.tenant = options.tenant.value_or(""), .country = options.country.value_or("")};
}

FactSet fact_of(const Options& options) {
  const std::size_t equals = options.text.find('=');
  FactSet made{.key = options.text.substr(0, equals),
               .value = {},
               .basis = {},
               .reason = {},
               .expected_by = {},
               .about = about(options)};
  if (made.key.empty()) {
    refuse("a fact has a name", "cause='a bucket that anybody could read'");
  }
  if (options.unknown) {
    if (equals != std::string::npos) {
      refuse("what is unknown has no value", "leave out = and what follows");
    }
    if (is_blank(options.because.value_or(""))) {
      refuse("what is unknown needs a reason", "give it with --because");
    }
    if (options.expect.value_or("").empty()) {
      refuse("nothing says when it will be known", "give a time with --expect");
    }
    made.known = Known::unknown;
    made.reason = *options.because;
    made.expected_by = *options.expect;
    return made;
  }
  if (equals == std::string::npos) {
    refuse(fmt::format("{} has no value", printable(options.text)),
           "write it as NAME=VALUE, or say --unknown");
  }
  made.known = options.estimate ? Known::estimate : Known::known;
  made.value = options.text.substr(equals + 1);
  made.basis = options.basis.value_or("");
  if (options.estimate && is_blank(made.basis)) {
    refuse("an estimate has a basis", "give it with --basis");
  }
  return made;
}

/// Facts out of a file: a tree of JSON as notices have it.
class FactReader {
 public:
  FactReader(std::string name, incident::Recipient about)
      : name_(std::move(name)), about_(std::move(about)) {}

  std::vector<FactSet> read(std::string_view json) {
    const Value all = notice::parse(json, name_);
    if (all.object() == nullptr) {
      throw Error{Code::data, fmt::format("{} is no JSON object", name_)};
    }
    take(all, "");
    return std::move(facts_);
  }

 private:
  void take(const Value& value, const std::string& key) {
    FactSet made{
        .key = key, .value = {}, .basis = {}, .reason = {}, .expected_by = {}, .about = about_};
    if (const std::string* const text = value.text()) {
      made.value = *text;
    } else if (value.list() != nullptr) {
      made.value = notice::to_json(value);
    } else if (value.flag() != nullptr) {
      made.value = *value.flag() ? "true" : "false";
    } else if (is_set(value, "unknown")) {
      made.known = Known::unknown;
      made.reason = needed(value, "reason", key);
      made.expected_by = needed(value, "expected_by", key);
    } else if (value.find("value") != nullptr) {
      made.known = is_set(value, "estimate") ? Known::estimate : Known::known;
      made.value = needed(value, "value", key);
      made.basis = needed(value, "basis", key);
    } else {
      for (const auto& [name, each] : *value.object()) {
        take(each, key.empty() ? name : fmt::format("{}.{}", key, name));
      }
      return;
    }
    facts_.push_back(std::move(made));
  }

  static bool is_set(const Value& value, const char* flag) {
    const Value* const found = value.find(flag);
    return found != nullptr && found->flag() != nullptr && *found->flag();
  }

  [[nodiscard]] std::string needed(const Value& value, const char* member,
                                   const std::string& key) const {
    const Value* const found = value.find(member);
    if (found == nullptr || found->text() == nullptr || found->text()->empty()) {
      throw Error{Code::data, fmt::format("{}: {} has no {}", name_, printable(key), member)};
    }
    return *found->text();
  }

  std::string name_;
  incident::Recipient about_;
  std::vector<FactSet> facts_;
};

/// How people who work here, or are told, can be reached stands in the record; nothing else that
/// identifies people does.
void refuse_leaks(const IncidentDesk& desk, const std::string& incident, const FactSet& fact) {
  const auto begins = [&](std::string_view with) { return fact.key.starts_with(with); };
  const bool is_contact =
      begins("contact.") || begins("customer.") || begins("authority.") || begins("org.");
  for (const std::string* const text :
       {&fact.value, &fact.basis, &fact.reason, &fact.expected_by}) {
    if (!text->empty()) {
      desk.refuse_leaks(*text, "the fact " + printable(fact.key), incident, is_contact);
    }
  }
}

/// Names that no text has, but something else asks for.
constexpr std::array<std::string_view, 7> other_names{
    "authority.email", "customer.email",  "org.establishment", "veris.actor",
    "veris.action",    "veris.discovery", "veris.disclosure"};

/// What the program counts, and what follows from other entries: nobody can say otherwise.
bool is_computed(const std::string& key) {
  constexpr std::array<std::string_view, 9> areas{"chain.",    "duties",        "incident.ref",
                                                  "late.by",   "notification.", "previous.",
                                                  "scope.run", "scope.counted", "severity."};
  constexpr std::array<std::string_view, 13> names{
      "customer.tenant_id", "incident.state", "incident.title", "is_detailed",
      "is_followup",        "is_late",        "notice.elapsed", "notice.number",
      "org.role",           "times.aware",    "times.detected", "times.notice",
      "times.notice_date"};
  const std::string_view base = std::string_view{key}.substr(
      0, key.ends_with("_ist") || key.ends_with("_sgt") ? key.size() - 4 : key.size());
  return std::ranges::any_of(areas,
                             [&](std::string_view area) { return base.starts_with(area); }) ||
         std::ranges::find(names, base) != names.end() ||
         (base.starts_with("times.") && base.ends_with("_due")) || base == "times.assessed";
}

/// Fields of all texts; those that something else asks for are plain texts.
std::map<std::string, Field> fields_of(const notice::TemplateSet& texts) {
  std::map<std::string, Field> fields;
  for (const std::string_view name : other_names) {
    fields.emplace(name, Field{.name = std::string{name}, .when = {}, .item_fields = {}});
  }
  for (const notice::Template& text : texts.templates()) {
    for (const Field& field : text.rules.fields) {
      fields.emplace(field.name, field);
    }
  }
  return fields;
}

void check_value(const FactSet& fact, const Field& field, Time now) {
  if (field.kind == Field::Kind::flag && fact.value != "true" && fact.value != "false") {
    refuse(fmt::format("the fact {} is neither true nor false", fact.key), "it is yes or no");
  }
  if (field.kind == Field::Kind::list || field.kind == Field::Kind::list_optional) {
    const auto refuse_list = [&] {
      refuse(fmt::format("the fact {} is no list", fact.key),
             fmt::format("write it as [{{\"{}\":\"...\"}}]",
                         fmt::join(field.item_fields, "\":\"...\",\"")));
    };
    try {
      const Value list = notice::parse(fact.value, "the fact " + fact.key);
      const bool is_list =
          list.list() != nullptr && std::ranges::all_of(*list.list(), [&](const Value& item) {
            return std::ranges::all_of(field.item_fields, [&](const std::string& name) {
              const Value* const text = item.object() == nullptr ? nullptr : item.find(name);
              return text != nullptr && text->text() != nullptr;
            });
          });
      if (!is_list) {
        refuse_list();
      }
    } catch (const Error& error) {
      if (error.code() != Code::data) {
        throw;
      }
      refuse_list();
    }
  }
  const bool is_moment = fact.key == "occurred_from" || fact.key == "occurred_to";
  const auto moment = is_moment ? parse_moment(fact.value) : std::nullopt;
  if (is_moment && !moment && !parse_day(fact.value)) {
    refuse(fmt::format("{} is no time at which it {}", printable(fact.value),
                       fact.key == "occurred_from" ? "began" : "ended"),
           "write it as 2026-11-20T06:15:00Z or 2026-11-20; or say --unknown");
  }
  if (moment && moment->time > now) {
    refuse(fmt::format("{} is to come", printable(fact.value)), "it is about what has happened");
  }
  if (fact.key.ends_with(".email")) {
    mail::check_address(fact.value, "fact " + fact.key);
  }
}

void check(const FactSet& fact, const std::map<std::string, Field>& fields, Time now) {
  if (is_computed(fact.key)) {
    refuse(
        fmt::format("{} is no fact: it follows from the rest of the record", printable(fact.key)),
        "correct what it follows from: breach mark, scope, severity, decide");
  }
  const auto field = fields.find(fact.key);
  if (field == fields.end()) {
    std::vector<std::string> names;
    std::ranges::transform(fields, std::back_inserter(names),
                           [](const auto& each) { return each.first; });
    const auto near = closest(fact.key, names);
    refuse(fmt::format("no notice has a field {}", printable(fact.key)),
           near ? fmt::format("did you mean {}?", *near)
                : "trackier-ctl breach check names the fields that are missing");
  }
  if (fact.known == Known::unknown && !parse_moment(fact.expected_by) &&
      !parse_day(fact.expected_by)) {
    refuse(fmt::format("{} is no time at which {} will be known", printable(fact.expected_by),
                       printable(fact.key)),
           "write it as 2026-11-30T12:00:00Z or 2026-11-30");
  }
  if (const auto expected = parse_moment(fact.expected_by); expected && expected->time < now) {
    refuse(fmt::format("{} is over", printable(fact.expected_by)), "say when it will be known");
  }
  if (fact.known != Known::unknown) {
    if (is_blank(fact.value)) {
      refuse(fmt::format("the fact {} is empty", printable(fact.key)), "say --unknown if it is");
    }
    check_value(fact, field->second, now);
  }
}

bool is_country(const law::Law& law, const std::string& code) {
  return std::ranges::any_of(law.authorities,
                             [&](const auto& group) { return group.second.contains(code); });
}

void check_countries(const FactSet& fact, const law::Law& law) {
  const std::string& of = fact.about.country;
  if (!of.empty() && !is_country(law, of)) {
    refuse(fmt::format("there is no authority of {}", printable(of)),
           "countries are two capital letters: DE");
  }
  const bool is_establishment =
      fact.key == "org.establishment" && fact.known != Known::unknown && fact.value != "none";
  if (is_establishment && !is_country(law, fact.value)) {
    refuse(fmt::format("there is no authority of {}", printable(fact.value)),
           "two capital letters, as DE; or none");
  }
}

void show(Context& context, const incident::Incident& incident) {
  for (const auto& [name, fact] : incident.facts) {
    const FactSet& set = fact.set;
    context.out().result(
        fmt::format("{}{}: {}\n", printable(set.key),
                    set.about == incident::Recipient{} ? "" : " of " + printable(set.about.name()),
                    set.known == Known::unknown
                        ? fmt::format("not known yet ({}), expected {}", printable(set.reason),
                                      printable(set.expected_by))
                        : fmt::format("{}{}{}", printable(set.value),
                                      set.known == Known::estimate ? " (an estimate)" : "",
                                      set.basis.empty() ? "" : ", from " + printable(set.basis))));
  }
}

int run(Context& context, const Options& options) {
  IncidentDesk desk{context};
  if (options.text.empty() && !options.file) {
    show(context, desk.incident(options.incident));
    return 0;
  }
  if (!options.text.empty() && options.file) {
    refuse("a fact and a file of facts", "give one or the other");
  }
  const std::vector<FactSet> facts =
      options.file ? FactReader{printable(*options.file), about(options)}.read(
                         os::read_whole(context.files(), *options.file, most_facts))
                   : std::vector{fact_of(options)};
  const auto fields = fields_of(notice_texts(context));
  desk.expect_customer(desk.incident(options.incident), options.tenant.value_or(""));
  for (const FactSet& fact : facts) {  // before the first is recorded
    check(fact, fields, desk.now());
    check_countries(fact, desk.law());
    refuse_leaks(desk, options.incident, fact);
  }
  for (const FactSet& fact : facts) {
    tell_recorded(context, desk.record(options.incident, {desk.now(), {}},
                                       [&](const incident::Incident&) { return fact; }));
  }
  return 0;
}

}  // namespace

Command make_fact() {
  auto options = std::make_shared<Options>();
  Command command{"fact", "say what is known, estimated, or not known yet"};
  command.about(
      "Facts fill the fields of notices; without one, shows those there are. A field that is a\n"
      "list takes JSON: consequences='[{\"text\":\"more unwanted mail\"}]'. A file has many, as\n"
      "JSON: {\"cause\": {\"value\": \"...\", \"basis\": \"...\"}, \"incident\": {\"kind\": "
      "\"...\"}}.");
  add_incident(command, options->incident);
  command.positional("NAME=VALUE", options->text, "a field of the notices");
  command.option("--from", options->file, "FILE", "all facts of a file").offers(Offer::files);
  command.option("--tenant", options->tenant, "TENANT", "of this customer alone");
  command.option("--country", options->country, "CODE", "of the authority of this country: DE");
  command.option("--basis", options->basis, "TEXT", "where it is known from");
  command.flag("--estimate", options->estimate, "not certain; with --basis");
  command.flag("--unknown", options->unknown, "not known yet; with --because and --expect");
  command.option("--because", options->because, "TEXT", "why it is unknown");
  command.option("--expect", options->expect, "TIME", "when it will be known");
  command.run([options](Context& context) { return run(context, *options); });
  return command;
}

}  // namespace trackier::cli::breach_verbs
