#include "config/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "anonymize/addresses.hpp"
#include "anonymize/patterns.hpp"
#include "config/document.hpp"
#include "config/toml_string.hpp"
#include "core/text.hpp"
#include "keys/reference.hpp"

namespace trackier::config {

namespace {

using anonymize::Action;
using anonymize::Kind;
using anonymize::Profile;
using anonymize::Transform;

constexpr std::size_t largest_file = 1024 * 1024;

/// Names of profiles, tenants, keys and patterns: letters, digits, '-', '_', '.'.
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

constexpr const char* what_a_name_is = "a name has letters, digits, '-', '_' and '.', at most 64";

void check_name(const Table& table, std::string_view name) {
  if (!is_name(name)) {
    throw table.error(name, table.full_name(name) + ": not a name", what_a_name_is);
  }
}

template <typename Names>
std::string suggestion(std::string_view word, const Names& names) {
  std::vector<std::string> candidates;
  for (const auto& name : names) {
    candidates.emplace_back(name);
  }
  const auto near = closest(word, candidates);
  return near ? "did you mean " + *near + "?"
              : fmt::format("one of: {}", fmt::join(candidates, ", "));
}

/// A value that is one of some words.
template <typename Value, typename Named>
Value word(const Table& table, std::string_view key, const std::string& text, Named named,
           const std::vector<std::string_view>& names) {
  const auto value = named(text);
  if (!value) {
    throw table.error(key, fmt::format("{}: unknown {}", table.full_name(key), printable(text)),
                      suggestion(text, names));
  }
  return *value;
}

const std::vector<std::string_view> action_words = {"keep",      "truncate", "mask",       "hash",
                                                    "pseudonym", "redact",   "generalize", "drop"};
const std::vector<std::string_view> format_words = {"auto", "plain", "common", "combined", "json",
                                                    "csv",  "tsv",   "logfmt", "syslog"};
const std::vector<std::string_view> unit_words = {"minute", "hour", "day", "month", "year"};

std::vector<std::string_view> kind_words() {
  std::vector<std::string_view> words;
  for (const Kind kind : anonymize::all_kinds) {
    if (kind != Kind::pattern && kind != Kind::field) {
      words.push_back(anonymize::name_of(kind));
    }
  }
  return words;
}

Kind kind(const Table& table, std::string_view key, const std::string& text) {
  const auto words = kind_words();
  const auto found = anonymize::kind_named(text);
  if (!found || *found == Kind::pattern || *found == Kind::field) {
    throw table.error(key,
                      fmt::format("{}: unknown kind {}", table.full_name(key), printable(text)),
                      suggestion(text, words));
  }
  return *found;
}

/// The parameters of a transform, which stand beside its name.
void read_parameters(Table& table, Transform& transform) {
  const auto number = [&table](std::string_view key, int least, int most, int& value) {
    if (const auto given = table.integer(key, least, most)) {
      value = static_cast<int>(*given);
    }
  };
  switch (transform.action) {
    case Action::truncate:
      number("ipv4_prefix", 0, 32, transform.ipv4_prefix);
      number("ipv6_prefix", 0, 128, transform.ipv6_prefix);
      break;
    case Action::mask: {
      number("keep_first", 0, 1000, transform.keep_first);
      number("keep_last", 0, 1000, transform.keep_last);
      if (const auto text = table.text("mask")) {
        constexpr std::string_view unfit = "\"'\\,[]{}()<>";
        if (text->size() != 1 || (*text)[0] <= ' ' || (*text)[0] > '~' ||
            unfit.find((*text)[0]) != std::string_view::npos) {
          throw table.error("mask",
                            table.full_name("mask") + " has to be one printable ASCII character",
                            "quotes, backslashes, commas and brackets would break formats");
        }
        transform.mask_character = (*text)[0];
      }
      break;
    }
    case Action::hash:
      if (const auto bits = table.integer("bits", 64, 256)) {
        if (*bits != 64 && *bits != 128 && *bits != 256) {
          throw table.error("bits", table.full_name("bits") + " has to be 64, 128 or 256");
        }
        transform.bits = static_cast<int>(*bits);
      }
      break;
    case Action::redact:
      if (const auto label = table.text("label")) {
        const bool good =
            !label->empty() && label->size() <= 40 && std::ranges::all_of(*label, [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == ' ';
            });
        if (!good) {
          throw table.error("label", table.full_name("label") +
                                         " has to be lower-case letters, digits, spaces and '-'");
        }
        transform.label = *label;
      }
      break;
    case Action::generalize:
      if (const auto unit = table.text("unit")) {
        transform.unit =
            word<anonymize::TimeUnit>(table, "unit", *unit, anonymize::time_unit_named, unit_words);
      }
      number("decimals", 0, 6, transform.decimals);
      if (const auto band = table.number("band", 1e-6, 1e12)) {
        transform.band = *band;
      }
      break;
    case Action::drop:
      transform.drop_record = table.boolean("drop_record").value_or(false);
      break;
    default:
      break;
  }
}

/// "hash", or { transform = "hash", bits = 256 }. context: beside it other keys may stand, which
/// the caller asks for.
Transform transform_in(Table& table, Action fallback) {
  Transform transform;
  const auto name = table.text("transform");
  transform.action =
      name ? word<Action>(table, "transform", *name, anonymize::action_named, action_words)
           : fallback;
  read_parameters(table, transform);
  return transform;
}

Transform transform_at(Table& table, const std::string& key) {
  if (table.is_text(key)) {
    Transform transform;
    transform.action =
        word<Action>(table, key, *table.text(key), anonymize::action_named, action_words);
    return transform;
  }
  auto inner = table.table(key);
  if (!inner->has("transform")) {
    throw table.error(key, table.full_name(key) + " names no transform",
                      "write it like { transform = \"hash\" }");
  }
  const Transform transform = transform_in(*inner, Action::redact);
  inner->refuse_others();
  return transform;
}

class Reader {
 public:
  explicit Reader(const Document& document) { settings_.file = document.file(); }

