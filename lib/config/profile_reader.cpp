#include "config/profile_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "anonymize/addresses.hpp"
#include "anonymize/log_format.hpp"
#include "anonymize/patterns.hpp"
#include "config/names.hpp"
#include "config/toml_string.hpp"
#include "config/transform.hpp"
#include "core/text.hpp"

namespace trackier::config {

using anonymize::Action;
using anonymize::Kind;
using anonymize::Profile;
using anonymize::Transform;
using Unparsed = Profile::Unparsed;

namespace {

const std::vector<std::string> format_words = {"auto",       "plain", "common", "combined", "json",
                                               "csv",        "tsv",   "logfmt", "syslog",   "w3c",
                                               "cloudfront", "elb",   "alb",    "haproxy",  "zeek"};

std::optional<Unparsed> unparsed_named(std::string_view name) {
  for (const auto each : {Unparsed::scan, Unparsed::redact, Unparsed::drop}) {
    if (name == anonymize::name_of(each)) {
      return each;
    }
  }
  return std::nullopt;
}

std::vector<std::string> kind_words() {
  std::vector<std::string> words;
  for (const Kind kind : anonymize::all_kinds) {
    if (kind != Kind::pattern && kind != Kind::field) {
      words.emplace_back(anonymize::name_of(kind));
    }
  }
  return words;
}

Kind kind(const Table& table, std::string_view key, const std::string& text) {
  const auto found = anonymize::kind_named(text);
  if (!found || *found == Kind::pattern || *found == Kind::field) {
    throw table.error(key,
                      fmt::format("{}: unknown kind {}", table.full_name(key), printable(text)),
                      suggestion(text, kind_words()));
  }
  return *found;
}

}  // namespace

void ProfileReader::check_key(const Table& table, std::string_view key,
                              const std::string& name) const {
  if (keys_.contains(name)) {
    return;
  }
  std::vector<std::string> names;
  for (const auto& [known, reference] : keys_) {
    names.push_back(known);
  }
  throw table.error(key,
                    fmt::format("{}: no key is named {}", table.full_name(key), printable(name)),
                    names.empty() ? "name it in the section [keys]" : suggestion(name, names));
}

void ProfileReader::note_list(const Table& table, std::string_view key,
                              const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  std::ranges::transform(texts, std::back_inserter(quoted),
                         [](const std::string& text) { return toml_string(text); });
  origins_.note(table, key, fmt::format("[{}]", fmt::join(quoted, ", ")));
}

Profile ProfileReader::read(Table& table, const std::string& name) {
  Profile made = anonymize::built_in_profile();
  made.name = name;
  if (const auto format = table.text("format"); format && *format != "auto") {
    made.format =
        word<anonymize::Format>(table, "format", *format, anonymize::format_named, format_words);
  }
  origins_.note(table, "format",
                toml_string(made.format ? anonymize::name_of(*made.format) : "auto"));
  read_log_format(table, made);
  if (const auto key = table.text("key")) {
    check_key(table, "key", *key);
    made.key = *key;
    origins_.note(table, "key", toml_string(*key));
  }
  if (const auto epoch = table.text("epoch")) {
    made.epoch =
        word<PeriodUnit>(table, "epoch", *epoch, period_unit_named, {"day", "week", "month"});
    origins_.note(table, "epoch", toml_string(*epoch));
  }
  if (const auto unparsed = table.text("unparsed")) {
    made.unparsed =
        word<Unparsed>(table, "unparsed", *unparsed, unparsed_named, {"scan", "redact", "drop"});
  }
  read_detectors(table, made);
  read_rules(table, made);
  read_patterns(table, made);
  origins_.note(table, "unparsed", toml_string(anonymize::name_of(made.when_unparsed())));
  table.refuse_others();
  return made;
}

void ProfileReader::read_log_format(Table& table, Profile& made) {
  const auto log_format = table.text("log_format");
  if (!log_format) {
    return;
  }
  if (made.format) {
    throw table.error("log_format",
                      fmt::format("{} and {} both say what the format is",
                                  table.full_name("log_format"), table.full_name("format")),
                      "leave format out");
  }
  try {
    anonymize::compile_log_format(*log_format);
  } catch (const Error& error) {
    throw table.error("log_format",
                      fmt::format("{}: {}", table.full_name("log_format"), error.what()),
                      error.hint());
  }
  made.log_format = *log_format;
  origins_.note(table, "log_format", toml_string(*log_format));
}

void ProfileReader::read_detectors(Table& table, Profile& made) {
  if (const auto kinds = table.texts("detect")) {
    made.detect.fill(false);
    for (const std::string& each : *kinds) {
      made.detect[kind(table, "detect", each)] = true;
    }
    note_list(table, "detect", *kinds);
  }
  made.known_names = table.boolean("known_names").value_or(true);
  origins_.note(table, "known_names", made.known_names ? "true" : "false");
  made.person_names = table.boolean("person_names").value_or(false);
  origins_.note(table, "person_names", made.person_names ? "true" : "false");
  if (const auto networks = table.texts("keep_networks")) {
    for (const std::string& network : *networks) {
      if (!anonymize::Networks{}.add(network)) {
        throw table.error("keep_networks",
                          fmt::format("{}: {} is no network", table.full_name("keep_networks"),
                                      printable(network)),
                          "write it like \"10.0.0.0/8\", \"fd00::/8\" or \"private\"");
      }
    }
    made.keep_networks = *networks;
    note_list(table, "keep_networks", *networks);
  }
}

namespace {

/// What is found by its shape is no base64 of something.
void refuse_decode(Table& table, const std::string& key, const Transform& transform) {
  if (transform.action == anonymize::Action::decode) {
    throw table.error(key, table.full_name(key) + ": decode is for fields alone",
                      "name the field in the profile's fields");
  }
}

}  // namespace

void ProfileReader::read_rules(Table& table, Profile& made) {
  if (auto fields = table.table("fields")) {
    for (const std::string& selector : fields->keys()) {
      if (selector.empty()) {
        throw fields->error(selector, fields->full_name("\"\"") + " selects no field",
                            "name a field, its number, or a path");
      }
      made.fields.push_back({selector, transform_at(*fields, selector)});
      origins_.note(*fields, selector, toml_of(made.fields.back().transform));
    }
  }
  if (auto kinds = table.table("kinds")) {
    for (const std::string& each : kinds->keys()) {
      const Kind which = kind(*kinds, each, each);
      made.transforms[which] = transform_at(*kinds, each);
      refuse_decode(*kinds, each, made.transforms[which]);
      origins_.note(*kinds, each, toml_of(made.transforms[which]));
    }
  }
}

void ProfileReader::read_patterns(Table& table, Profile& made) {
  for (Table& each : table.tables("patterns")) {
    read_pattern(each, made);
  }
}

void ProfileReader::read_pattern(Table& table, Profile& made) {
  const auto name = table.text("name");
  const auto regex = table.text("regex");
  if (!name || !regex) {
    const std::string section = table.full_name("");
    throw table.error(
        "", fmt::format("{} needs a name and a regex", section.substr(0, section.size() - 1)));
  }
  if (!is_name(*name)) {  // it is written into records, between brackets
    throw table.error(
        "name", fmt::format("{}: {} is not a name", table.full_name("name"), toml_string(*name)),
        what_a_name_is);
  }
  if (std::ranges::find(made.patterns, *name, &anonymize::PatternRule::name) !=
      made.patterns.end()) {
    throw table.error(
        "name", fmt::format("{}: {} is there already", table.full_name("name"), printable(*name)));
  }
  Transform transform = transform_in(table, Action::redact);
  refuse_decode(table, "transform", transform);
  if (transform.action == Action::redact && transform.label.empty()) {
    transform.label = ascii_lower(*name);
  }
  made.patterns.push_back({*name, *regex, transform});
  Profile alone;
  alone.patterns.push_back(made.patterns.back());
  try {
    anonymize::Patterns{alone};
  } catch (const Error& error) {
    throw table.error("regex", error.what(), error.hint());
  }
  origins_.note(table, "name", toml_string(*name));
  origins_.note(table, "regex", toml_string(*regex));
  origins_.note(table, "transform", toml_of(transform));
  table.refuse_others();
}

}  // namespace trackier::config
