#include "compare/same_but.hpp"

#include <algorithm>

namespace trackier::compare {
namespace {

std::size_t common_bytes(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

}  // namespace

// The earliest place of each stretch between replacements leaves the most room for those behind it:
// there is no need to try another.
std::optional<std::size_t> first_difference(
    std::string_view expected, std::span<const anonymize::Replacements::Stretch> replaced,
    std::string_view line) {
  const std::string_view head =
      expected.substr(0, replaced.empty() ? expected.size() : replaced.front().begin);
  if (!line.starts_with(head)) {
    return common_bytes(head, line);
  }
  std::size_t at = head.size();
  if (replaced.empty()) {
    return at == line.size() ? std::nullopt : std::optional{at};
  }
  for (std::size_t i = 0; i + 1 < replaced.size(); ++i) {
    const std::string_view between =
        expected.substr(replaced[i].end, replaced[i + 1].begin - replaced[i].end);
    const std::size_t found = line.find(between, at);
    if (found == std::string_view::npos) {
      return at;
    }
    at = found + between.size();
  }
  const std::string_view tail = expected.substr(replaced.back().end);
  return line.size() >= at + tail.size() && line.ends_with(tail) ? std::nullopt : std::optional{at};
}

}  // namespace trackier::compare