  Settings read(Table root) {
    read_keys(root);
    if (auto table = root.table("profile")) {
      for (const std::string& name : table->keys()) {
        check_name(*table, name);
        auto inner = table->table(name);
        settings_.profiles.emplace(name, profile(*inner, name));
      }
    }
    if (auto table = root.table("tenant")) {
      for (const std::string& name : table->keys()) {
        check_name(*table, name);
        auto inner = table->table(name);
        read_tenant(*inner, name);
      }
    }
    read_anonymize(root);
    root.refuse_others();
    return std::move(settings_);
  }

 private:
  void note(const Table& table, std::string_view key, std::string value) {
    std::string from = "default";
    if (table.has(key)) {
      const Position where = table.position(key);
      from = fmt::format("{}:{}:{}", printable(settings_.file), where.line, where.column);
    }
    settings_.origins.push_back({table.full_name(key), std::move(value), std::move(from)});
  }

  void read_keys(Table& root) {
    auto table = root.table("keys");
    if (!table) {
      return;
    }
    for (const std::string& name : table->keys()) {
      check_name(*table, name);
      const std::string reference = *table->text(name);
      try {
        keys::parse_reference(reference, Code::config);
      } catch (const Error& error) {
        throw table->error(name, table->full_name(name) + ": " + error.what(), error.hint());
      }
      settings_.keys.emplace(name, reference);
      note(*table, name, toml_string(reference));
    }
  }

  void check_reference(const Table& table, std::string_view key, const std::string& name) const {
    if (!settings_.keys.contains(name)) {
      std::vector<std::string> names;
      for (const auto& [known, reference] : settings_.keys) {
        names.push_back(known);
      }
      throw table.error(
          key, fmt::format("{}: no key is named {}", table.full_name(key), printable(name)),
          names.empty() ? "name it in the section [keys]" : suggestion(name, names));
    }
  }

