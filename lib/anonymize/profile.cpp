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
constexpr std::array<std::string_view, 8> action_names = {
    "keep", "truncate", "mask", "hash", "pseudonym", "redact", "generalize", "drop"};
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
      break;
    default:
      transform.action = Action::redact;
  }
  return transform;
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
