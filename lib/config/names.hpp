#pragma once
/// Names and words in settings, and what to suggest where one is none. Of interest inside this area
/// only.

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "config/document.hpp"
#include "core/text.hpp"

namespace trackier::config {

/// Names of profiles, tenants, keys and patterns: letters, digits, '-', '_', '.', at most 64.
bool is_name(std::string_view text);

inline constexpr const char* what_a_name_is =
    "a name has letters, digits, '-', '_' and '.', at most 64";

/// Throws unless `name`, a key of `table`, is one.
void check_name(const Table& table, std::string_view name);

/// "did you mean ...?", or all of them when none is near.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

/// `text`, the value of `key`, as one of some words; named: word to std::optional<Value>.
template <typename Value, typename Named>
Value word(const Table& table, std::string_view key, const std::string& text, Named named,
           const std::vector<std::string>& words) {
  const auto value = named(text);
  if (!value) {
    throw table.error(key, fmt::format("{}: unknown {}", table.full_name(key), printable(text)),
                      suggestion(text, words));
  }
  return *value;
}

}  // namespace trackier::config