  void check_profile(const Table& table, std::string_view key, const std::string& name) const {
    if (!settings_.profiles.contains(name)) {
      std::vector<std::string> names;
      for (const auto& [known, profile] : settings_.profiles) {
        names.push_back(known);
      }
      throw table.error(
          key, fmt::format("{}: no profile is named {}", table.full_name(key), printable(name)),
          names.empty() ? "describe it in a section [profile." + printable(name) + "]"
                        : suggestion(name, names));
    }
  }

  Profile profile(Table& table, const std::string& name) {
    Profile made = anonymize::built_in_profile();
    made.name = name;
    if (const auto format = table.text("format"); format && *format != "auto") {
      made.format =
          word<anonymize::Format>(table, "format", *format, anonymize::format_named, format_words);
    }
    note(table, "format", toml_string(made.format ? anonymize::name_of(*made.format) : "auto"));
    if (const auto key = table.text("key")) {
      check_reference(table, "key", *key);
      made.key = *key;
      note(table, "key", toml_string(*key));
    }
    if (const auto unparsed = table.text("unparsed")) {
      made.unparsed = word<Profile::Unparsed>(table, "unparsed", *unparsed, unparsed_named,
                                              {"scan", "redact", "drop"});
    }
    if (const auto kinds = table.texts("detect")) {
      made.detect.fill(false);
      for (const std::string& each : *kinds) {
        made.detect[kind(table, "detect", each)] = true;
      }
      note(table, "detect", fmt::format("[{}]", fmt::join(quoted_all(*kinds), ", ")));
    }
    made.known_names = table.boolean("known_names").value_or(true);
    note(table, "known_names", made.known_names ? "true" : "false");
    if (const auto networks = table.texts("keep_networks")) {
      for (const std::string& network : *networks) {
        if (!anonymize::Network::parse(network)) {
          throw table.error("keep_networks",
                            fmt::format("{}: {} is no network", table.full_name("keep_networks"),
                                        printable(network)),
                            "write it like \"10.0.0.0/8\" or \"fd00::/8\"");
        }
      }
      made.keep_networks = *networks;
      note(table, "keep_networks", fmt::format("[{}]", fmt::join(quoted_all(*networks), ", ")));
    }
    if (auto fields = table.table("fields")) {
      for (const std::string& selector : fields->keys()) {
        made.fields.push_back({selector, transform_at(*fields, selector)});
        note(*fields, selector,
             toml_string(anonymize::name_of(made.fields.back().transform.action)));
      }
    }
    if (auto kinds = table.table("kinds")) {
      for (const std::string& each : kinds->keys()) {
        const Kind which = kind(*kinds, each, each);
        made.transforms[which] = transform_at(*kinds, each);
        note(*kinds, each, toml_string(anonymize::name_of(made.transforms[which].action)));
      }
    }
    read_patterns(table, made);
    note(table, "unparsed", toml_string(name_of_unparsed(made.when_unparsed())));
    table.refuse_others();
    return made;
  }

  void read_patterns(Table& table, Profile& made) {
    for (Table& each : table.tables("patterns")) {
      const auto name = each.text("name");
      const auto regex = each.text("regex");
      if (!name || !regex) {
        throw each.error("",
                         fmt::format("{} needs a name and a regex",
                                     each.full_name("").substr(0, each.full_name("").size() - 1)));
      }
      if (!is_name(*name)) {  // it is written into records, between brackets
        throw each.error(
            "name", fmt::format("{}: {} is not a name", each.full_name("name"), toml_string(*name)),
            what_a_name_is);
      }
      if (std::ranges::find(made.patterns, *name, &anonymize::PatternRule::name) !=
          made.patterns.end()) {
        throw each.error("name", fmt::format("{}: {} is there already", each.full_name("name"),
                                             printable(*name)));
      }
      Transform transform = transform_in(each, Action::redact);
      if (transform.action == Action::redact && transform.label.empty()) {
        transform.label = ascii_lower(*name);
      }
      made.patterns.push_back({*name, *regex, transform});
      Profile alone;
      alone.patterns.push_back(made.patterns.back());
      try {
        anonymize::Patterns{alone};
      } catch (const Error& error) {
        throw each.error("regex", error.what(), error.hint());
      }
      note(each, "name", toml_string(*name));
      each.refuse_others();
    }
  }

