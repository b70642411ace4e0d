#include "anonymize/profile.hpp"

#include <algorithm>
#include <utility>

namespace trackier::anonymize {

namespace {

template <typename Enum, std::size_t Count>
std::optional<Enum> named(const std::array<std::string_view, Count>& names, std::string_view name) {
  const auto* found = std::ranges::find(names, name);
  if (found == names.end()) {
    return std::nullopt;
  }
  return static_cast<Enum>(found - names.begin());
}

constexpr std::array<std::string_view, 15> format_names = {
    "plain", "common",     "combined", "json", "csv",     "tsv",  "logfmt",    "syslog",
    "w3c",   "cloudfront", "elb",      "alb",  "haproxy", "zeek", "log_format"};
constexpr std::array<std::string_view, 14> action_names = {
    "keep", "truncate", "mask",   "hash",    "pseudonym",  "redact",      "generalize",
    "drop", "tokenize", "prefix", "ipcrypt", "ipcrypt-nd", "ipcrypt-ndx", "decode"};
constexpr std::array<std::string_view, alphabets> alphabet_names = {"digits", "hex", "lower",
                                                                    "upper", "alnum"};
constexpr std::array<std::string_view, 5> unit_names = {"minute", "hour", "day", "month", "year"};

}  // namespace

std::string_view name_of(Format format) {
  return format_names[static_cast<std::size_t>(format)];
}
std::optional<Format> format_named(std::string_view name) {
  const auto format = named<Format>(format_names, name);
  return format == Format::log_format ? std::nullopt : format;
}

std::string_view name_of(Action action) {
  return action_names[static_cast<std::size_t>(action)];
}
std::optional<Action> action_named(std::string_view name) {
  return named<Action>(action_names, name);
}

std::string_view name_of(Alphabet alphabet) {
  return alphabet_names[static_cast<std::size_t>(alphabet)];
}
std::optional<Alphabet> alphabet_named(std::string_view name) {
  return named<Alphabet>(alphabet_names, name);
}

std::string_view name_of(TimeUnit unit) {
  return unit_names[static_cast<std::size_t>(unit)];
}
std::optional<TimeUnit> time_unit_named(std::string_view name) {
  return named<TimeUnit>(unit_names, name);
}

Transform default_transform(Kind kind) {
  Transform transform;
  switch (kind) {
    case Kind::ipv4:
    case Kind::ipv6:
    case Kind::mac:
      transform.action = Action::truncate;
      break;
    case Kind::uuid:
    case Kind::id:
      transform.action = Action::hash;
      break;
    case Kind::location:
      transform.action = Action::generalize;
      transform.decimals = 1;  // a number, and never a time
      break;
    default:
      transform.action = Action::redact;
  }
  return transform;
}

std::optional<Transform> truncation_preset(std::string_view name) {
  constexpr std::array<std::string_view, 3> names = {"last-octet", "two-octets", "three-octets"};
  const auto* const found = std::ranges::find(names, name);
  if (found == names.end()) {
    return std::nullopt;
  }
  const auto step = 8 * static_cast<int>(found - names.begin());
  return Transform{.action = Action::truncate,
                   .ipv4_prefix = 24 - step,
                   .ipv6_prefix = step == 0 ? 48 : 40 - step};
}

bool is_reversible(const Transform& transform) {
  return transform.action == Action::tokenize || transform.action == Action::prefix ||
         transform.action == Action::ipcrypt || transform.action == Action::ipcrypt_nd ||
         transform.action == Action::ipcrypt_ndx;
}

bool needs_key(const Transform& transform) {
  return transform.action == Action::hash || transform.action == Action::pseudonym ||
         is_reversible(transform);
}

std::string_view name_of(Profile::Unparsed unparsed) {
  switch (unparsed) {
    case Profile::Unparsed::scan:
      return "scan";
    case Profile::Unparsed::redact:
      return "redact";
    default:
      return "drop";
  }
}

Profile only_reversible(Profile profile) {
  for (const Kind kind : all_kinds) {
    Transform& transform = profile.transforms[kind];
    if (!is_reversible(transform)) {
      profile.detect[kind] = false;
      transform = {.action = Action::keep};
    }
  }
  for (FieldRule& field : profile.fields) {
    if (!is_reversible(field.transform) && field.transform.action != Action::decode) {
      field.transform = {.action = Action::keep};
    }
  }
  std::erase_if(profile.patterns,
                [](const PatternRule& pattern) { return !is_reversible(pattern.transform); });
  profile.person_names = false;
  profile.unparsed = Profile::Unparsed::scan;
  return profile;
}

bool is_reversible(const Profile& profile) {
  const auto can_be_undone = [](const Transform& transform) { return is_reversible(transform); };
  return std::ranges::any_of(profile.transforms, can_be_undone) ||
         std::ranges::any_of(profile.fields, can_be_undone, &FieldRule::transform) ||
         std::ranges::any_of(profile.patterns, can_be_undone, &PatternRule::transform);
}

bool makes_tokens(const Profile& profile) {
  const auto is_token = [](const Transform& transform) {
    return transform.action == Action::tokenize;
  };
  return std::ranges::any_of(profile.transforms, is_token) ||
         std::ranges::any_of(profile.fields, is_token, &FieldRule::transform) ||
         std::ranges::any_of(profile.patterns, is_token, &PatternRule::transform);
}

Profile built_in_profile() {
  Profile profile;
  profile.detect.fill(true);
  for (const Kind kind : all_kinds) {
    profile.transforms[kind] = default_transform(kind);
  }
  return profile;
}

}  // namespace trackier::anonymize
