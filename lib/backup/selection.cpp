#include "backup/selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/text.hpp"

namespace trackier::backup {
namespace {

using store::SignedManifest;

constexpr std::size_t least_digits = 4;
constexpr std::size_t most_digits = 32;

bool is_id_prefix(std::string_view text) {
  return text.size() >= least_digits && text.size() <= most_digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<std::uint64_t> sequence_in(std::string_view text) {
  std::uint64_t number = 0;
  if (!text.starts_with('#')) {
    return std::nullopt;
  }
  text.remove_prefix(1);
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc{} && end == text.data() + text.size() ? std::optional{number}
                                                                    : std::nullopt;
}

template <typename Fits>
const SignedManifest* newest(const store::Listing& listing, Fits fits) {
  const SignedManifest* found = nullptr;
  for (const SignedManifest& each : listing.manifests) {
    found = fits(each) ? &each : found;
  }
  return found;
}

}  // namespace

NamedBackup parse_named_backup(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) {
    return {.source = std::string{text}, .when = "latest"};
  }
  return {.source = std::string{text.substr(0, at)}, .when = std::string{text.substr(at + 1)}};
}

std::optional<Time> parse_moment(std::string_view text) {
  std::string full{text};
  constexpr std::string_view day = "2026-11-23";
  constexpr std::string_view minute = "2026-11-23T10:00Z";
  if (text.size() == day.size()) {
    full += "T00:00:00Z";
  } else if (text.size() == minute.size() && text.ends_with('Z')) {
    full = fmt::format("{}:00Z", text.substr(0, text.size() - 1));
  }
  return parse_rfc3339(full);
}

const SignedManifest& select(const store::Listing& listing, const std::set<std::string>& verified,
                             const std::string& when, const std::string& source) {
  const SignedManifest* found = nullptr;
  const std::string shown = printable(source);
  if (when == "latest") {
    found = newest(listing, [](const auto& each) { return !each.manifest.damaged; });
    if (found == nullptr) {
      throw Error{Code::no_input,
                  fmt::format("source {} has no {}backup", shown,
                              listing.manifests.empty() ? "" : "undamaged "),
                  listing.manifests.empty()
                      ? ""
                      : "damaged ones are named by their ids; trackier-ctl backups shows them"};
    }
  } else if (when == "verified") {
    found = newest(listing, [&](const auto& each) { return verified.contains(each.manifest.id); });
    if (found == nullptr) {
      throw Error{Code::no_input, fmt::format("no backup of source {} has been verified", shown)};
    }
  } else if (const auto moment = parse_moment(when)) {
    found = newest(listing, [&](const auto& each) {
      return !each.manifest.damaged && each.manifest.taken <= *moment;
    });
    if (found == nullptr) {
      throw Error{Code::no_input, fmt::format("source {} has no backup taken at {} or before",
                                              shown, to_rfc3339(*moment))};
    }
  } else if (const auto sequence = sequence_in(when)) {
    found = newest(listing, [&](const auto& each) { return each.manifest.sequence == *sequence; });
  } else if (is_id_prefix(when)) {
    const auto fits = [&](const auto& each) { return each.manifest.id.starts_with(when); };
    if (std::ranges::count_if(listing.manifests, fits) > 1) {
      throw Error{Code::usage, fmt::format("several backups begin with {}", when),
                  "write more of the id"};
    }
    found = newest(listing, fits);
  } else {
    throw Error{Code::usage, fmt::format("@{} names no backup", printable(when)),
                "write @latest, @verified, a time as @2026-11-23T10:00Z, or an id"};
  }
  if (found == nullptr) {
    throw Error{Code::no_input, fmt::format("source {} has no backup {}", shown, printable(when)),
                fmt::format("trackier-ctl backups {} shows those it has", shown)};
  }
  return *found;
}

}  // namespace trackier::backup