  void read_tenant(Table& table, const std::string& name) {
    Tenant tenant;
    if (const auto profile = table.text("profile")) {
      check_profile(table, "profile", *profile);
      tenant.profile = *profile;
      note(table, "profile", toml_string(*profile));
    }
    if (const auto key = table.text("key")) {
      check_reference(table, "key", *key);
      tenant.key = *key;
      note(table, "key", toml_string(*key));
    }
    table.refuse_others();
    settings_.tenants.emplace(name, tenant);
  }

  void read_anonymize(Table& root) {
    auto table = root.table("anonymize");
    Anonymize& made = settings_.anonymize;
    if (table) {
      if (const auto profile = table->text("profile")) {
        check_profile(*table, "profile", *profile);
        made.profile = *profile;
      }
      made.min_parsed = table->number("min_parsed", 0, 1).value_or(made.min_parsed);
      made.threads =
          static_cast<unsigned>(table->integer("threads", 0, 256).value_or(made.threads));
      table->refuse_others();
    }
    const auto origin = [&](std::string_view key, std::string value) {
      if (table) {
        note(*table, key, std::move(value));
      } else {
        settings_.origins.push_back({"anonymize." + std::string{key}, std::move(value), "default"});
      }
    };
    origin("profile", toml_string(made.profile));
    origin("min_parsed", fmt::format("{}", made.min_parsed));
    origin("threads", fmt::format("{}", made.threads));
  }

  static std::vector<std::string> quoted_all(const std::vector<std::string>& texts) {
    std::vector<std::string> all;
    std::ranges::transform(texts, std::back_inserter(all),
                           [](const std::string& text) { return toml_string(text); });
    return all;
  }

  static std::optional<Profile::Unparsed> unparsed_named(std::string_view name) {
    for (const auto each :
         {Profile::Unparsed::scan, Profile::Unparsed::redact, Profile::Unparsed::drop}) {
      if (name == name_of_unparsed(each)) {
        return each;
      }
    }
    return std::nullopt;
  }

  static std::string_view name_of_unparsed(Profile::Unparsed unparsed) {
    switch (unparsed) {
      case Profile::Unparsed::scan:
        return "scan";
      case Profile::Unparsed::redact:
        return "redact";
      default:
        return "drop";
    }
  }

  Settings settings_;
};

}  // namespace

Settings parse_settings(std::string_view text, const std::string& file) {
  const Document document{text, file};
  Settings settings = Reader{document}.read(document.root());
  std::ranges::stable_sort(settings.origins, {}, &Origin::key);
  return settings;
}

Settings load_settings(os::FileSystem& files, const SettingsPlaces& places) {
  std::optional<std::filesystem::path> path = places.named;
  if (!path) {
    const auto there = std::ranges::find_if(
        places.usual, [&files](const auto& each) { return files.status(each).has_value(); });
    if (there == places.usual.end()) {
      Settings settings = parse_settings("", "");
      settings.file.clear();
      return settings;
    }
    path = *there;
  }
  const auto file = files.open(*path);
  std::string text;
  std::array<std::byte, 16384> buffer{};
  for (std::size_t got = 0; (got = file->read(buffer)) > 0;) {
    text.append(as_text(Bytes{buffer}.first(got)));
    if (text.size() > largest_file) {
      throw Error{Code::config, printable(path->string()) + " is larger than 1 MiB",
                  "settings are a few lines of TOML"};
    }
  }
  return parse_settings(text, path->string());
}

}  // namespace trackier::config
