#include "config/names.hpp"

#include <algorithm>

namespace trackier::config {

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

void check_name(const Table& table, std::string_view name) {
  if (!is_name(name)) {
    throw table.error(name, table.full_name(name) + ": not a name", what_a_name_is);
  }
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
  const auto near = closest(word, candidates);
  return near ? "did you mean " + *near + "?"
              : fmt::format("one of: {}", fmt::join(candidates, ", "));
}

}  // namespace trackier::config
