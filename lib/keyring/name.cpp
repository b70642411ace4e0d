#include "keyring/name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "core/error.hpp"
#include "core/text.hpp"

namespace trackier::keyring {
namespace {

constexpr std::size_t longest_tenant = 63;

constexpr std::array<std::pair<Purpose, std::string_view>, 4> purposes{{
    {Purpose::encrypt, "encrypt"},
    {Purpose::backup, "backup"},
    {Purpose::pseudonymize, "pseudonymize"},
    {Purpose::audit_sign, "audit-sign"},
}};

bool is_letter_or_digit(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
}

/// Decimal, without sign and leading zeros.
std::optional<std::uint32_t> parse_version(std::string_view text) {
  std::uint32_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (!whole || text.front() == '0' || version > most_versions) {
    return std::nullopt;
  }
  return version;
}

}  // namespace

std::string_view to_text(Purpose purpose) {
  const auto* const found =
      std::ranges::find(purposes, purpose, &std::pair<Purpose, std::string_view>::first);
  if (found == purposes.end()) {
    throw Error{Code::bug, "a purpose without a name"};
  }
  return found->second;
}

std::optional<Purpose> parse_purpose(std::string_view text) {
  const auto* const found =
      std::ranges::find(purposes, text, &std::pair<Purpose, std::string_view>::second);
  return found == purposes.end() ? std::nullopt : std::optional{found->first};
}

bool is_tenant(std::string_view text) {
  return !text.empty() && text.size() <= longest_tenant && is_letter_or_digit(text.front()) &&
         std::ranges::all_of(text, [](char letter) {
           return is_letter_or_digit(letter) || letter == '-' || letter == '_' || letter == '.';
         });
}

std::string to_text(const Series& series) {
  return fmt::format("{}/{}", series.tenant, to_text(series.purpose));
}

std::string to_text(const KeyName& name) {
  return fmt::format("{}/{}", to_text(name.series()), name.version);
}

std::optional<Series> parse_series(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || !is_tenant(text.substr(0, slash))) {
    return std::nullopt;
  }
  const auto purpose = parse_purpose(text.substr(slash + 1));
  return purpose ? std::optional{Series{std::string{text.substr(0, slash)}, *purpose}}
                 : std::nullopt;
}

std::optional<KeyName> parse_key_name(std::string_view text) {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos || slash + 1 == text.size()) {
    return std::nullopt;
  }
  auto series = parse_series(text.substr(0, slash));
  const auto version = parse_version(text.substr(slash + 1));
  return series && version
             ? std::optional{KeyName{std::move(series->tenant), series->purpose, *version}}
             : std::nullopt;
}

Series series_named(std::string_view text) {
  if (const auto name = parse_key_name(text)) {
    return name->series();
  }
  if (auto series = parse_series(text)) {
    return std::move(*series);
  }
  throw Error{Code::usage, fmt::format("{} is no name of a key", printable(text)),
              "keys are called TENANT/PURPOSE or TENANT/PURPOSE/VERSION, as acme/encrypt/3"};
}

}  // namespace trackier::keyring
